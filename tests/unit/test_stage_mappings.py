"""mappings.toml, and what it makes of feeling: affect, colour, form, motion."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

import server.stage
from server.stage import MappingsError, initial, load_mappings
from server.stage.affect import affect_of_body, affect_of_mixture
from server.stage.colour import (
    arc,
    brightness_and_saturation,
    fit_to_gamut,
    linear_srgb,
    mix_hues,
)
from server.stage.form import expansion
from server.stage.mappings import BODY_MOODS, INPUTS, RANGES, Rule
from server.values import EXPRESSIONS, Guess
from tests.unit.stage_readings import BODY, Play, expression, reading

FILE = Path(server.stage.__file__).with_name("mappings.toml")


@pytest.fixture(scope="module")
def settled():
    """The scene after four seconds of each pure expression, fully trusted."""
    data = load_mappings()
    states = {}
    for name in EXPRESSIONS:
        play = Play(initial(data))
        play.show(reading(expression(name)), 4.0)
        states[name] = play.state
    return states


# --- the file ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ("happy    = [ 0.76, 0.48,  0.35]", "", "affect.happy is missing"),
        ("happy    = [ 0.76,", "happy    = [ 7.6,", "affect.happy must be from -1 to 1"),
        ("[affect]", "[affect]\nproud = [0, 0, 0]", "affect.proud"),
        ("born = 5", 'born = "many"', "characters.fear.born must be a number"),
        ("born = 5", "born = 2.5", "characters.fear.born must be a whole number"),
        ('"shard", "shard"', '"shart", "shard"', "characters.angry.kinds must be one of"),
        ("hues = [12, 20, 28, 42, 58]", "hues = [12, 20]", "characters.angry.hues"),
        ("pulse     = { rest = 0.00, angry", "pulse = { rest = 0.00, anger", "motion.pulse.anger"),
        ("[form]", "[form]\nglow = { rest = 0 }", "form.glow"),
        ('action = "clear"', 'action = "explode"', "triggers.arms_crossed.action"),
        ('action = "clear"', 'action = "clear"\nkey = 1', "triggers.arms_crossed.key"),
        ("limit = 24", "limit = 5", "objects.limit must be at least"),
        ("life = [18.0, 30.0]", "life = [30.0, 18.0]", "objects.life"),
        ("calm = 0.30", "calm = 0.90", "expand.calm must be below"),
        ("leave = 0.30", "leave = 0.90", "expression.leave"),
        ("half_life = 0.35", "half_life = 0.01", "colour.half_life"),
        ("[colour]", "[color]", "colour is missing"),
        ("[affect]", "[affect", "not readable TOML"),
        ("water   = [0.62,", "water   = [6.2,", "meanings.water must be [lightness"),
        ("water   = [0.62, 0.110,", "water   = [0.62,", "meanings.water must be a list of 3"),
        ("water   =", "waves   =", "characters.fear.meanings must be one of"),
        ("follow = 0.5", "", "meanings.follow is missing"),
        ('meanings = ["sky"', 'meaning = ["sky"', "characters.surprise.meanings is missing"),
        ("[hands.sad]", "[hands.sad]\nlenght = 3", "hands.sad: lenght"),
        ("[hands.sad]", "[hands.bored]", "hands.sad is missing"),
        ("ground_tint = 0.012", "ground_tint = true", "colour.ground_tint must be a number"),
    ],
)
def test_a_mistake_is_named_with_file_and_key(tmp_path, old, new, key):
    text = FILE.read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "mine.toml"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(MappingsError) as error:
        load_mappings(path)
    assert key in str(error.value)
    assert str(path) in str(error.value)


def test_an_edited_file_changes_the_scene(tmp_path):
    text = FILE.read_text(encoding="utf-8")
    path = tmp_path / "mine.toml"
    path.write_text(text.replace("accent = 82", "accent = 200"), encoding="utf-8")
    play = Play(initial(load_mappings(path)))
    play.show(reading(expression("happy")), 4.0)
    assert play.state.colour["accent"][2] == pytest.approx(200, abs=1)


def test_a_rule_adds_and_stays_in_range():
    rule = Rule(0.2, {"arousal": 0.5, "sad": -1.0}, 0.0, 1.0)
    assert rule({"arousal": 0.4, "sad": 0.1}) == pytest.approx(0.3)
    assert rule({"arousal": 0.0, "sad": 1.0}) == 0.0
    assert rule({"arousal": 9.0, "sad": 0.0}) == 1.0


# --- affect ----------------------------------------------------------------------


def test_affect_is_the_mean_weighted_by_probability():
    mixture = dict.fromkeys(EXPRESSIONS, 0.0) | {"happy": 0.5, "surprise": 0.3, "sad": 0.2}
    affect = affect_of_mixture(mixture, 1.0, load_mappings().affect)
    # .5 x .76 + .3 x .40 - .2 x .63, and so on, by hand
    assert affect["pleasure"] == pytest.approx(0.374)
    assert affect["arousal"] == pytest.approx(0.495)
    assert affect["dominance"] == pytest.approx(0.07)


def test_doubt_scales_affect_toward_neutral():
    mixture = dict.fromkeys(EXPRESSIONS, 0.0) | {"angry": 1.0}
    values = load_mappings().affect
    assert affect_of_mixture(mixture, 0.25, values)["arousal"] == pytest.approx(0.25 * 0.59)
    assert set(affect_of_mixture(mixture, 0.0, values).values()) == {0.0}


def test_without_emotion_energy_arouses_and_open_arms_please():
    rules = load_mappings().affect_of_body
    still, moving = affect_of_body(0.3, 0.0, rules), affect_of_body(0.3, 1.0, rules)
    closed, wide = affect_of_body(0.0, 0.2, rules), affect_of_body(1.0, 0.2, rules)
    assert moving["arousal"] > still["arousal"] + 0.5
    assert wide["pleasure"] > closed["pleasure"] + 0.3


# --- colour ----------------------------------------------------------------------


def test_valdez_and_mehrabian_solved():
    # Forward by the published equations, then back.
    for brightness, saturation in [(0.0, 0.0), (1.0, 0.0), (0.0, 1.0), (-0.7, 1.2)]:
        affect = {
            "pleasure": 0.69 * brightness + 0.22 * saturation,
            "arousal": -0.31 * brightness + 0.60 * saturation,
            "dominance": -0.76 * brightness + 0.32 * saturation,
        }
        assert brightness_and_saturation(affect) == pytest.approx((brightness, saturation))


def test_joy_by_hand():
    # Normal equations with P .76, A .48, D .35:
    #   1.1498 b - .2774 s = .1096   and   -.2774 b + .5108 s = .5672
    affect = {"pleasure": 0.76, "arousal": 0.48, "dominance": 0.35}
    brightness, saturation = brightness_and_saturation(affect)
    assert brightness == pytest.approx(0.418, abs=0.001)
    assert saturation == pytest.approx(1.337, abs=0.001)


def test_hues_mix_along_the_shorter_arc():
    assert mix_hues([350, 30], [1, 1]) == pytest.approx(10)
    assert arc(0, mix_hues([350, 30], [3, 1])) == pytest.approx(0, abs=1e-9)
    assert mix_hues([10, 100, 100], [2, 1, 1]) == pytest.approx(55)
    assert arc(350, 10) == pytest.approx(20)
    assert arc(10, 350) == pytest.approx(-20)


def test_almost_opposite_hues_turn_evenly():
    # The vectors' mean would jump by 60 degrees between shares of 45 % and 55 %.
    hues = [mix_hues([0, 170], [1 - share / 20, share / 20]) for share in range(21)]
    turns = [arc(first, second) for first, second in pairwise(hues)]
    assert turns == pytest.approx([8.5] * 20)


def test_a_mixture_of_opposites_keeps_its_colour():
    """Never through grey mud: chroma comes from saturation, not from the hues' mean."""
    play = Play(initial())
    play.show(reading(expression("happy")), 3.0)
    half = Guess({name: 0.5 * (name in ("happy", "sad")) for name in EXPRESSIONS}, 1.0)
    states = play.show(reading(half), 2.0) + play.show(reading(expression("sad")), 3.0)
    assert min(state.colour["accent"][1] for state in states) > 0.06


def test_every_colour_can_be_shown(settled):
    for state in settled.values():
        for colour in (state.colour["accent"], state.colour["ground"], *state.colour["palette"]):
            assert all(-0.002 <= value <= 1.002 for value in linear_srgb(*colour))


def test_what_things_are_keeps_its_hue_whatever_the_face_does(settled):
    given = load_mappings().meanings.colours
    assert {"plants", "water", "earth", "sky", "fire", "night", "light"} <= set(given)
    for state in settled.values():
        assert set(state.colour["meanings"]) == set(given)
        for name, colour in state.colour["meanings"].items():
            assert colour[2] == given[name][2]
            assert all(-0.002 <= value <= 1.002 for value in linear_srgb(*colour))


def test_things_are_lighter_and_stronger_in_joy_than_in_sadness(settled):
    joy, sadness = (settled[name].colour["meanings"]["plants"] for name in ("happy", "sad"))
    assert joy[0] > sadness[0] + 0.02
    assert joy[1] > sadness[1] + 0.01


def test_plants_are_green_water_blue_and_earth_brown():
    def rgb(name: str) -> tuple[float, float, float]:
        return linear_srgb(*load_mappings().meanings.colours[name])

    assert rgb("plants")[1] == max(rgb("plants"))
    assert rgb("water")[2] == max(rgb("water"))
    assert rgb("earth")[0] > rgb("earth")[1] > rgb("earth")[2]
    assert rgb("fire")[0] > 2 * rgb("fire")[2]
    assert max(rgb("night")) < 0.15 < 0.6 < min(rgb("snow"))


def test_a_colour_no_screen_can_show_keeps_lightness_and_hue():
    lightness, chroma, hue = fit_to_gamut(0.9, 0.3, 260)
    assert (lightness, hue) == (0.9, 260)
    assert 0.0 < chroma < 0.3


def test_white_is_white():
    assert linear_srgb(1.0, 0.0, 0.0) == pytest.approx((1.0, 1.0, 1.0), abs=1e-4)


def test_joy_is_brighter_and_more_colourful_than_sadness_and_anger(settled):
    joy, anger, sadness = (settled[n].colour["accent"] for n in ("happy", "angry", "sad"))
    assert joy[0] > anger[0] + 0.08
    assert joy[0] > sadness[0] + 0.05
    assert joy[1] > sadness[1] + 0.05


def test_each_expression_has_its_hue(settled):
    for name, state in settled.items():
        accent = load_mappings().characters[name].accent
        assert abs(arc(state.colour["accent"][2], accent)) < 3


def test_palettes_run_from_dark_to_light(settled):
    for state in settled.values():
        lightness = [colour[0] for colour in state.colour["palette"]]
        assert len(lightness) == 5
        assert lightness == sorted(lightness)
        assert state.colour["ground"][0] < 0.2


# --- form and motion -------------------------------------------------------------


def test_joy_is_rounder_smoother_and_rises_more_than_anger(settled):
    joy, anger = settled["happy"], settled["angry"]
    assert joy.form["roundness"] > anger.form["roundness"] + 0.5
    assert joy.form["facets"] < anger.form["facets"] - 0.4
    assert joy.form["noise"] < anger.form["noise"]
    assert joy.motion["lift"] > 0.5 > anger.motion["lift"]
    assert joy.form["opening"] > settled["neutral"].form["opening"]


def test_sadness_is_slow_heavy_and_falling(settled):
    sadness = settled["sad"]
    others = [state for name, state in settled.items() if name != "sad"]
    assert sadness.motion["speed"] < min(state.motion["speed"] for state in others)
    assert sadness.motion["lift"] < min(state.motion["lift"] for state in others)
    assert sadness.motion["lift"] < -0.5


def test_negative_arousal_is_oblique_and_lopsided(settled):
    for calm in ("happy", "neutral", "surprise"):
        for threat in ("angry", "fear", "disgust"):
            assert settled[threat].form["diagonal"] > settled[calm].form["diagonal"] + 0.1
            assert settled[threat].form["asymmetry"] > settled[calm].form["asymmetry"] + 0.1


def test_the_named_characters_have_their_motion(settled):
    for motion, owner in (("tremble", "fear"), ("pulse", "angry"), ("fold", "disgust")):
        values = {name: state.motion[motion] for name, state in settled.items()}
        assert max(values, key=values.get) == owner
        assert values[owner] > 0.7
        assert max(value for name, value in values.items() if name != owner) < 0.1
    assert settled["fear"].form["opening"] < settled["neutral"].form["opening"]
    assert settled["neutral"].motion["breath"] == pytest.approx(12, abs=1)


def test_surprise_expands_once_and_settles():
    play = Play(initial())
    play.show(reading(expression("neutral")), 2.0)
    expand = [state.motion["expand"] for state in play.show(reading(expression("surprise")), 6.0)]
    peak = expand.index(max(expand))
    assert max(expand) > 0.95
    assert expand[: peak + 1] == sorted(expand[: peak + 1])
    assert expand[peak:] == sorted(expand[peak:], reverse=True)
    assert expand[-1] < 0.01


def test_an_expansion_settles_before_it_begins_again():
    play = Play(initial())
    for _ in range(6):
        play.show(reading(expression("surprise")), 0.4)
        play.show(reading(expression("neutral")), 0.4)
    expand = [state.motion["expand"] for state in play.states]
    assert max(expand) > 0.95
    assert max(first - second for first, second in pairwise(expand)) < 0.1


def test_expansion_is_largest_after_its_rise():
    assert expansion(0.0, 0.3) == 0.0
    assert expansion(0.3, 0.3) == pytest.approx(1.0)
    assert expansion(0.2, 0.3) < 1.0 > expansion(0.4, 0.3)


def test_the_arms_open_the_form(settled):
    play = Play(initial())
    play.show(reading(expression("neutral"), body=replace(BODY, openness=1.0)), 2.0)
    assert play.state.form["opening"] > settled["neutral"].form["opening"] + 0.4


def test_every_value_stays_in_its_documented_range(settled):
    for state in settled.values():
        for group in ("form", "motion"):
            for name, (low, high) in RANGES[group].items():
                assert low <= getattr(state, group)[name] <= high


def test_the_guide_names_every_table_and_input():
    guide = (FILE.parents[2] / "docs" / "mappings.md").read_text(encoding="utf-8")
    for table in tomllib.loads(FILE.read_text(encoding="utf-8")):
        assert f"`[{table}]`" in guide or f"`[{table}.…]`" in guide, table
    for name in (*INPUTS, *BODY_MOODS):
        assert f"`{name}`" in guide, name
