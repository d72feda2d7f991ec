"""Poses that are held do something, after a countdown that can be escaped."""

from __future__ import annotations

from pathlib import Path

import pytest

import server.stage
from server.stage import initial, load_mappings
from tests.unit.stage_readings import NOBODY, Play, expression, pose, reading

CROSSED = reading(expression("neutral"), pose("arms_crossed"))
RELAXED = reading(expression("neutral"), pose("neutral"))


@pytest.fixture
def play():
    play = Play(initial())
    play.show(RELAXED, 2.0)
    assert sum(len(state.add) for state in play.states) > 0
    return play


def actions(states) -> list[str]:
    return [action.name for state in states for action in state.actions]


def test_arms_crossed_for_a_second_clear(play):
    states = play.show(CROSSED, 3.0)
    assert actions(states) == ["clear"]
    fired = next(i for i, state in enumerate(states) if state.actions)
    assert states[fired].remove
    assert states[fired].countdown is None
    stable = next(i for i, state in enumerate(states) if state.pose["name"] == "arms_crossed")
    assert (fired - stable) / 25 == pytest.approx(1.0, abs=0.05)
    assert not any(state.countdown for state in states[fired:])


def test_the_countdown_starts_with_the_stable_pose_and_falls(play):
    states = play.show(CROSSED, 1.0)
    first = next(state for state in states if state.pose["name"] == "arms_crossed")
    assert first.countdown == {"action": "clear", "remaining": 1.0, "length": 1.0}
    remaining = [state.countdown["remaining"] for state in states if state.countdown]
    assert remaining == sorted(remaining, reverse=True)
    assert all(0.0 <= value <= 1.0 for value in remaining)


def test_leaving_the_pose_escapes(play):
    states = []
    while not (play.state.countdown and play.state.countdown["remaining"] < 0.1):
        states += play.show(CROSSED, 0.04)
    states += play.show(RELAXED, 3.0)
    assert actions(states) == []
    assert play.state.countdown is None


def test_leaving_the_view_escapes(play):
    states = play.show(CROSSED, 1.0) + play.show(NOBODY, 4.0)
    assert actions(states) == []
    assert play.state.countdown is None


def test_cancel_escapes_until_the_pose_was_left(play):
    play.show(CROSSED, 0.8)
    assert play.state.countdown
    cancelled = play.ask("cancel")
    assert cancelled.countdown is None
    states = play.show(CROSSED, 5.0)
    assert actions(states) == []
    assert not any(state.countdown for state in states)
    play.show(RELAXED, 1.0)
    assert actions(play.show(CROSSED, 2.0)) == ["clear"]


def test_it_fires_once_until_the_pose_was_left(play):
    assert actions(play.show(CROSSED, 10.0)) == ["clear"]
    assert actions(play.show(RELAXED, 1.0)) == []
    assert actions(play.show(CROSSED, 3.0)) == ["clear"]


def test_a_wavering_pose_does_not_fire_by_chance(play):
    wavering = [CROSSED if i % 3 == 0 else RELAXED for i in range(25 * 20)]
    assert actions(play.each(wavering)) == []


def test_a_doubtful_pose_does_not_fire(play):
    assert actions(play.show(reading(arms=pose("arms_crossed", 0.9, 0.1)), 10.0)) == []


def test_which_pose_does_what_is_data(tmp_path):
    text = Path(server.stage.__file__).with_name("mappings.toml").read_text(encoding="utf-8")
    path = tmp_path / "mine.toml"
    path.write_text(
        text
        + '\n[triggers.arms_up]\naction = "capture"\nlength = 3.0\n'
        + '\n[triggers.arms_out]\naction = "scene"\nargument = "garden"\nlength = 0.5\n',
        encoding="utf-8",
    )
    play = Play(initial(load_mappings(path)))
    play.show(RELAXED, 1.0)
    states = play.show(reading(arms=pose("arms_up")), 2.9)
    assert actions(states) == []
    assert play.state.countdown["action"] == "capture"
    assert actions(play.show(reading(arms=pose("arms_up")), 1.0)) == ["capture"]
    states = play.show(reading(arms=pose("arms_out")), 2.0)
    (action,) = [action for state in states for action in state.actions]
    assert (action.name, action.argument) == ("scene", "garden")
