"""The tables of `python -m models evaluate pose`, from made people to the page."""

import json

import numpy as np
import pytest

from datasets.gestures import ArmSignals
from models import __main__ as command
from models.core import page
from models.pose import arm_signals, evaluate, train
from models.pose.classifier import PoseClassifier
from models.pose.evaluate import BEGIN, END, FRAME, WINDOW, goals, tables
from models.pose.samples import samples_of
from models.pose.train import CLASSES

FEW = dict.fromkeys(CLASSES, 5)


def made_signals() -> ArmSignals:
    """Three people who give three signals: a hand that goes up and down at three speeds."""
    rng = np.random.default_rng(0)
    times = np.arange(150) / 30
    bodies, signals, people, clips = [], [], [], []
    for person in range(3):
        for signal in range(3):
            body = np.full((len(times), 33, 4), np.nan, np.float32)
            body[:, :, 2:] = (0, 1)
            for point, place in {0: (0, 0), 11: (0.5, 0.7), 12: (-0.5, 0.7), 13: (0.7, 1.5),
                                 14: (-0.7, 1.4), 15: (0.7, 2.2), 16: (-0.8, 0.8),
                                 23: (0.4, 2.4), 24: (-0.4, 2.4)}.items():  # fmt: skip
                body[:, point, :2] = np.array(place) + rng.normal(0, 0.02, (len(times), 2))
            rate = (0.3, 1.2, 3.0)[signal] * (1 + 0.1 * person)
            body[:, 16, 1] += 0.4 * np.sin(2 * np.pi * (rate * times + rng.random()))
            bodies.append(body)
            signals += [signal] * len(times)
            people += [person] * len(times)
            clips += [len(bodies)] * len(times)
    return ArmSignals(
        np.concatenate(bodies), np.array(signals), np.array(people), np.array(clips),
        ["slow", "brisk", "quick"],
    )  # fmt: skip


@pytest.fixture(scope="module")
def found() -> dict:
    rng = np.random.default_rng(0)
    real, made_up, unseen = (samples_of(train.synthetic(FEW, rng)) for _ in range(3))
    real.groups[:] = np.array(["one", "two"])[np.arange(len(real.groups)) % 2]
    return evaluate.measure(made_signals(), real, made_up, unseen, PoseClassifier.load(), 10)


def test_movements_need_the_window():
    """Where the hand is in one frame does not say how fast it goes."""
    arms = made_signals()
    window = arm_signals.understood(arms, seed=0, rounds=150)
    frame = arm_signals.understood(arms, seed=0, rounds=150, raw=True)
    by_window, by_frame = (np.mean(list(one.people.values())) for one in (window, frame))
    # A quarter of the windows begin with the film and have seen little.
    assert by_window > 0.65 and by_window > by_frame + 0.2
    assert 0 < window.delay["median"] <= window.delay["most"]
    assert frame.delay == {}
    assert set(window.signals) == {"slow", "brisk", "quick"}


def test_everything_stands_in_the_tables(found):
    text = tables(json.loads(json.dumps(found)))
    for word in (*CLASSES, WINDOW, FRAME, "one", "two", "brisk", "synthetic people", "Delay"):
        assert word in text
    judged = page.met_or_missed(goals(found))
    assert judged.count(", goal ") == len(evaluate.GOALS)
    assert found["ms per reading"] > 0


def test_goals_compare_both_ways(found):
    better = json.loads(json.dumps(found))
    better["signals"][WINDOW]["people"] = {"a": 0.95, "b": 0.93, "c": 0.87}
    better["crossed wrongly"], better["ms per reading"] = 0.02, 0.5
    met = {name: met for name, _, _, met in goals(better)}
    assert list(met.values()) == [False, False, True, False, True]
    better["signals"][WINDOW]["people"]["c"] = 0.9
    assert [met for *_, met in goals(better)] == [True, True, True, False, True]


def test_missed_goals_are_said_and_end_with_1(found, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(page, "TRAINING", tmp_path)
    monkeypatch.setattr(page, "FIGURES", tmp_path / "figures.md")
    for name in ("pose.md", "figures.md"):
        (tmp_path / name).write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n")
    monkeypatch.setattr(evaluate, "material", lambda rng: (None, None, None))
    monkeypatch.setattr(evaluate.gestures, "load_arm_signals", made_signals)
    monkeypatch.setattr(evaluate, "measure", lambda *_, rounds: found)
    own = evaluate.evaluate
    monkeypatch.setattr(evaluate, "evaluate", lambda: own(tmp_path / "kept.json"))
    monkeypatch.setitem(evaluate.GOALS, "ms per reading", ("≤", 0.0))
    assert command.main(["evaluate", "pose"]) == 1
    assert "**missed**" in capsys.readouterr().out
    short = page.FIGURES.read_text()
    assert "**missed**" in short and "|" not in short and "old" not in short
    written = (page.TRAINING / "pose.md").read_text()
    assert written.startswith("before\n") and written.endswith("after\n")
    assert "arms_crossed" in written and "old" not in written
    for name in evaluate.GOALS:
        monkeypatch.setitem(evaluate.GOALS, name, ("≥", 0.0))
    assert command.main(["evaluate", "pose"]) == 0
    assert json.loads((tmp_path / "kept.json").read_text()) == json.loads(json.dumps(found))


@pytest.mark.parametrize("path", [page.TRAINING / "pose.md", page.FIGURES])
def test_the_pages_have_the_place_for_the_tables(path):
    assert page.with_text(path.read_text(), BEGIN, END, "new").count("new") >= 1
    with pytest.raises(ValueError, match="needs the two lines"):
        page.with_text("nothing", BEGIN, END, "new")
