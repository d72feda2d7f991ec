"""step(state, reading, now, seed) -> SceneState: the stage, one Reading or Command at a time.

The same Readings and Commands at the same times with the same seed give exactly
the same SceneStates, so a recorded session replays.  In a notebook:

    state = initial()
    for reading in readings:
        state = step(state, reading, now=reading.time, seed=1)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from server.stage.affect import affect_of_body, affect_of_mixture, voices
from server.stage.colour import aim, move
from server.stage.commands import answer, obey, remove_objects
from server.stage.coordinates import (
    FACE,
    body_in_scene,
    face_in_scene,
    hand_in_scene,
    head_in_scene,
)
from server.stage.form import inputs
from server.stage.mappings import Mappings, Trigger, load_mappings
from server.stage.memory import Memory
from server.stage.objects import expired
from server.stage.show import with_form, with_reading
from server.stage.smoothing import Leader, Shares, blend, faded, follow, lead, smoothing_factor
from server.stage.triggers import Hold, count
from server.values import EXPRESSIONS, NEUTRAL_POSE, Command, Reading, SceneState

NEUTRAL = "neutral"
LONGEST_STEP = 0.5
"""Seconds; after a longer silence (a hidden tab) nothing counts on as if it had been seen."""


def initial(mappings: Mappings | None = None, emotion: bool = True) -> SceneState:
    """The scene at rest, before anybody is seen.

    `mappings` are read from mappings.toml where they are not given.  `emotion`
    False is for `--no-emotion`: the mixture is null and the body drives everything.
    """
    data = mappings if mappings is not None else load_mappings()
    shares = dict.fromkeys(EXPRESSIONS, 0.0) | {NEUTRAL: 1.0}
    mixture = shares if emotion else None
    openness = data.absence.openness
    affect = _affect(shares, 0.0, emotion, openness, 0.0, data)
    speaking = voices(mixture, openness, 0.0, data)
    memory = Memory(
        mappings=data,
        emotion=emotion,
        expression=Shares(shares, 0.0, 0.0),
        leader=Leader(NEUTRAL, 0.0, NEUTRAL, 0.0),
        pose=Shares({NEUTRAL_POSE: 1.0}, 0.0, 0.0),
        pose_leader=Leader(NEUTRAL_POSE, 0.0, NEUTRAL_POSE, 0.0),
        hold=Hold(NEUTRAL_POSE),
        tint=aim(affect, speaking, data.characters, data.colour),
        openness=openness,
        energy=0.0,
        lean=0.0,
        voices=speaking,
        inputs=inputs(affect, mixture, openness, 0.0),
    )
    return with_form(with_reading(SceneState(memory=memory)))


def step(state: SceneState, reading: Reading | Command, now: float, seed: int) -> SceneState:
    """The next SceneState: what changes in the scene because of one Reading or Command.

    `now` is in seconds of any clock that does not run backwards; `seed` is the
    session's.  `state` is the last result, or `initial()`, and is left as it is.
    `add`, `remove` and `actions` hold only what is new since the last call.
    """
    if not isinstance(state.memory, Memory):
        state = initial(emotion=False)
    began = now if state.memory.began is None else state.memory.began
    state = replace(
        state,
        time=max(now - began, state.time),
        add=(),
        remove=(),
        actions=(),
        reset=False,
        memory=replace(state.memory, began=began),
    )
    if isinstance(reading, Command):
        return obey(state, reading, seed)
    return _read(state, reading, seed)


def with_triggers(state: SceneState, triggers: Mapping[str, Trigger]) -> SceneState:
    """The same scene, in which other held poses do something from now on."""
    mappings = replace(state.memory.mappings, triggers=triggers)
    return replace(state, memory=replace(state.memory, mappings=mappings))


def _read(state: SceneState, reading: Reading, seed: int) -> SceneState:
    last = state.memory.read
    dt = 0.0 if last is None else min(state.time - last, LONGEST_STEP)
    memory = _follow_parts(state.memory, reading, state.time, dt)
    memory, due = _judge(memory, reading, state.time, dt)
    present = memory.seen is not None and (
        state.time - memory.seen <= memory.mappings.absence.leave
    )
    # A visitor who leaves must not leave a frozen scene to the next one.
    frozen = state.frozen and not (state.present and not present)
    state = replace(
        state,
        frame=reading.frame,
        present=present,
        people=reading.landmarks.people,
        frozen=frozen,
        memory=memory,
    )
    state = with_reading(state)
    if not frozen:
        state = with_form(replace(state, memory=_feel(memory, dt)))
    if due is not None:
        state = obey(state, due, seed)
    if not frozen:
        state = remove_objects(state, expired(state.memory.living, state.memory.clock))
        state = answer(state, seed)
    return state


def _follow_parts(memory: Memory, reading: Reading, time: float, dt: float) -> Memory:
    data = memory.mappings
    place, angle, measure = data.position, data.angle, data.measure
    in_head = (place, place, place, angle, angle, angle)
    in_body = (measure, measure, measure, place, place)
    in_hand = (place, place, measure)
    in_face = (measure,) * len(FACE)
    grace = data.absence.grace
    body = follow(memory.body, body_in_scene(reading.body), time, dt, in_body, grace)
    if body is not None:
        openness, energy, lean = body.values[:3]
    else:
        factor = smoothing_factor(dt, data.absence.half_life)
        openness = memory.openness + factor * (data.absence.openness - memory.openness)
        energy = memory.energy * (1.0 - factor)
        lean = memory.lean * (1.0 - factor)
    left, right = hand_in_scene(reading, "left"), hand_in_scene(reading, "right")
    return replace(
        memory,
        read=time,
        seen=time if reading.present else memory.seen,
        head=follow(memory.head, head_in_scene(reading.head), time, dt, in_head, grace),
        face=follow(memory.face, face_in_scene(reading.face), time, dt, in_face, grace),
        body=body,
        left=follow(memory.left, left, time, dt, in_hand, grace),
        right=follow(memory.right, right, time, dt, in_hand, grace),
        openness=min(max(openness, 0.0), 1.0),
        energy=min(max(energy, 0.0), 1.0),
        lean=min(max(lean, -1.0), 1.0),
    )


def _judge(
    memory: Memory, reading: Reading, time: float, dt: float
) -> tuple[Memory, Command | None]:
    """Expression and pose, smoothed and with hysteresis, and what a held pose asks for."""
    data = memory.mappings
    expression = blend(memory.expression, reading.expression, time, dt, data.expression, NEUTRAL)
    seen = faded(expression.shares, expression.certainty, NEUTRAL)
    pose = blend(memory.pose, reading.pose, time, dt, data.pose, NEUTRAL_POSE)
    poses = faded(pose.shares, pose.certainty, NEUTRAL_POSE)
    pose_leader = lead(memory.pose_leader, poses, dt, data.pose, NEUTRAL_POSE)
    hold, due = count(
        memory.hold, pose_leader.name, _is_newest(reading, pose_leader.name), dt, data.triggers
    )
    memory = replace(
        memory,
        emotion=memory.emotion or reading.expression is not None,
        expression=expression,
        leader=lead(memory.leader, seen, dt, data.expression, NEUTRAL),
        pose=pose,
        pose_leader=pose_leader,
        hold=hold,
    )
    return memory, due


def _is_newest(reading: Reading, pose: str) -> bool:
    """Whether the newest guess, by itself, is this pose."""
    if reading.pose is None or not reading.pose.probabilities:
        return False
    probabilities = reading.pose.probabilities
    return max(probabilities, key=probabilities.__getitem__) == pose


def _feel(memory: Memory, dt: float) -> Memory:
    """Colour, expansion and the rules' inputs move on by `dt`."""
    data = memory.mappings
    shares, certainty, _ = memory.expression
    mixture = faded(shares, certainty, NEUTRAL) if memory.emotion else None
    affect = _affect(shares, certainty, memory.emotion, memory.openness, memory.energy, data)
    speaking = voices(mixture, memory.openness, memory.energy, data)
    target = aim(affect, speaking, data.characters, data.colour)
    return replace(
        memory,
        clock=memory.clock + dt,
        tint=move(memory.tint, target, dt, data.colour.half_life),
        voices=speaking,
        inputs=inputs(affect, mixture, memory.openness, memory.energy),
    )


def _affect(
    shares: dict[str, float],
    certainty: float,
    emotion: bool,
    openness: float,
    energy: float,
    data: Mappings,
) -> dict[str, float]:
    if emotion:
        return affect_of_mixture(shares, certainty, data.affect)
    return affect_of_body(openness, energy, data.affect_of_body)
