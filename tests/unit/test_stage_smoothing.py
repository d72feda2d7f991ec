"""Nothing flickers: one-euro filter, shares, leaders, and light."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

import server.stage
from server.stage import initial, load_mappings
from server.stage.colour import linear_srgb
from server.stage.smoothing import Leader, Track, follow, lead, one_euro, smoothing_factor
from server.values import EXPRESSIONS, Guess
from tests.unit.stage_readings import HEAD, POSES, Play, expression, pose, reading

DT = 1 / 25


def changes(names: list[str]) -> int:
    return sum(first != second for first, second in pairwise(names))


def tie(random: np.random.Generator, first: str, second: str, classes: tuple[str, ...]) -> Guess:
    """Noisy probabilities: two classes about .45 each with a deviation of .1."""
    values = {name: 0.1 / (len(classes) - 2) for name in classes} | {first: 0.45, second: 0.45}
    noisy = {name: max(value + random.normal(0, 0.1), 0.001) for name, value in values.items()}
    total = sum(noisy.values())
    return Guess({name: value / total for name, value in noisy.items()}, 0.9)


# --- one-euro filter ------------------------------------------------------------


def test_one_euro_by_hand():
    # dt .04 s: the speed's cutoff of 1 Hz gives alpha 1 / (1 + 1 / (2 pi .04)) = .20085;
    # speed .20085 x 1 / .04 = 5.0213; cutoff 1.5 + 2 x 5.0213 = 11.5425 Hz, alpha .74365.
    value, speed = one_euro(0.0, 0.0, 1.0, 0.04, load_mappings().position)
    assert speed == pytest.approx(5.0213, abs=1e-3)
    assert value == pytest.approx(0.74365, abs=1e-4)


def test_one_euro_calms_a_still_head_and_follows_a_quick_hand():
    random = np.random.default_rng(7)
    tuning = load_mappings().position
    noise = random.normal(0, 0.01, 500)
    value, speed, still = 0.0, 0.0, []
    for measured in noise:
        value, speed = one_euro(value, speed, float(measured), DT, tuning)
        still.append(value)
    assert np.std(still[50:]) < 0.6 * np.std(noise)

    value, speed, lag = 0.0, 0.0, 0.0
    for step in range(1, 50):  # two scene units per second: across in a second
        value, speed = one_euro(value, speed, 2.0 * step * DT, DT, tuning)
        lag = 2.0 * step * DT - value
    assert lag / 2.0 < 0.04  # seconds behind


def test_one_euro_without_time_changes_nothing():
    assert one_euro(0.3, 1.0, 9.0, 0.0, load_mappings().position) == (0.3, 1.0)


def test_a_lost_part_is_kept_for_its_grace_and_starts_afresh():
    tuning = (load_mappings().position,)
    track = follow(None, (0.5,), 1.0, DT, tuning, 0.5)
    assert track == Track((0.5,), (0.0,), 1.0)
    assert follow(track, None, 1.4, DT, tuning, 0.5) == track
    assert follow(track, None, 1.6, DT, tuning, 0.5) is None
    assert follow(None, (-0.5,), 2.0, DT, tuning, 0.5).values == (-0.5,)


def test_half_of_the_way_in_a_half_life():
    assert smoothing_factor(0.3, 0.3) == pytest.approx(0.5)
    assert smoothing_factor(0.6, 0.3) == pytest.approx(0.75)
    assert smoothing_factor(0.0, 0.3) == 0.0


# --- shares -----------------------------------------------------------------------


def test_the_mixture_is_smooth_and_sums_to_one():
    play = Play(initial())
    play.show(reading(expression("neutral")), 1.0)
    states = play.show(reading(expression("happy")), 2.0)
    happy = [state.mixture["happy"] for state in states]
    assert happy == sorted(happy)
    assert max(second - first for first, second in pairwise(happy)) < 0.2
    assert happy[-1] > 0.98
    assert all(sum(state.mixture.values()) == pytest.approx(1.0) for state in play.states)


def test_a_doubtful_guess_moves_the_mixture_slowly_and_the_certainty_down():
    sure, doubtful = Play(initial()), Play(initial())
    sure.show(reading(expression("happy", confidence=1.0)), 0.5)
    doubtful.show(reading(expression("happy", confidence=0.1)), 0.5)
    assert doubtful.state.mixture["happy"] < 0.4 * sure.state.mixture["happy"]
    assert doubtful.state.certainty < 0.2
    doubtful.show(reading(expression("happy", confidence=0.1)), 20.0)
    assert doubtful.state.expression == "neutral"
    assert abs(doubtful.state.affect["pleasure"]) < 0.15


# --- leaders ----------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(5))
def test_the_expression_does_not_flicker_around_a_tie(seed):
    random = np.random.default_rng(seed)
    play = Play(initial())
    play.show(reading(expression("happy", 0.6)), 2.0)
    guesses = [tie(random, "happy", "surprise", EXPRESSIONS) for _ in range(25 * 60)]
    states = play.each([reading(guess) for guess in guesses])
    naive = changes([max(g.probabilities, key=g.probabilities.get) for g in guesses])
    assert naive > 300
    assert changes([state.expression for state in states]) <= 2


@pytest.mark.parametrize("seed", range(5))
def test_the_pose_does_not_flicker_around_a_tie(seed):
    random = np.random.default_rng(seed)
    play = Play(initial())
    play.show(reading(arms=pose("arms_up")), 2.0)
    guesses = [tie(random, "arms_up", "arms_out", POSES) for _ in range(25 * 60)]
    states = play.each([reading(arms=guess) for guess in guesses])
    assert changes([state.pose["name"] for state in states]) <= 2


def test_a_clear_change_is_followed_soon():
    play = Play(initial())
    play.show(reading(expression("happy", 0.7), pose("neutral")), 3.0)
    states = play.show(reading(expression("sad", 0.7), pose("arms_up")), 2.0)
    soon = round(0.8 * 25)
    assert all(state.expression == "sad" for state in states[soon:])
    assert all(state.pose["name"] == "arms_up" for state in states[soon:])
    assert changes([state.expression for state in states]) <= 1


def test_one_odd_frame_changes_nothing():
    play = Play(initial())
    play.show(reading(expression("happy"), pose("arms_up")), 2.0)
    play.each([reading(expression("angry"), pose("arms_crossed"))])
    states = play.show(reading(expression("happy"), pose("arms_up")), 1.0)
    assert {state.expression for state in states} == {"happy"}
    assert {state.pose["name"] for state in states} == {"arms_up"}


def test_a_rival_must_wait_and_an_interruption_starts_anew():
    limits = load_mappings().expression
    clear = {"happy": 0.1, "sad": 0.9}
    leader = Leader("happy", 5.0, "happy", 0.0)
    enough = int(limits.dwell / DT) + 1  # the first only asks
    for _ in range(enough):
        leader = lead(leader, clear, DT, limits, "neutral")
    assert leader.name == "happy"
    back = lead(leader, {"happy": 0.9, "sad": 0.1}, DT, limits, "neutral")
    assert lead(back, clear, DT, limits, "neutral").name == "happy"
    leader = lead(leader, clear, DT, limits, "neutral")
    assert leader == Leader("sad", 0.0, "sad", 0.0)


def test_a_leader_that_fades_gives_way_to_rest():
    limits = load_mappings().expression
    flat = {"happy": 0.2, "sad": 0.25, "neutral": 0.25, "fear": 0.3}
    leader = Leader("happy", 5.0, "happy", 0.0)
    for _ in range(round(limits.dwell / DT) + 2):
        leader = lead(leader, flat, DT, limits, "neutral")
    assert leader.name == "neutral"


def test_how_long_a_pose_is_held():
    play = Play(initial())
    play.show(reading(arms=pose("arms_up")), 4.0)
    held = [state.pose["held"] for state in play.states if state.pose["name"] == "arms_up"]
    assert held[0] == 0.0
    assert held[-1] == pytest.approx((len(held) - 1) * DT)


def test_a_long_silence_is_not_time_in_which_something_was_held():
    play = Play(initial())
    play.show(reading(arms=pose("arms_crossed")), 0.6)
    play.now += 60.0
    state = play.show(reading(arms=pose("arms_crossed")), DT)[0]
    assert state.actions == ()
    assert state.pose["held"] < 1.0


# --- light -------------------------------------------------------------------------


@pytest.fixture(scope="module")
def glaring(tmp_path_factory):
    """Mappings of a designer who wants as much light as the file allows."""
    text = Path(server.stage.__file__).with_name("mappings.toml").read_text(encoding="utf-8")
    for old, new in (
        ("lightness_per_brightness = 0.17", "lightness_per_brightness = 1.0"),
        ("lightness_range = [0.45, 0.88]", "lightness_range = [0.0, 1.0]"),
        ("half_life = 0.35", "half_life = 0.3"),
    ):
        assert old in text
        text = text.replace(old, new)
    path = tmp_path_factory.mktemp("glaring") / "mine.toml"
    path.write_text(text, encoding="utf-8")
    return load_mappings(path)


@pytest.mark.parametrize("period", [2, 3, 4, 6, 8, 12, 25])
@pytest.mark.parametrize("emotion", [True, False])
@pytest.mark.parametrize("mine", [False, True])
def test_no_input_makes_the_colour_flash(period, emotion, mine, glaring):
    """A flash: relative luminance goes up and down by a tenth (WCAG 2.3.1)."""
    play = Play(initial(glaring if mine else load_mappings(), emotion))
    readings = []
    for i in range(25 * 6):
        strong = i % period < period // 2
        face = expression("happy" if strong else "angry") if emotion else None
        body = replace(reading().body, energy=float(strong), openness=float(not strong))
        readings.append(reading(face, body=body))
    states = play.each(readings)
    for place in range(6):
        light = [
            luminance((state.colour["accent"], *state.colour["palette"])[place]) for state in states
        ]
        # In every second of 25 Readings.
        assert max(flashes(light[i : i + 25]) for i in range(len(light) - 25)) <= 3


def luminance(colour: tuple[float, float, float]) -> float:
    red, green, blue = linear_srgb(*colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def flashes(light: list[float]) -> int:
    """Pairs of opposing changes of at least a tenth."""
    turns, low, high, rising = 0, light[0], light[0], None
    for value in light:
        low, high = min(low, value), max(high, value)
        if rising is not True and value - low >= 0.1:
            turns, high, rising = turns + 1, value, True
        elif rising is not False and high - value >= 0.1:
            turns, low, rising = turns + 1, value, False
    return turns // 2


def test_the_flash_counter_counts():
    assert flashes([0.2, 0.5] * 10) >= 8
    assert flashes([0.2, 0.25] * 10) == 0


def test_a_jump_of_the_head_is_followed_smoothly():
    play = Play(initial())
    play.show(reading(), 1.0)
    states = play.show(reading(head=replace(HEAD, x=0.6)), 1.0)
    xs = [state.body["head"]["x"] for state in states]
    assert xs[0] > -0.2 and xs[-1] == pytest.approx(-0.2, abs=0.01)
