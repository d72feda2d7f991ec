"""The time from a hand to the canvas, on canvases made for it."""

import numpy as np
import pytest

from bench import hand


def seen(answer: float | None) -> dict:
    """Two minutes in which a breathing canvas changes `answer` seconds after each mark."""
    chance = np.random.default_rng(1)
    times = np.arange(0, 120, 1 / 30)
    marks = [[1000 * now, bool(int(now / hand.REST) % 2)] for now in np.arange(0, 120, 1 / 15)]
    pictures = 90 + 4 * np.sin(2 * np.pi * times / 5)[:, None] + chance.normal(0, 0.5, (3600, 64))
    if answer is not None:
        pictures[((times - answer) / hand.REST).astype(int) % 2 == 1, :20] += 40
    return {"marks": marks, "times": (1000 * times).tolist(), "pictures": pictures.tolist()}


@pytest.mark.parametrize("answer", [0.08, 0.2])
def test_the_first_canvas_that_answers_is_found(answer):
    found = hand.delays(seen(answer))
    assert len(found) >= 20
    # the mark is seen up to a camera picture late, the canvas up to a display frame
    earliest, latest = 1000 * (answer - 1 / 15), 1000 * (answer + 1 / 30)
    assert all(earliest - 1 <= delay <= latest + 1 for delay in found)


def test_a_canvas_that_only_breathes_is_no_answer():
    assert np.isinf(hand.delays(seen(None))).all()


def test_a_camera_without_the_mark_is_named():
    shown = seen(0.1)
    shown["marks"] = [[now, False] for now, _ in shown["marks"]]
    with pytest.raises(ValueError, match="mark"):
        hand.delays(shown)
