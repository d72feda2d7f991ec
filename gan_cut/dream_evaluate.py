"""Figures of a network that makes pictures from nothing: does the emotion show, are they
different from one another, how near do they come to real works?"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np

from gan_cut.conditional_networks import STYLES
from gan_cut.dream import Dreamer
from gan_cut.evaluate import bar, row
from gan_cut.metrics import frechet_distance, mean_distance, pooled_features
from models.core.emotions import EXPRESSIONS, JUDGED_GROUPS, parse_emotion
from models.core.squeezenet import SqueezeNetFeatures

CANDIDATES, CHOSEN = 24, 3
SHOWS_GOAL = 0.7

Judge = Callable[[Sequence[np.ndarray]], np.ndarray]
"""Pictures -> [N, 3], shares of the three groups; 0 for a group that it does not know."""
Choose = Callable[[Sequence[np.ndarray], np.ndarray, int], list[int]]
"""Candidates, mixture [7], how many -> the numbers of those that agree best."""


def shows(
    dreamer: Dreamer, judge: Judge, real: Mapping[str, float], choose: Choose | None, rounds: int
) -> list[dict]:
    """Rows: the share of pictures in which the judge sees what was asked for.

    real: the same share of real works it has not learned from, by group; a group that is not in
    it is left out.  For each style and expression `rounds` times CANDIDATES pictures are made;
    with `choose` the best CHOSEN of each round are looked at as well.
    """
    found = {"all": {}, "chosen": {}}  # way -> (style, group) -> right or not, by picture
    order = list(JUDGED_GROUPS)
    wishes = [
        (style, group, expression, number)
        for style in STYLES
        for group in order
        if group in real
        for expression in JUDGED_GROUPS[group]
        for number in range(rounds)
    ]
    for style, group, expression, number in bar(wishes, "judged"):
        mixture = parse_emotion(expression)
        pictures = dreamer(style, mixture, CANDIDATES, seed=number)
        right = judge(pictures).argmax(1) == order.index(group)
        found["all"].setdefault((style, group), []).extend(right)
        if choose is not None:
            best = choose(pictures, mixture, CHOSEN)
            found["chosen"].setdefault((style, group), []).extend(right[best])

    rows = [
        row(f"judge: real works, {g}", share, "share", 1 / len(real)) for g, share in real.items()
    ]
    ways = {"all": "all candidates", "chosen": f"best {CHOSEN} of {CANDIDATES}"}
    for way, name in ways.items():
        if not found[way]:
            continue
        shares = {key: float(np.mean(right)) for key, right in found[way].items()}
        by_group = {g: float(np.mean([shares[s, g] for s in STYLES])) for g in real}
        rows += [
            row(f"judge: generated, {name}, {g}", share, "share", real[g])
            for g, share in by_group.items()
        ]
        rows += [
            row(
                f"judge: generated, {name}, {s}",
                float(np.mean([shares[s, g] for g in real])),
                "share",
            )
            for s in STYLES
        ]
        rows.append(
            row(
                f"judge: generated, {name}, mean of the groups",
                float(np.mean(list(by_group.values()))),
                "share",
                float(np.mean(list(real.values()))),
                SHOWS_GOAL,
            )
        )
    return rows


def distances(
    dreamer: Dreamer,
    baselines: Mapping[str, Dreamer],
    works: Mapping[str, Sequence[np.ndarray]],
    mixtures: Mapping[str, np.ndarray],
    network: SqueezeNetFeatures,
) -> list[dict]:
    """Rows: Fréchet distance and diversity of each style.

    works: the real ones of each style, as large as what is made; mixtures: as many labels
    [N, 7], by which the same number of pictures is made.  Smaller sets are farther apart, so that
    the floor, of halves, has beside it what the same number of generated pictures reaches.
    """
    rows = []
    for style in bar(STYLES, "styles"):
        real = pooled_features(network, works[style])
        made = {}
        for name, one in {"": dreamer, **baselines}.items():
            codes = np.random.default_rng(1).standard_normal((len(real), one.generator.code))
            pictures = one.paint(style, mixtures[style], codes)
            made[name] = pooled_features(network, list(pictures))
        far = {name: frechet_distance(features, real) for name, features in made.items()}
        distance = f"Fréchet distance, {style}, {len(real)} to {len(real)}"
        rows.append(row(distance, far.pop(""), "", min(far.values(), default=None)))
        rows += [row(f"  of the baseline {name}", value, "") for name, value in far.items()]
        order = np.random.default_rng(0).permutation(len(real))
        half, others = order[::2], order[1::2]
        floor, ours = (frechet_distance(some[half], real[others]) for some in (real, made[""]))
        what = f"  works to works, {len(half)} to {len(others)} (floor); generated to works"
        rows.append(row(what, floor, "", ours))
        apart = mean_distance(real)
        within = []
        for mixture in np.eye(len(EXPRESSIONS), dtype=np.float32):
            pictures = dreamer(style, mixture, CANDIDATES, seed=0)
            within.append(mean_distance(pooled_features(network, list(pictures))) / apart)
        rows.append(
            row(f"diversity within an emotion, {style}", float(np.mean(within)), "ratio", 1.0)
        )
    return rows


def load_baselines(files: Sequence[Path]) -> dict[str, Dreamer]:
    """By the name of their run, or of their file."""
    return {
        (f.parent.parent.name if f.parent.name == "epochs" else f.stem): Dreamer(f) for f in files
    }
