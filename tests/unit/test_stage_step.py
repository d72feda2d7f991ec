"""step(): replay, mirror, absence, no emotion, freeze, commands."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from server.stage import initial, step, to_json
from server.values import EXPRESSIONS, Command, Guess, SceneState
from tests.unit.stage_readings import (
    BODY,
    HANDS,
    HEAD,
    NOBODY,
    POSES,
    Play,
    expression,
    pose,
    reading,
)

ROOT = Path(__file__).resolve().parents[2]


def session(seed: int, emotion: bool = True) -> list[SceneState]:
    """A lively minute: noisy faces, arms, comings and goings, commands."""
    random = np.random.default_rng(3)
    play = Play(initial(emotion=emotion), seed)
    for second in range(60):
        mood, arms = EXPRESSIONS[second // 3 % 7], POSES[second // 5 % 4]
        for _ in range(25):
            noise = random.dirichlet(np.ones(7))
            shares = {
                name: 0.6 * (name == mood) + 0.4 * float(share)
                for name, share in zip(EXPRESSIONS, noise, strict=True)
            }
            moving = replace(BODY, energy=float(random.random()), openness=second % 10 / 10)
            turned = replace(HEAD, x=float(random.uniform(0.3, 0.5)), yaw=float(second - 30))
            here = reading(Guess(shares, 0.8) if emotion else None, pose(arms), turned, moving)
            play.each([NOBODY if 40 <= second < 44 else here])
        if second % 7 == 0:
            play.ask(("more", "freeze", "freeze", "capture", "cancel", "scene")[second // 7 % 6])
    return play.states


def digest(states: list[SceneState]) -> str:
    text = json.dumps([to_json(state) for state in states])
    return hashlib.sha256(text.encode()).hexdigest()


# --- the same input gives the same output -----------------------------------------


@pytest.mark.parametrize("emotion", [True, False])
def test_a_session_replays_exactly(emotion):
    assert session(5, emotion) == session(5, emotion)


def test_another_process_gives_the_same(tmp_path):
    """Sets and hashes of words differ between processes; the scene must not."""
    script = "from tests.unit.test_stage_step import digest, session; print(digest(session(5)))"
    found = {
        subprocess.run(
            [sys.executable, "-c", script],
            cwd=ROOT,
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        for seed in ("1", "2")
    }
    assert found == {digest(session(5))}


def test_another_seed_gives_other_objects_but_the_same_form():
    first, second = session(5), session(6)
    assert [state.form for state in first] == [state.form for state in second]
    assert [state.add for state in first] != [state.add for state in second]


def test_a_step_leaves_its_state_as_it_was():
    play = Play(initial())
    play.show(reading(expression("happy"), pose("arms_crossed")), 1.0)
    before = play.state
    text = json.dumps(to_json(before))
    later = reading(expression("angry"), pose("arms_up"))
    once = step(before, later, play.now + 0.04, 1)
    step(before, Command("clear"), play.now + 0.04, 1)
    again = step(before, later, play.now + 0.04, 1)
    assert once == again
    assert once.memory == again.memory
    assert json.dumps(to_json(before)) == text


def test_time_counts_from_the_first_call_and_never_backwards():
    state = step(initial(), reading(), 1000.0, 1)
    assert state.time == 0.0
    state = step(state, reading(frame=2), 1000.5, 1)
    assert (state.time, state.frame) == (0.5, 2)
    assert step(state, reading(), 999.0, 1).time == 0.5


# --- the mirror -------------------------------------------------------------------


def test_the_visitor_sees_a_mirror():
    play = Play(initial())
    play.show(reading(), 1.0)
    body = play.state.body
    # HEAD is left of the middle of the camera's picture, turned to its right.
    assert body["head"] == pytest.approx(
        {"x": 0.2, "y": 0.4, "size": 0.3, "yaw": -10.0, "pitch": 5.0, "roll": -3.0}
    )
    assert body["lean"] == pytest.approx(-0.2)
    # The visitor's own left hand is on the left of a mirror, right in the picture.
    left, right = body["hands"]
    assert left == {"side": "left", "x": pytest.approx(-0.4), "y": 0.0, "open": 1.0}
    assert right == {
        "side": "right",
        "x": pytest.approx(0.6),
        "y": pytest.approx(-0.2),
        "open": 0.0,
    }


def test_of_two_hands_of_one_side_the_surer_counts():
    ghost = replace(HANDS[0], x=0.1, confidence=0.2)
    state = step(initial(), reading(hands=(ghost, HANDS[0])), 1.0, 1)
    assert [hand["x"] for hand in state.body["hands"]] == [pytest.approx(-0.4)]


def test_a_measure_that_is_no_number_counts_as_unseen():
    play = Play(initial())
    broken = replace(HEAD, yaw=float("nan"))
    play.show(reading(head=broken, body=replace(BODY, energy=float("inf"))), 1.0)
    assert play.state.body["head"] is None
    play.show(reading(), 1.0)
    assert play.state.body["head"]["yaw"] == pytest.approx(-10)
    json.dumps([to_json(state) for state in play.states], allow_nan=False)


# --- nobody ------------------------------------------------------------------------


def test_nobody_from_the_start():
    play = Play(initial())
    play.show(NOBODY, 2.0)
    state = play.state
    assert not state.present
    assert state.expression is None
    assert state.mixture["neutral"] == 1.0
    assert state.body["head"] is None and state.body["hands"] == []
    assert not any(state.add for state in play.states)


def test_a_visitor_who_leaves_takes_feeling_and_movement_along():
    play = Play(initial())
    wild = replace(BODY, energy=1.0, openness=1.0, lean=0.8)
    play.show(reading(expression("angry"), pose("arms_up"), body=wild), 3.0)
    states = play.show(NOBODY, 8.0)
    assert states[5].present  # a short loss is no leaving
    assert states[5].body["head"] is not None
    last = states[-1]
    assert not last.present
    assert last.people == 0
    assert last.expression is None
    assert last.mixture["neutral"] > 0.99
    assert last.certainty < 0.01
    assert last.pose["name"] == "neutral"
    assert last.pose["confidence"] < 0.01
    assert last.body["head"] is None and last.body["hands"] == []
    rest = initial()
    for group in ("affect", "form", "motion"):
        assert getattr(last, group) == pytest.approx(getattr(rest, group), abs=0.02)
    assert last.colour["accent"] == pytest.approx(rest.colour["accent"], abs=0.5)
    speeds = [state.motion["speed"] for state in states]
    assert max(abs(a - b) for a, b in zip(speeds, speeds[1:], strict=False)) < 0.1


def test_a_face_without_a_body_and_a_body_without_a_face():
    play = Play(initial())
    play.show(reading(expression("happy"), body=None, hands=()), 2.0)
    assert play.state.present and play.state.expression == "happy"
    assert play.state.body["openness"] == pytest.approx(0.1)
    play.show(reading(head=None, hands=()), 6.0)
    assert play.state.present and play.state.expression == "neutral"
    assert play.state.body["head"] is None
    assert play.state.body["openness"] == pytest.approx(0.3, abs=0.01)


# --- without emotion ----------------------------------------------------------------


def test_without_emotion_the_body_drives_everything():
    play = Play(initial(emotion=False))
    play.show(reading(body=replace(BODY, energy=0.0, openness=0.1)), 3.0)
    still = play.state
    play.show(reading(body=replace(BODY, energy=0.9, openness=0.1)), 3.0)
    moving = play.state
    play.show(reading(body=replace(BODY, energy=0.0, openness=1.0)), 3.0)
    wide = play.state
    for state in play.states:
        assert state.mixture is None
        assert state.expression is None
        assert state.certainty == 0.0
    assert moving.affect["arousal"] > still.affect["arousal"] + 0.5
    assert moving.motion["speed"] > still.motion["speed"] + 0.5
    assert wide.form["roundness"] > still.form["roundness"] + 0.1
    assert wide.form["opening"] > still.form["opening"] + 0.5
    hues = [state.colour["accent"][2] for state in (still, moving, wide)]
    assert min(abs(a - b) for a, b in ((hues[0], hues[1]), (hues[1], hues[2]))) > 30


def test_without_emotion_a_pose_and_a_burst_bring_objects():
    play = Play(initial(emotion=False))
    calm = replace(BODY, energy=0.0)
    play.show(reading(arms=pose("neutral"), body=calm), 3.0)
    posed = play.show(reading(arms=pose("arms_up"), body=calm), 3.0)
    assert sum(bool(state.add) for state in posed) == 1
    burst = play.show(reading(arms=pose("arms_up"), body=replace(BODY, energy=0.9)), 3.0)
    assert sum(bool(state.add) for state in burst) == 1
    assert max(state.motion["expand"] for state in burst) > 0.95
    play.show(reading(arms=pose("arms_up"), body=calm), 2.0)
    again = play.show(reading(arms=pose("arms_up"), body=replace(BODY, energy=0.9)), 2.0)
    assert sum(bool(state.add) for state in again) == 1


def test_a_bare_scene_state_will_do():
    state = step(SceneState(), reading(), 1.0, 1)
    assert state.mixture is None
    state = step(state, reading(expression("happy")), 1.1, 1)
    assert sum(state.mixture.values()) == pytest.approx(1.0)


# --- commands -------------------------------------------------------------------------


def test_commands_become_actions_with_increasing_ids():
    play = Play(initial())
    play.show(reading(), 1.0)
    ids = []
    asked = {"capture": None, "scene": "garden", "freeze": None, "clear": None}
    for name, argument in asked.items():
        state = play.ask(name, argument)
        (action,) = state.actions
        assert (action.name, action.argument) == (name, argument)
        ids.append(action.id)
        assert play.show(reading(), 0.04)[0].actions == ()
    assert ids == [1, 2, 3, 4]


def test_cancel_without_a_countdown_does_nothing():
    play = Play(initial())
    play.show(reading(), 1.0)
    assert play.ask("cancel").actions == ()
    assert play.state.countdown is None


def test_freeze_holds_form_and_body_until_it_is_asked_again():
    play = Play(initial())
    play.show(reading(expression("happy")), 2.0)
    held = play.ask("freeze")
    assert held.frozen
    wild = replace(BODY, energy=1.0, openness=1.0)
    states = play.show(reading(expression("angry"), head=replace(HEAD, x=0.8), body=wild), 3.0)
    for state in states:
        assert state.frozen
        for group in ("affect", "colour", "form", "motion", "body"):
            assert getattr(state, group) == getattr(held, group)
        assert not state.add and not state.remove
    assert states[-1].expression == "angry"  # what is read goes on
    assert not play.ask("freeze").frozen
    play.show(reading(expression("angry"), body=wild), 2.0)
    assert play.state.form["roundness"] < held.form["roundness"] - 0.3


def test_who_leaves_does_not_leave_a_frozen_scene():
    play = Play(initial())
    play.show(reading(), 1.0)
    play.ask("freeze")
    play.show(NOBODY, 3.0)
    assert not play.state.frozen
    play.ask("freeze")  # staff may freeze an empty scene
    play.show(NOBODY, 3.0)
    assert play.state.frozen
