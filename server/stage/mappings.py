"""The designer's data: what mappings.toml may say, and reading it.

`load_mappings()` reads the file once and checks every value; an error names
the file and the key.  docs/mappings.md is the guide for editing.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from gan_cut.painter.hand import Hand, hand_of
from server.values import COMMANDS, EXPRESSIONS, Command

BODY_MOODS = ("still", "moving", "open")
"""What the body's measures stand for where no expression is read."""

KINDS = (
    "sphere", "capsule", "torus", "knot", "box", "cone", "octahedron", "tetrahedron", "shard",
)  # fmt: skip
INPUTS = ("pleasure", "arousal", "dominance", "tension", *EXPRESSIONS, "openness", "energy")
"""What form, motion and objects can depend on."""

RANGES = {
    "form": {
        "roundness": (0, 1),
        "facets": (0, 1),
        "noise": (0, 1),
        "asymmetry": (0, 1),
        "diagonal": (0, 1),
        "opening": (0, 1),
    },
    "motion": {
        "speed": (0, 2),
        "amplitude": (0, 1),
        "jerk": (0, 1),
        "lift": (-1, 1),
        "tremble": (0, 1),
        "pulse": (0, 1),
        "fold": (0, 1),
        "breath": (4, 40),
    },
    "objects": {"size": (0.03, 0.3), "spin": (0, 4), "spread": (0.05, 1)},
}
"""Lowest and highest value of each rule: the ranges of docs/protocol.md."""


class MappingsError(ValueError):
    """mappings.toml says something that cannot be used; the message names the key."""


@dataclass(frozen=True, slots=True)
class Rule:
    """rest + sum of weight x input, kept between low and high."""

    rest: float
    weights: Mapping[str, float]
    low: float
    high: float

    def __call__(self, inputs: Mapping[str, float]) -> float:
        value = self.rest + sum(weight * inputs[name] for name, weight in self.weights.items())
        return min(max(value, self.low), self.high)


@dataclass(frozen=True, slots=True)
class Character:
    """Colours and objects of one expression or mood of the body; hues in degrees."""

    accent: float
    hues: tuple[float, ...]
    chroma: float
    kinds: tuple[str, ...]
    born: int
    meanings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Colour:
    """From brightness and saturation in standard units to OKLCH."""

    lightness: float
    lightness_per_brightness: float
    lightness_range: tuple[float, ...]
    chroma: float
    chroma_per_saturation: float
    chroma_range: tuple[float, ...]
    palette_lightness: tuple[float, ...]
    palette_chroma: tuple[float, ...]
    ground: tuple[float, ...]
    ground_tint: float
    emphasis: float
    half_life: float


@dataclass(frozen=True, slots=True)
class Meanings:
    """The colours of things, OKLCH, and how far they follow the accent's lightness and chroma."""

    follow: float
    colours: Mapping[str, tuple[float, ...]]


@dataclass(frozen=True, slots=True)
class Expand:
    """When the single expansion begins and how long it takes to its largest."""

    expression: str
    rise: float
    burst: float
    calm: float


@dataclass(frozen=True, slots=True)
class Objects:
    """How objects are born and leave; times in seconds, sizes in scene units."""

    limit: int
    more: int
    pause: float
    life: tuple[float, ...]
    size: Rule
    spin: Rule
    spread: Rule
    hue_spread: float


@dataclass(frozen=True, slots=True)
class Trigger:
    """What a held pose asks for, after `length` seconds."""

    command: Command
    length: float


@dataclass(frozen=True, slots=True)
class Tuning:
    """One-euro filter: cutoffs in Hz, beta in Hz per unit per second."""

    cutoff: float
    beta: float
    speed_cutoff: float


@dataclass(frozen=True, slots=True)
class Steadiness:
    """How shares of classes are smoothed and a leader is found; times in seconds."""

    half_life: float
    certainty_half_life: float
    rest_half_life: float
    grace: float
    enter: float
    leave: float
    margin: float
    dwell: float
    trust: float


@dataclass(frozen=True, slots=True)
class Absence:
    """How long a lost part and visitor are kept, and where the arms rest."""

    grace: float
    leave: float
    half_life: float
    openness: float


@dataclass(frozen=True, slots=True)
class Mappings:
    """All of mappings.toml."""

    affect: Mapping[str, tuple[float, ...]]
    affect_of_body: Mapping[str, Rule]
    characters: Mapping[str, Character]
    colour: Colour
    meanings: Meanings
    form: Mapping[str, Rule]
    motion: Mapping[str, Rule]
    expand: Expand
    objects: Objects
    triggers: Mapping[str, Trigger]
    position: Tuning
    angle: Tuning
    measure: Tuning
    expression: Steadiness
    pose: Steadiness
    absence: Absence
    hands: Mapping[str, Hand]


def load_mappings(path: Path | str | None = None) -> Mappings:
    """Read and check a mappings file; without `path` the one beside this module.

    Raises MappingsError, which names the key, for anything missing, unknown or
    out of range, and OSError when the file cannot be read.
    """
    path = Path(path) if path else Path(__file__).with_name("mappings.toml")
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise MappingsError(f"{path} is not readable TOML: {error}") from error
    try:
        return _mappings(_Table(data, ""))
    except MappingsError as error:
        raise MappingsError(f"{path}: {error}") from error


class _Table:
    """One table of the file: values are taken by name, and what is left is an error."""

    def __init__(self, values: object, name: str) -> None:
        if not isinstance(values, dict):
            raise MappingsError(f"{name} must be a table, not {values!r}")
        self.values = dict(values)
        self.name = name

    def path(self, key: str) -> str:
        return f"{self.name}.{key}" if self.name else key

    def pop(self, key: str) -> object:
        if key not in self.values:
            raise MappingsError(f"{self.path(key)} is missing")
        return self.values.pop(key)

    def table(self, key: str) -> _Table:
        return _Table(self.pop(key), self.path(key))

    def number(self, key: str, low: float, high: float) -> float:
        return _number(self.pop(key), self.path(key), low, high)

    def numbers(self, key: str, low: float, high: float, count: int) -> tuple[float, ...]:
        values = self.pop(key)
        if not isinstance(values, list) or len(values) != count:
            raise MappingsError(f"{self.path(key)} must be a list of {count} numbers")
        return tuple(_number(value, self.path(key), low, high) for value in values)

    def oklch(self, key: str) -> tuple[float, ...]:
        colour = self.numbers(key, 0, 360, 3)
        if colour[0] > 1 or colour[1] > 0.37:
            expected = "[lightness 0-1, chroma 0-0.37, hue 0-360]"
            raise MappingsError(f"{self.path(key)} must be {expected}")
        return colour

    def span(self, key: str, low: float, high: float) -> tuple[float, ...]:
        first, last = self.numbers(key, low, high, 2)
        if first > last:
            raise MappingsError(f"{self.path(key)}: the first number must not exceed the second")
        return first, last

    def whole(self, key: str, low: int, high: int) -> int:
        value = self.number(key, low, high)
        if value != int(value):
            raise MappingsError(f"{self.path(key)} must be a whole number, not {value}")
        return int(value)

    def word(self, key: str, known: tuple[str, ...]) -> str:
        return _word(self.pop(key), self.path(key), known)

    def words(self, key: str, known: tuple[str, ...]) -> tuple[str, ...]:
        values = self.pop(key)
        if not isinstance(values, list) or not values:
            raise MappingsError(f"{self.path(key)} must be a list of words")
        return tuple(_word(value, self.path(key), known) for value in values)

    def rule(self, key: str, low: float, high: float, inputs: tuple[str, ...] = INPUTS) -> Rule:
        table = self.table(key)
        rest = table.number("rest", low, high)
        weights = {name: table.number(name, -100, 100) for name in inputs if name in table.values}
        table.nothing_left(f"an input; known: {', '.join(inputs)}")
        return Rule(rest, weights, low, high)

    def nothing_left(self, expected: str = "known here") -> None:
        if self.values:
            raise MappingsError(f"{self.path(next(iter(self.values)))} is not {expected}")


def _number(value: object, path: str, low: float, high: float) -> float:
    # Python counts true and false among the numbers; a designer does not.
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise MappingsError(f"{path} must be a number, not {value!r}")
    if not low <= value <= high:
        raise MappingsError(f"{path} must be from {low:g} to {high:g}, not {value}")
    return float(value)


def _word(value: object, path: str, known: tuple[str, ...]) -> str:
    if value not in known:
        raise MappingsError(f"{path} must be one of {', '.join(known)}, not {value!r}")
    return value


def _mappings(top: _Table) -> Mappings:
    affect = top.table("affect")
    of_body = top.table("affect_of_body")
    characters = top.table("characters")
    form, motion = top.table("form"), top.table("motion")
    filters = top.table("filters")
    triggers, hands = top.table("triggers"), top.table("hands")
    meanings = _meanings(top.table("meanings"))
    mappings = Mappings(
        affect={name: affect.numbers(name, -1, 1, 3) for name in EXPRESSIONS},
        affect_of_body={
            name: of_body.rule(name, -1, 1, ("openness", "energy"))
            for name in ("pleasure", "arousal", "dominance")
        },
        characters={
            name: _character(characters.table(name), tuple(meanings.colours))
            for name in (*EXPRESSIONS, *BODY_MOODS)
        },
        colour=_colour(top.table("colour")),
        meanings=meanings,
        form={name: form.rule(name, *span) for name, span in RANGES["form"].items()},
        motion={name: motion.rule(name, *span) for name, span in RANGES["motion"].items()},
        expand=_expand(top.table("expand")),
        objects=_objects(top.table("objects")),
        triggers={pose: _trigger(triggers.table(pose)) for pose in list(triggers.values)},
        position=_tuning(filters.table("position")),
        angle=_tuning(filters.table("angle")),
        measure=_tuning(filters.table("measure")),
        expression=_steadiness(top.table("expression")),
        pose=_steadiness(top.table("pose")),
        absence=_absence(top.table("absence")),
        hands={name: _hand(hands.table(name)) for name in EXPRESSIONS},
    )
    for table in (affect, of_body, characters, form, motion, filters, hands, top):
        table.nothing_left()
    most = max(character.born for character in mappings.characters.values())
    if mappings.objects.limit < most + mappings.objects.more:
        raise MappingsError(
            f"objects.limit must be at least {most + mappings.objects.more}: "
            "the largest `born` of a character and objects.more together"
        )
    return mappings


def _meanings(table: _Table) -> Meanings:
    follow = table.number("follow", 0, 1)
    return Meanings(follow, {name: table.oklch(name) for name in list(table.values)})


def _character(table: _Table, meanings: tuple[str, ...]) -> Character:
    character = Character(
        accent=table.number("accent", 0, 360),
        hues=table.numbers("hues", 0, 360, 5),
        chroma=table.number("chroma", 0, 3),
        kinds=table.words("kinds", KINDS),
        born=table.whole("born", 0, 12),
        meanings=table.words("meanings", meanings),
    )
    table.nothing_left()
    return character


def _colour(table: _Table) -> Colour:
    colour = Colour(
        lightness=table.number("lightness", 0, 1),
        lightness_per_brightness=table.number("lightness_per_brightness", 0, 1),
        lightness_range=table.span("lightness_range", 0, 1),
        chroma=table.number("chroma", 0, 0.37),
        chroma_per_saturation=table.number("chroma_per_saturation", 0, 0.37),
        chroma_range=table.span("chroma_range", 0, 0.37),
        palette_lightness=table.numbers("palette_lightness", 0, 1, 5),
        palette_chroma=table.numbers("palette_chroma", 0, 2, 5),
        ground=table.oklch("ground"),
        ground_tint=table.number("ground_tint", 0, 0.1),
        emphasis=table.number("emphasis", 1, 8),
        # Faster hues could follow flickering input into visible flashes.
        half_life=table.number("half_life", 0.3, 5),
    )
    table.nothing_left()
    return colour


def _expand(table: _Table) -> Expand:
    expand = Expand(
        expression=table.word("expression", EXPRESSIONS),
        rise=table.number("rise", 0.1, 5),
        burst=table.number("burst", 0.05, 1),
        calm=table.number("calm", 0, 1),
    )
    table.nothing_left()
    if expand.calm >= expand.burst:
        raise MappingsError("expand.calm must be below expand.burst")
    return expand


def _objects(table: _Table) -> Objects:
    objects = Objects(
        limit=table.whole("limit", 1, 200),
        more=table.whole("more", 1, 50),
        pause=table.number("pause", 0.3, 60),
        life=table.span("life", 1, 3600),
        hue_spread=table.number("hue_spread", 0, 180),
        **{name: table.rule(name, *span) for name, span in RANGES["objects"].items()},
    )
    table.nothing_left()
    return objects


def _trigger(table: _Table) -> Trigger:
    known = tuple(name for name in COMMANDS if name != "cancel")
    argument = table.pop("argument") if "argument" in table.values else None
    if argument is not None and not isinstance(argument, str):
        raise MappingsError(f"{table.path('argument')} must be a text, not {argument!r}")
    command = Command(table.word("action", known), argument)
    trigger = Trigger(command, table.number("length", 0.5, 30))
    table.nothing_left()
    return trigger


def _tuning(table: _Table) -> Tuning:
    tuning = Tuning(
        cutoff=table.number("cutoff", 0.01, 60),
        beta=table.number("beta", 0, 100),
        speed_cutoff=table.number("speed_cutoff", 0.01, 60),
    )
    table.nothing_left()
    return tuning


def _steadiness(table: _Table) -> Steadiness:
    times = ("half_life", "certainty_half_life", "rest_half_life")
    steadiness = Steadiness(
        **{name: table.number(name, 0.01, 60) for name in times},
        grace=table.number("grace", 0, 10),
        enter=table.number("enter", 0, 1),
        leave=table.number("leave", 0, 1),
        margin=table.number("margin", 0, 1),
        dwell=table.number("dwell", 0, 10),
        trust=table.number("trust", 0.01, 1),
    )
    table.nothing_left()
    if steadiness.leave > steadiness.enter:
        raise MappingsError(f"{table.path('leave')} must not exceed {table.path('enter')}")
    return steadiness


def _absence(table: _Table) -> Absence:
    absence = Absence(
        grace=table.number("grace", 0, 10),
        leave=table.number("leave", 0, 60),
        half_life=table.number("half_life", 0.01, 60),
        openness=table.number("openness", 0, 1),
    )
    table.nothing_left()
    return absence


def _hand(table: _Table) -> Hand:
    try:
        return hand_of(table.values)
    except (TypeError, ValueError) as problem:
        raise MappingsError(f"{table.name}: {problem}") from problem
