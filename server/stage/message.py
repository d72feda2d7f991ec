"""The SceneState as it travels: plain JSON types, as docs/protocol.md says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace

from server.stage.memory import Memory
from server.values import SceneState


def with_reset(state: SceneState) -> SceneState:
    """The whole picture, for a browser that has just connected.

    `add` holds every living object; actions are not repeated.
    """
    memory = state.memory
    living = memory.living if isinstance(memory, Memory) else ()
    everything = tuple(one.object for one in living)
    return replace(state, add=everything, remove=(), actions=(), reset=True)


def to_json(state: SceneState) -> dict[str, object]:
    """The fields of docs/protocol.md as dicts, lists, strings, numbers and None."""
    return {
        field.name: _plain(getattr(state, field.name))
        for field in fields(state)
        if field.name != "memory"
    }


def _plain(value: object) -> object:
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, float):
        # A thousandth is finer than anybody sees; + 0.0 turns -0.0 into 0.0.
        return round(value, 3) + 0.0
    if isinstance(value, Mapping):
        return {name: _plain(item) for name, item in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
