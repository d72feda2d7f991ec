"""step(state, reading, now, seed) -> SceneState: the stage, one Reading or Command at a time.

The same Readings and Commands at the same times with the same seed give exactly
the same SceneStates, so a recorded session replays.  In a notebook:

    state = initial()
    for reading in readings:
        state = step(state, reading, now=reading.time, seed=1)
"""

from __future__ import annotations

from dataclasses import replace

from server.stage.affect import affect_of_body, affect_of_mixture, voices
from server.stage.colour import aim, move, paint
from server.stage.form import expansion, form, inputs, motion
from server.stage.mappings import Mappings, load_mappings
from server.stage.memory import Memory
from server.stage.mirror import HAND, HEAD, body_in_scene, hand_in_scene, head_in_scene
from server.stage.objects import born, expired, too_many, without
from server.stage.smoothing import Leader, Shares, blend, faded, follow, lead, share_of_way
from server.stage.triggers import Hold, count, countdown
from server.values import (
    EXPRESSIONS,
    NEUTRAL_POSE,
    Action,
    Command,
    Reading,
    SceneState,
)

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
    felt = shares if emotion else None
    openness = data.absence.openness
    affect = _affect(shares, 0.0, emotion, openness, 0.0, data)
    speaking = voices(felt, openness, 0.0, data)
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
        inputs=inputs(affect, felt, openness, 0.0),
    )
    return _show(_say(SceneState(memory=memory)))


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
        return _obey(state, reading, seed)
    return _read(state, reading, seed)


# --- Readings ----------------------------------------------------------------


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
    state = _say(state)
    if not frozen:
        was = state.memory
        state = _show(replace(state, memory=_feel(was, dt)))
    if due is not None:
        state = _obey(state, due, seed)
    if not frozen:
        state = _leave(state, expired(state.memory.living, state.memory.clock))
        state = _answer(state, seed)
    return state


def _follow_parts(memory: Memory, reading: Reading, time: float, dt: float) -> Memory:
    data = memory.mappings
    place, angle, measure = data.position, data.angle, data.measure
    in_head = (place, place, place, angle, angle, angle)
    in_body = (measure, measure, measure, place, place)
    in_hand = (place, place, measure)
    grace = data.absence.grace
    body = follow(memory.body, body_in_scene(reading.body), time, dt, in_body, grace)
    if body is not None:
        openness, energy, lean = body.values[:3]
    else:
        way = share_of_way(dt, data.absence.half_life)
        openness = memory.openness + way * (data.absence.openness - memory.openness)
        energy = memory.energy * (1.0 - way)
        lean = memory.lean * (1.0 - way)
    left, right = hand_in_scene(reading, "left"), hand_in_scene(reading, "right")
    return replace(
        memory,
        read=time,
        seen=time if reading.present else memory.seen,
        head=follow(memory.head, head_in_scene(reading.head), time, dt, in_head, grace),
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
    trusted = min(expression.certainty / data.expression.trust, 1.0)
    seen = faded(expression.shares, trusted, NEUTRAL)
    pose = blend(memory.pose, reading.pose, time, dt, data.pose, NEUTRAL_POSE)
    trusted = min(pose.certainty / data.pose.trust, 1.0)
    poses = faded(pose.shares, trusted, NEUTRAL_POSE)
    pose_leader = lead(memory.pose_leader, poses, dt, data.pose, NEUTRAL_POSE)
    hold, due = count(
        memory.hold, pose_leader.name, _says(reading, pose_leader.name), dt, data.triggers
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


def _says(reading: Reading, pose: str) -> bool:
    """Whether the newest guess, by itself, is this pose."""
    if reading.pose is None or not reading.pose.probabilities:
        return False
    probabilities = reading.pose.probabilities
    return max(probabilities, key=probabilities.__getitem__) == pose


def _feel(memory: Memory, dt: float) -> Memory:
    """Colour, expansion and the rules' inputs move on by `dt`."""
    data = memory.mappings
    shares, certainty, _ = memory.expression
    felt = faded(shares, certainty, NEUTRAL) if memory.emotion else None
    affect = _affect(shares, certainty, memory.emotion, memory.openness, memory.energy, data)
    speaking = voices(felt, memory.openness, memory.energy, data)
    target = aim(affect, speaking, data.characters, data.colour)
    return replace(
        memory,
        clock=memory.clock + dt,
        tint=move(memory.tint, target, dt, data.colour.half_life),
        voices=speaking,
        inputs=inputs(affect, felt, memory.openness, memory.energy),
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


# --- What the scene shows ------------------------------------------------------


def _say(state: SceneState) -> SceneState:
    """Mixture, expression, pose and countdown: also while the form is frozen."""
    memory = state.memory
    shares, certainty, _ = memory.expression
    pose, held = memory.pose_leader.name, memory.pose_leader.held
    return replace(
        state,
        mixture=shares if memory.emotion else None,
        expression=memory.leader.name if memory.emotion and state.present else None,
        certainty=certainty if memory.emotion else 0.0,
        pose={
            "name": pose,
            "confidence": memory.pose.certainty * memory.pose.shares.get(pose, 0.0),
            "held": held,
        },
        countdown=countdown(memory.hold, memory.mappings.triggers),
    )


def _show(state: SceneState) -> SceneState:
    """Affect, colour, form, motion and body: what holds still while frozen."""
    memory = state.memory
    data, values = memory.mappings, memory.inputs
    age = None if memory.expanding is None else memory.clock - memory.expanding
    hands = [
        {"side": side} | dict(zip(HAND, track.values, strict=True))
        for side, track in (("left", memory.left), ("right", memory.right))
        if track is not None
    ]
    head = memory.head
    return replace(
        state,
        affect={name: values[name] for name in ("pleasure", "arousal", "dominance")},
        colour=paint(memory.tint, data.colour),
        form=form(values, data),
        motion=motion(values, expansion(age, data.expand.rise), data),
        body={
            "openness": memory.openness,
            "energy": memory.energy,
            "lean": memory.lean,
            "head": None if head is None else dict(zip(HEAD, head.values, strict=True)),
            "hands": hands,
        },
    )


# --- Objects and actions ---------------------------------------------------------


def _answer(state: SceneState, seed: int) -> SceneState:
    """Objects, and the single expansion, when the expression or the movement changes."""
    memory = state.memory
    data = memory.mappings
    now = memory.leader.name if memory.emotion else memory.pose_leader.name
    burst = not memory.emotion and memory.calm and memory.energy >= data.expand.burst
    calm = memory.energy <= data.expand.calm or (memory.calm and not burst)
    memory = replace(memory, calm=calm)
    if not state.present:
        return replace(state, memory=replace(memory, answered=None))
    if burst or (memory.leader.held == 0.0 and now == data.expand.expression):
        memory = replace(memory, expanding=memory.clock)
    state = replace(state, memory=memory)
    early = memory.answered_at is not None and (
        memory.clock - memory.answered_at < data.objects.pause
    )
    if early or (now == memory.answered and not burst):
        return state
    speaker = now if memory.emotion else max(memory.voices, key=memory.voices.__getitem__)
    state = replace(state, memory=replace(memory, answered=now, answered_at=memory.clock))
    return _bear(state, data.characters[speaker].born, seed)


def _obey(state: SceneState, command: Command, seed: int) -> SceneState:
    memory = state.memory
    if command.name == "more":
        return _bear(state, memory.mappings.objects.more, seed)
    if command.name == "cancel":
        if state.countdown is None:
            return state
        memory = replace(memory, hold=memory.hold._replace(spent=True))
        return replace(state, countdown=None, memory=memory)
    if command.name == "clear":
        state = _leave(state, tuple(one.object.id for one in memory.living))
    if command.name == "freeze":
        state = replace(state, frozen=not state.frozen)
    action = Action(memory.next_action, command.name, command.argument)
    return replace(
        state,
        actions=(*state.actions, action),
        memory=replace(state.memory, next_action=action.id + 1),
    )


def _bear(state: SceneState, number: int, seed: int) -> SceneState:
    memory = state.memory
    new = born(
        memory.next_object,
        number,
        seed,
        memory.clock,
        memory.voices,
        memory.inputs,
        state.colour["palette"],
        _places(memory),
        _nearness(memory),
        memory.mappings,
    )
    living = (*memory.living, *new)
    state = replace(
        state,
        add=(*state.add, *(one.object for one in new)),
        memory=replace(memory, living=living, next_object=memory.next_object + number),
    )
    return _leave(state, too_many(living, memory.mappings.objects.limit))


def _leave(state: SceneState, ids: tuple[int, ...]) -> SceneState:
    if not ids:
        return state
    memory = replace(state.memory, living=without(state.memory.living, ids))
    return replace(state, remove=(*state.remove, *ids), memory=memory)


def _places(memory: Memory) -> tuple[tuple[float, float], ...]:
    """Where face and hands are, or else the shoulders; scene coordinates."""
    parts = (memory.head, memory.left, memory.right)
    seen = tuple(track.values[:2] for track in parts if track is not None)
    if seen or memory.body is None:
        return seen
    return (memory.body.values[3:5],)


def _nearness(memory: Memory) -> float:
    """-0.6 (far) to 0.6 (near), by the height of the face; 0 without a face."""
    if memory.head is None:
        return 0.0
    size = memory.head.values[2]
    return min(max(3.0 * (size - 0.25), -0.6), 0.6)
