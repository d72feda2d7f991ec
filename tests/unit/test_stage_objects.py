"""Objects: when they are born, where, and how they leave."""

from __future__ import annotations

from dataclasses import replace

from server.stage import initial, load_mappings, step, with_reset
from server.stage.colour import linear_srgb
from server.stage.mappings import KINDS
from server.values import EXPRESSIONS, SceneObject
from tests.unit.stage_readings import HEAD, NOBODY, Play, expression, pose, reading


def living(play: Play) -> dict[int, SceneObject]:
    """What a browser would hold that followed every message."""
    held: dict[int, SceneObject] = {}
    for state in play.states:
        if state.reset:
            held = {}
        for thing in state.add:
            assert thing.id not in held
            held[thing.id] = thing
        for id_ in state.remove:
            del held[id_]
    return held


def test_a_change_of_expression_brings_objects_once():
    data = load_mappings()
    play = Play(initial(data))
    play.show(reading(expression("neutral")), 3.0)
    for name in ("happy", "angry", "surprise", "neutral"):
        states = play.show(reading(expression(name)), 3.0)
        births = [state.add for state in states if state.add]
        assert len(births) == 1
        assert len(births[0]) == data.characters[name].born


def test_an_arrival_is_answered():
    play = Play(initial())
    play.show(NOBODY, 2.0)
    states = play.show(reading(expression("neutral")), 1.0)
    assert sum(bool(state.add) for state in states) == 1


def test_objects_take_after_the_expression():
    data = load_mappings()
    kinds = {}
    for name in ("happy", "angry", "sad"):
        play = Play(initial(data))
        play.show(reading(expression(name)), 3.0)
        for _ in range(6):
            play.ask("more")
        kinds[name] = {thing.kind for state in play.states[80:] for thing in state.add}
        assert kinds[name] <= set(KINDS)
    assert not kinds["happy"] & kinds["angry"]
    assert "shard" in kinds["angry"] and "sphere" in kinds["happy"]


def test_joy_spins_faster_than_sadness():
    def spin(name: str) -> float:
        play = Play(initial())
        play.show(reading(expression(name)), 3.0)
        things = [thing for _ in range(20) for thing in play.ask("more").add]
        return sum(abs(rate) for thing in things for rate in thing.spin) / len(things)

    assert spin("happy") > 1.5 * spin("sad")


def test_objects_are_born_near_face_and_hands():
    def middle(x: float) -> tuple[float, float]:
        play = Play(initial())
        play.show(reading(head=replace(HEAD, x=x, size=x / 2), hands=()), 2.0)
        things = [thing for _ in range(30) for thing in play.ask("more").add]
        return (
            sum(thing.position[0] for thing in things) / len(things),
            sum(thing.position[2] for thing in things) / len(things),
        )

    left_in_picture, right_in_picture = middle(0.1), middle(0.9)
    assert left_in_picture[0] > 0.4 > -0.4 > right_in_picture[0]
    assert right_in_picture[1] > left_in_picture[1] + 0.4  # a big face is near


def test_objects_are_whole():
    play = Play(initial())
    play.show(reading(expression("surprise")), 3.0)
    things = [thing for _ in range(40) for thing in play.ask("more").add]
    for thing in things:
        assert all(-1 <= value <= 1 for value in thing.position)
        assert 0.01 < thing.size < 0.5
        assert all(-0.002 <= value <= 1.002 for value in linear_srgb(*thing.colour))
        assert thing.meaning is None
    assert len({thing.id for thing in things}) == len(things)
    assert [thing.id for thing in things] == sorted(thing.id for thing in things)


def test_never_more_than_the_limit_and_the_oldest_leave_first():
    data = load_mappings()
    play = Play(initial(data))
    play.show(reading(expression("neutral")), 1.0)
    for _ in range(40):
        before = sorted(living(play))
        state = play.ask("more")
        assert len(state.add) == data.objects.more
        assert len(living(play)) <= data.objects.limit
        assert list(state.remove) == before[: len(state.remove)]
    assert len(living(play)) == data.objects.limit


def test_objects_leave_when_their_life_is_over():
    data = load_mappings()
    play = Play(initial(data))
    play.show(reading(expression("happy")), 2.0)
    assert living(play)
    play.show(reading(expression("happy")), data.objects.life[0] - 3.0)
    assert living(play)
    play.show(reading(expression("happy")), data.objects.life[1] - data.objects.life[0] + 4.0)
    assert not living(play)


def test_clear_removes_everything_once():
    play = Play(initial())
    play.show(reading(expression("happy")), 2.0)
    there = sorted(living(play))
    state = play.ask("clear")
    assert sorted(state.remove) == there
    assert not living(play)
    assert play.ask("clear").remove == ()


def test_a_quick_change_of_mind_does_not_flood_the_scene():
    data = load_mappings()
    play = Play(initial(data))
    readings = [reading(expression(EXPRESSIONS[i // 12 % 7])) for i in range(25 * 20)]
    births = [state.time for state in play.each(readings) if state.add]
    gaps = [second - first for first, second in zip(births, births[1:], strict=False)]
    assert min(gaps) >= data.objects.pause - 1e-9


def test_a_new_browser_gets_every_living_object():
    play = Play(initial())
    play.show(reading(expression("happy"), pose("neutral")), 2.0)
    play.ask("more")
    play.ask("capture")
    full = with_reset(play.state)
    assert full.reset
    assert {thing.id: thing for thing in full.add} == living(play)
    assert full.remove == () and full.actions == ()
    assert full.form == play.state.form
    # The session goes on from either.
    later = reading(expression("happy"), pose("neutral"))
    following = step(full, later, play.now + 0.04, play.seed)
    assert following == step(play.state, later, play.now + 0.04, play.seed)
    assert not following.reset


def test_a_clear_by_pose_leaves_what_is_born_with_it():
    """Removal comes before birth in one message, so no id is in both."""
    play = Play(initial(emotion=False))
    play.show(reading(arms=pose("arms_crossed")), 4.0)
    for state in play.states:
        assert not {thing.id for thing in state.add} & set(state.remove)
    living(play)


def test_the_same_seed_and_id_is_the_same_object():
    first, second = Play(initial(), seed=9), Play(initial(), seed=9)
    for play in (first, second):
        play.show(reading(expression("happy")), 2.0)
    assert first.ask("more").add == second.ask("more").add
    other = Play(initial(), seed=-10)
    other.show(reading(expression("happy")), 2.0)
    assert {thing.position for thing in other.ask("more").add}.isdisjoint(
        thing.position for thing in first.state.add
    )
