"""The bench that asks whether pictures show what was felt: what it makes of a judge's words."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from bench import feelings
from models.core.emotions import EXPRESSIONS, JUDGED_GROUPS


def judge(sees: np.ndarray) -> SimpleNamespace:
    """One who reads picture n as expression sees[n], and happiness in all of them besides."""
    said = np.eye(7)[sees] + 3 * np.eye(7)[EXPRESSIONS.index("happy")]
    members = [[EXPRESSIONS.index(name) for name in some] for some in JUDGED_GROUPS.values()]
    groups = np.stack([np.eye(7)[sees][:, some].sum(1) for some in members], 1)
    return SimpleNamespace(
        expressions=lambda _pictures: said,
        groups=lambda _pictures: groups,
        accuracy={"positive": 0.7, "surprise": 0.7, "negative": 0.4},
        sevens=np.full(7, 0.3),
    )


def test_a_judge_who_reads_all_right_and_one_who_confuses():
    wanted = np.repeat(np.arange(7), 4)
    group, seven, least = feelings.read("all right", judge(wanted), [], wanted, free=True)
    assert group.value == seven.value == least.value == 100
    assert group.goal.limit == pytest.approx(80) and group.baseline == pytest.approx(60)
    assert group.met and seven.met and least.met

    confused = np.where(wanted == EXPRESSIONS.index("fear"), EXPRESSIONS.index("angry"), wanted)
    group, seven, least = feelings.read("fear", judge(confused), [], wanted, free=False)
    assert group.value == 100, "both are negative"
    assert seven.value == pytest.approx(600 / 7)
    assert least.value == 0 and least.name.endswith("fear") and not least.met


def test_every_engine_has_its_sections():
    assert {"style/bloom", "style/landscape", "dream", "felt"} <= set(feelings.SECTIONS)
    assert "dream/bloom" not in feelings.SECTIONS
