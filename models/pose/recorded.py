"""Films of real people, labelled: every recording there is.

bicep curl, semaphore, Wakanda forever, reverse fly: frame by frame, by the rules.
Arm signals: by signal and rules, see SIGNALS.  Signing: neutral.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from datasets import gestures
from datasets.about import About
from datasets.synthetic_films import BEGUN, SETTLED
from models.pose import rules
from models.pose.geometry import (
    LEFT_ELBOW,
    LEFT_SHOULDER,
    LEFT_WRIST,
    RIGHT_ELBOW,
    RIGHT_SHOULDER,
    RIGHT_WRIST,
    features_many,
)
from models.pose.landmarks import signing_bodies
from models.pose.rules import BETWEEN
from models.pose.samples import Film, settled

SHAPES = (1.0, 4 / 3, 16 / 9)
"""Aspects tried for recordings that do not say theirs."""
CSV_RATE, VIDEO_RATE = 15, 30
"""Frames a second; the recordings do not say theirs, and these look natural."""
SIGNALS = {
    "attention": "wave",
    "stop": "right_arm_up",
    "turn-left": "right_arm_out",
    "turn-right": "left_arm_out",
    "crank": "neutral",
    "kill": "neutral",
    "move": "neutral",
    "ready": "neutral",
    "standby": "neutral",
}
"""Signal -> our name.  Poses count where the rules see them too.  speed-up and slow-down go
in and out of poses with every beat: they are left out."""
COMPOSED = 60
"""Films of each kind that are composed of each person's arms."""


def recorded(rng: np.random.Generator) -> list[Film]:
    """All of them; raises DataMissing."""
    arms = gestures.load_arm_signals()
    films = [*exercises(), *semaphore(), *signals(arms), *signing()]
    for person in np.unique(arms.people):
        films += two_arms(arms, person, rng)
    return films


def exercises() -> list[Film]:
    """Each exercise is one group."""
    films = []
    for name, bodies, aspect, labels in _by_the_rules(gestures.EXERCISES):
        if name == "Wakanda forever":
            labels = np.where(labels == "arms_crossed", labels, BETWEEN)
        elif name == "Bicep Curl":
            # Somebody bent over or lying: hands and head change places.
            labels = np.where(np.char.endswith(labels, "_up"), BETWEEN, "neutral")
        films.append(_csv_film(bodies, aspect, labels, name))
    return films


def semaphore() -> list[Film]:
    """One person's flag letters, given with one arm."""
    return [
        _csv_film(bodies, aspect, labels, "semaphore")
        for _name, bodies, aspect, labels in _by_the_rules(gestures.SEMAPHORE)
    ]


def _by_the_rules(about: About) -> Iterator[tuple[str, np.ndarray, float, np.ndarray]]:
    """Name, bodies, aspect and labels [N] of each class of a CSV, in each of SHAPES."""
    recording = gestures.load_csv(about)
    names = np.array(recording.classes)
    for name in np.unique(names):
        bodies = recording.bodies[names == name]
        for aspect in SHAPES:
            yield name, bodies, aspect, rules.label(features_many(bodies, aspect))


def _csv_film(bodies: np.ndarray, aspect: float, labels: np.ndarray, group: str) -> Film:
    times = np.arange(len(bodies)) / CSV_RATE
    return Film(times, bodies, aspect, settled(times, labels, SETTLED), group)


def signals(arms: gestures.ArmSignals) -> list[Film]:
    """The arm signals as they were given."""
    films = []
    for film, name in signal_films(arms):
        seen = rules.label(features_many(film.bodies, film.aspect))
        wanted = SIGNALS.get(name, BETWEEN)
        if wanted == "neutral":
            labels = np.where(seen == BETWEEN, "neutral", seen)
            allowed = ("neutral", "arms_crossed") if name == "standby" else ("neutral",)
            labels = np.where(np.isin(labels, allowed), labels, BETWEEN)
        elif wanted == "wave":
            labels = np.where(film.times > BEGUN, wanted, BETWEEN)
        else:
            labels = np.where(seen == wanted, wanted, BETWEEN)
        labels = settled(film.times, labels, SETTLED)
        films.append(Film(film.times, film.bodies, film.aspect, labels, film.group))
    return films


def signal_films(arms: gestures.ArmSignals) -> list[tuple[Film, str]]:
    """Every clip, cut where the signal changes, labelled with the signal's name; and the name."""
    cuts = np.flatnonzero((np.diff(arms.clips) != 0) | (np.diff(arms.signals) != 0)) + 1
    films = []
    for rows in np.split(np.arange(len(arms.bodies)), cuts):
        name = arms.names[arms.signals[rows[0]]]
        group = f"arm signals, person {arms.people[rows[0]]}"
        times = np.arange(len(rows)) / VIDEO_RATE
        films.append((Film(times, arms.bodies[rows], 1.0, np.full(len(rows), name), group), name))
    return films


def two_arms(arms: gestures.ArmSignals, person: int, rng: np.random.Generator) -> list[Film]:
    """One person's arm signals, given with both arms.

    The left arm of a film is replaced by the mirrored right arm of another: two right
    arms raised are arms up, two held aside are arms out.  Labelled by the rules.
    """
    own = [(film, name) for film, name in signal_films(arms)
           if film.group.endswith(str(person)) and len(film.times) > 60]  # fmt: skip

    def part(*names: str) -> np.ndarray:
        some = [film for film, name in own if name in names]
        film = some[rng.integers(len(some))]
        start = rng.integers(len(film.times) - 60)
        return film.bodies[start : start + 60]

    raised, aside = ("stop", "attention", "speed-up"), ("turn-left", "slow-down")
    rest = ("ready", "crank", "kill")
    kinds = ((raised, raised), (aside, aside), (raised, aside), (rest, ("stop",)))
    times = np.arange(60) / VIDEO_RATE
    films = []
    for right, left in kinds * COMPOSED:
        bodies, other = part(*right).copy(), part(*left)
        for point, mirror in ((LEFT_ELBOW, RIGHT_ELBOW), (LEFT_WRIST, RIGHT_WRIST)):
            away = other[:, mirror, :2] - other[:, RIGHT_SHOULDER, :2]
            bodies[:, point, :2] = bodies[:, LEFT_SHOULDER, :2] + away * (-1, 1)
        labels = rules.label(features_many(bodies, 1.0))
        labels[labels == "arms_crossed"] = BETWEEN
        labels = settled(times, labels, SETTLED)
        films.append(Film(times, bodies, 1.0, labels, f"arm signals, person {person}"))
    return films


def signing() -> list[Film]:
    """Every clip in every crop."""
    found = signing_bodies()
    films = []
    for word in np.unique(found.words):
        for crop in np.unique(found.crops):
            rows = np.flatnonzero((found.words == word) & (found.crops == crop))
            if not len(rows):
                continue
            times = np.arange(len(rows)) / VIDEO_RATE
            group = f"signing, person {found.people[rows[0]]}"
            aspect = float(found.aspects[rows[0]])
            labels = np.full(len(rows), "neutral")
            films.append(Film(times, found.bodies[rows], aspect, labels, group))
    return films
