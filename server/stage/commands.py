"""Objects and actions: what a Command asks for, and what a change brings by itself."""

from __future__ import annotations

from dataclasses import replace

from server.stage.memory import Memory
from server.stage.objects import born, too_many, without
from server.stage.show import expanding
from server.values import Action, Command, SceneState


def answer(state: SceneState, seed: int) -> SceneState:
    """Objects, and the single expansion, when the expression or the movement changes."""
    memory = state.memory
    data = memory.mappings
    now = memory.leader.name if memory.emotion else memory.pose_leader.name
    burst = not memory.emotion and memory.calm and memory.energy >= data.expand.burst
    calm = memory.energy <= data.expand.calm or (memory.calm and not burst)
    memory = replace(memory, calm=calm)
    if not state.present:
        return replace(state, memory=replace(memory, answered=None))
    begins = burst or (memory.leader.held == 0.0 and now == data.expand.expression)
    # It settles before it can begin again.
    if begins and expanding(memory) < 0.2:
        memory = replace(memory, expanding=memory.clock)
    state = replace(state, memory=memory)
    early = memory.answered_at is not None and (
        memory.clock - memory.answered_at < data.objects.pause
    )
    if early or (now == memory.answered and not burst):
        return state
    speaker = now if memory.emotion else max(memory.voices, key=memory.voices.__getitem__)
    state = replace(state, memory=replace(memory, answered=now, answered_at=memory.clock))
    return add_objects(state, data.characters[speaker].born, seed)


def obey(state: SceneState, command: Command, seed: int) -> SceneState:
    """Do what a Command of the visitor, of staff or of a held pose asks for."""
    memory = state.memory
    if command.name == "more":
        return add_objects(state, memory.mappings.objects.more, seed)
    if command.name == "cancel":
        if state.countdown is None:
            return state
        memory = replace(memory, hold=memory.hold._replace(spent=True))
        return replace(state, countdown=None, memory=memory)
    if command.name == "clear":
        state = remove_objects(state, tuple(one.object.id for one in memory.living))
    if command.name == "freeze":
        state = replace(state, frozen=not state.frozen)
    action = Action(memory.next_action, command.name, command.argument)
    return replace(
        state,
        actions=(*state.actions, action),
        memory=replace(state.memory, next_action=action.id + 1),
    )


def add_objects(state: SceneState, number: int, seed: int) -> SceneState:
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
    return remove_objects(state, too_many(living, memory.mappings.objects.limit))


def remove_objects(state: SceneState, ids: tuple[int, ...]) -> SceneState:
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
