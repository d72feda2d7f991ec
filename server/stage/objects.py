"""Objects: how they are born, age and leave."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random
from typing import NamedTuple

from server.stage.colour import OKLCH, fit_to_gamut
from server.stage.mappings import Mappings
from server.values import SceneObject

Point = tuple[float, float]

EDGE = 0.95
"""Objects are born inside this part of the scene."""


class Living(NamedTuple):
    """An object in the scene, and when it leaves, on the stage's clock."""

    object: SceneObject
    until: float


def born(
    first_id: int,
    count: int,
    seed: int,
    clock: float,
    voices: Mapping[str, float],
    values: Mapping[str, float],
    palette: tuple[OKLCH, ...],
    places: tuple[Point, ...],
    depth: float,
    mappings: Mappings,
) -> tuple[Living, ...]:
    """`count` new objects near `places` (face and hands, in scene coordinates).

    `voices` are the characters' shares, `values` the inputs of the rules,
    `depth` is the visitor's nearness, -1 to 1.  Each object draws from a
    generator of its own, so the same seed and id give the same object.
    """
    data = mappings.objects
    size, spin, spread = data.size(values), data.spin(values), data.spread(values)
    objects = []
    for id_ in range(first_id, first_id + count):
        random = Random(f"{seed}/{id_}")
        speaker = random.choices(list(voices), list(voices.values()))[0]
        place = places[id_ % len(places)] if places else (0.0, 0.0)
        colour = random.choice(palette[1:])  # the darkest would be lost in the ground
        position = (
            _inside(random.gauss(place[0], spread)),
            _inside(random.gauss(place[1], spread)),
            _inside(random.gauss(depth, 0.3)),
        )
        thing = SceneObject(
            id=id_,
            kind=random.choice(mappings.characters[speaker].kinds),
            size=size * random.uniform(0.65, 1.45),
            position=position,
            colour=fit_to_gamut(
                colour[0],
                colour[1],
                (colour[2] + random.uniform(-1.0, 1.0) * data.hue_spread) % 360,
            ),
            spin=tuple(spin * random.uniform(-1.0, 1.0) for _ in range(3)),
            meaning=random.choice(mappings.characters[speaker].meanings),
        )
        objects.append(Living(thing, clock + random.uniform(*data.life)))
    return tuple(objects)


def expired(living: tuple[Living, ...], clock: float) -> tuple[int, ...]:
    """Ids of those whose time is over."""
    return tuple(one.object.id for one in living if one.until <= clock)


def too_many(living: tuple[Living, ...], limit: int) -> tuple[int, ...]:
    """Ids of the oldest beyond the limit."""
    return tuple(one.object.id for one in living[: max(len(living) - limit, 0)])


def without(living: tuple[Living, ...], ids: tuple[int, ...]) -> tuple[Living, ...]:
    return tuple(one for one in living if one.object.id not in ids)


def _inside(value: float) -> float:
    return min(max(value, -EDGE), EDGE)
