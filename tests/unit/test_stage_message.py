"""What travels is what docs/protocol.md says: every field, and nothing else."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from server.stage import initial, to_json, with_reset
from server.stage.mappings import KINDS
from server.values import EXPRESSIONS, Action, Guess, Head
from tests.unit.stage_readings import HEAD, Play, expression, pose, reading

PROTOCOL = Path(__file__).resolve().parents[2] / "docs" / "protocol.md"
WITH_FIELDS = ("add", "actions", "countdown", "body.head", "body.hands")
"""Rows whose meaning names the fields of an object."""


def section(title: str) -> str:
    text = PROTOCOL.read_text(encoding="utf-8")
    return text.split(f"## {title}\n", 1)[1].split("\n## ", 1)[0]


def documented() -> dict[str, set[str]]:
    """Each documented field, and the fields of the objects it holds."""
    fields: dict[str, set[str]] = {}
    for line in section("SceneState").splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split(" | ")]
        names = re.findall(r"`([^`]+)`", cells[0])
        if not line.startswith("| `") or not names:
            continue
        # Words in brackets are values, and what follows the first sentence explains.
        meaning = re.sub(r"\([^)]*\)", "", cells[-1]).split(". ")[0].split(": ")[0]
        inner = set(re.findall(r"`([^`]+)`", meaning)) if names[0] in WITH_FIELDS else set()
        for name in names:
            fields[name] = inner
    return fields


@pytest.fixture(scope="module")
def busy():
    """A message in which every field has something to say."""
    play = Play(initial())
    play.show(reading(expression("happy", 0.8, 0.8), pose("neutral")), 3.0)
    play.show(reading(expression("angry", 0.8, 0.8), pose("arms_crossed")), 0.7)
    assert play.state.countdown
    return replace(with_reset(play.ask("more")), actions=(Action(1, "capture"),))


def flatten(message: dict[str, object]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    groups = {name.split(".")[0] for name in documented() if "." in name}
    for name, value in message.items():
        if name in groups:
            for inner, item in value.items():
                found[f"{name}.{inner}"] = inside(item)
        else:
            found[name] = inside(value) if name != "mixture" else set()
    return found


def inside(value: object) -> set[str]:
    if isinstance(value, list):
        return set().union(*(inside(item) for item in value)) if value else set()
    return set(value) if isinstance(value, dict) else set()


def test_every_documented_field_is_there_and_no_other(busy):
    assert flatten(to_json(busy)) == documented()


def test_the_document_is_read_at_all():
    fields = documented()
    assert len(fields) > 40
    assert fields["countdown"] == {"action", "remaining", "length"}
    assert fields["body.hands"] == {"side", "x", "y", "open"}


def test_a_state_at_rest_has_the_same_fields():
    rest = flatten(to_json(initial()))
    without_emotion = flatten(to_json(initial(emotion=False)))
    assert set(rest) == set(without_emotion) == set(documented())


def test_kinds_and_expressions_are_the_documented_ones(busy):
    text = section("SceneState")
    kinds = re.search(r"Kinds of object: `([^`]+)`", text).group(1).split()
    assert tuple(kinds) == KINDS
    mixture = re.search(r"Share of each expression \(`([^`]+)`\)", text).group(1).split()
    assert tuple(mixture) == EXPRESSIONS
    assert set(to_json(busy)["mixture"]) == set(EXPRESSIONS)


def test_ranges_of_the_document_hold():
    play = Play(initial())
    for name in EXPRESSIONS:
        play.show(reading(expression(name), pose("arms_up")), 1.0)
    spans = {}
    for line in section("SceneState").splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split(" | ")]
        span = re.fullmatch(r"(-?\d)–(\d)", cells[1]) if len(cells) == 3 else None
        if span:
            for name in re.findall(r"`([^`]+)`", cells[0]):
                spans[name] = float(span[1]), float(span[2])
    assert len(spans) > 20
    for state in play.states:
        message = to_json(state)
        for name, (low, high) in spans.items():
            value = message
            for part in name.split("."):
                value = value[part]
            assert low <= value <= high, name


def test_it_is_plain_json_and_small(busy):
    text = json.dumps(to_json(busy), allow_nan=False)
    assert json.loads(text) == to_json(busy)
    play = Play(initial())
    sizes = []
    for name in EXPRESSIONS:
        states = play.show(reading(expression(name), pose("arms_up")), 2.0)
        sizes += [len(json.dumps(to_json(state), separators=(",", ":"))) for state in states]
    assert max(sizes) < 3000


def test_numpy_numbers_of_perception_become_plain_ones():
    head = Head(*(np.float32(getattr(HEAD, name)) for name in HEAD.__dataclass_fields__))
    shares = expression("happy").probabilities
    face = Guess({name: np.float32(share) for name, share in shares.items()}, np.float32(0.9))
    play = Play(initial())
    play.show(reading(face, head=head), 1.0)
    json.dumps(to_json(play.state))


def test_memory_does_not_travel(busy):
    assert "memory" not in to_json(busy)
