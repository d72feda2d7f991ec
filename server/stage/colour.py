"""From affect to colour, in OKLCH: lightness 0 to 1, chroma, hue in degrees."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from server.stage.mappings import Character, Colour, Meanings
from server.stage.smoothing import smoothing_factor

OKLCH = tuple[float, float, float]

# Valdez and Mehrabian 1994: weight of brightness and of saturation, both in
# standard units, in pleasure, arousal and dominance.
BRIGHTNESS = (0.69, -0.31, -0.76)
SATURATION = (0.22, 0.60, 0.32)

FASTEST_LIGHT = 0.25
"""Lightness per second.  More than three flashes need a relative luminance that
travels 0.8 in a second (WCAG 2.3.1); this is at most 0.7, whatever the input does."""


class Tint(NamedTuple):
    """The colour as it moves: what is smoothed from one Reading to the next."""

    lightness: float
    chroma: float
    accent: float
    """Hue in degrees."""
    hues: tuple[float, ...]
    """Hues of the five companions."""


def brightness_and_saturation(affect: Mapping[str, float]) -> tuple[float, float]:
    """Brightness and saturation, in standard units, that call up this affect.

    Three equations of Valdez and Mehrabian 1994 in two unknowns, solved by
    least squares (normal equations).
    """
    wanted = (affect["pleasure"], affect["arousal"], affect["dominance"])
    bb, bs, ss = (
        _dot(BRIGHTNESS, BRIGHTNESS),
        _dot(BRIGHTNESS, SATURATION),
        _dot(SATURATION, SATURATION),
    )
    b, s = _dot(BRIGHTNESS, wanted), _dot(SATURATION, wanted)
    determinant = bb * ss - bs * bs
    return (ss * b - bs * s) / determinant, (bb * s - bs * b) / determinant


def _dot(first: Sequence[float], second: Sequence[float]) -> float:
    return sum(a * b for a, b in zip(first, second, strict=True))


def arc(start: float, end: float) -> float:
    """The shorter way from one hue to another: -180 to 180 degrees."""
    return (end - start + 180.0) % 360.0 - 180.0


def mix_hues(hues: Sequence[float], weights: Sequence[float]) -> float:
    """Weighted mean of hues along the shorter arcs: the point of least squared way.

    The mean of the unit vectors gives the side of the circle; on that side the
    ways are added, so that between two hues the mean moves evenly and does not
    jump across the grey middle, as the vectors' mean does between opposites.
    """
    angles = [math.radians(hue) for hue in hues]
    x = sum(w * math.cos(a) for w, a in zip(weights, angles, strict=True))
    y = sum(w * math.sin(a) for w, a in zip(weights, angles, strict=True))
    side = math.degrees(math.atan2(y, x))
    total = sum(weights)
    return (side + sum(w * arc(side, h) for w, h in zip(weights, hues, strict=True)) / total) % 360


def aim(
    affect: Mapping[str, float],
    voices: Mapping[str, float],
    characters: Mapping[str, Character],
    data: Colour,
) -> Tint:
    """The colour that this affect, spoken by these characters, asks for."""
    brightness, saturation = brightness_and_saturation(affect)
    speaking = [(share, characters[name]) for name, share in voices.items() if share > 0.001]
    # A quiet character has little colour, and so little pull on the hue.
    pull = [share * max(character.chroma, 0.01) for share, character in speaking]
    strength = sum(share * character.chroma for share, character in speaking)
    strength /= sum(share for share, _ in speaking)
    chroma = (data.chroma + data.chroma_per_saturation * saturation) * strength
    lightness = data.lightness + data.lightness_per_brightness * brightness
    return Tint(
        _within(lightness, data.lightness_range),
        _within(chroma, data.chroma_range),
        mix_hues([character.accent for _, character in speaking], pull),
        tuple(mix_hues([character.hues[i] for _, character in speaking], pull) for i in range(5)),
    )


def move(tint: Tint, target: Tint, dt: float, half_life: float) -> Tint:
    """Go toward the target: hues turn along the shorter arc, never through grey."""
    factor = smoothing_factor(dt, half_life)
    most = FASTEST_LIGHT * dt
    return Tint(
        tint.lightness + _within(factor * (target.lightness - tint.lightness), (-most, most)),
        tint.chroma + factor * (target.chroma - tint.chroma),
        (tint.accent + factor * arc(tint.accent, target.accent)) % 360,
        tuple(
            (hue + factor * arc(hue, new)) % 360
            for hue, new in zip(tint.hues, target.hues, strict=True)
        ),
    )


def paint(tint: Tint, data: Colour, meanings: Meanings) -> dict[str, object]:
    """accent, palette (five companions, dark to light), ground and meanings, all within sRGB."""
    shift = 0.5 * (tint.lightness - data.lightness)
    palette = tuple(
        fit_to_gamut(_within(lightness + shift, (0.1, 0.95)), tint.chroma * share, hue)
        for lightness, share, hue in zip(
            data.palette_lightness, data.palette_chroma, tint.hues, strict=True
        )
    )
    return {
        "accent": fit_to_gamut(tint.lightness, tint.chroma, tint.accent),
        "palette": palette,
        "ground": _ground(tint.accent, data),
        "meanings": _meanings(tint, data, meanings),
    }


def _meanings(tint: Tint, data: Colour, meanings: Meanings) -> dict[str, OKLCH]:
    """What things are keeps its hue; the feeling moves its lightness and chroma."""
    lighter = meanings.follow * (tint.lightness - data.lightness)
    stronger = (max(tint.chroma, 0.01) / data.chroma) ** meanings.follow
    return {
        name: fit_to_gamut(_within(lightness + lighter, (0.08, 0.97)), chroma * stronger, hue)
        for name, (lightness, chroma, hue) in meanings.colours.items()
    }


def _ground(hue: float, data: Colour) -> OKLCH:
    lightness, chroma, warm = data.ground
    a = chroma * math.cos(math.radians(warm)) + data.ground_tint * math.cos(math.radians(hue))
    b = chroma * math.sin(math.radians(warm)) + data.ground_tint * math.sin(math.radians(hue))
    return fit_to_gamut(lightness, math.hypot(a, b), math.degrees(math.atan2(b, a)) % 360)


def fit_to_gamut(lightness: float, chroma: float, hue: float) -> OKLCH:
    """The colour with as much of its chroma as a screen can show (sRGB)."""
    if _fits(lightness, chroma, hue):
        return lightness, chroma, hue
    low, high = 0.0, chroma
    for _ in range(7):  # to a hundredth of the chroma asked for
        middle = (low + high) / 2
        low, high = (middle, high) if _fits(lightness, middle, hue) else (low, middle)
    return lightness, low, hue


def _fits(lightness: float, chroma: float, hue: float) -> bool:
    return all(-1e-4 <= value <= 1.0001 for value in linear_srgb(lightness, chroma, hue))


def linear_srgb(lightness: float, chroma: float, hue: float) -> tuple[float, float, float]:
    """OKLCH to linear sRGB; outside 0 to 1 where no screen can show it.

    Ottosson 2020, "A perceptual color space for image processing".
    """
    a = chroma * math.cos(math.radians(hue))
    b = chroma * math.sin(math.radians(hue))
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
    )


def _within(value: float, span: Sequence[float]) -> float:
    return min(max(value, span[0]), span[1])
