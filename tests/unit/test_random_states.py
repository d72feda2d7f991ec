"""Random SceneStates for captures: the stage's own, and the same for the same seed."""

from __future__ import annotations

import json
from collections import Counter

import pytest

from server.captures.random_states import draw
from server.stage import load_mappings, to_json
from server.stage.mappings import RANGES
from server.values import EXPRESSIONS

MANY = 80


@pytest.fixture(scope="module")
def states():
    return [draw(0, number) for number in range(MANY)]


def test_the_same_seed_and_number_give_the_same_state(states):
    assert to_json(draw(0, 3)) == to_json(states[3])
    assert to_json(draw(1, 3)) != to_json(states[3])
    assert len({json.dumps(to_json(state)) for state in states}) > 0.9 * MANY


def test_they_are_states_that_the_stage_shows(states):
    for state in states:
        assert state.reset and not state.remove and not state.actions
        for part in ("form", "motion"):
            for name, (low, high) in RANGES[part].items():
                assert low <= getattr(state, part)[name] <= high, name
        assert len(state.add) <= load_mappings().objects.limit
        assert set(state.colour["meanings"]) == set(load_mappings().meanings.colours)


def test_every_expression_leads_and_some_are_not_read(states):
    leading = Counter(state.expression for state in states if state.present)
    assert set(EXPRESSIONS) <= set(leading)
    assert any(state.mixture is None for state in states), "--no-emotion never happens"
    assert any(not state.present for state in states), "nobody is always somebody"
    mixtures = [max(state.mixture.values()) for state in states if state.mixture]
    assert min(mixtures) < 0.5 < 0.75 < max(mixtures)


def test_the_body_is_as_various_as_visitors_are(states):
    bodies = [state.body for state in states if state.present]
    assert max(body["openness"] for body in bodies) > 0.7 > 0.1 > min(b["openness"] for b in bodies)
    assert min(body["lean"] for body in bodies) < -0.2 < 0.2 < max(body["lean"] for body in bodies)
    assert {len(body["hands"]) for body in bodies} == {0, 1, 2}
    assert len({len(state.add) for state in states}) > 5
