"""Figures of a trained generator on captures that it has never seen."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from tqdm import tqdm

from datasets.pictures import read_rgb
from gan_cut.inference import Translator
from gan_cut.metrics import (
    colour_layout,
    composition,
    diversity,
    edge_layout,
    frechet_distance,
    luminance_layout,
    pooled_features,
)
from models.core.pictures import centre_square
from models.core.squeezenet import SqueezeNetFeatures

FALL_GOAL = 40.0
DIVERSITY_GOAL = 1.0


def sample(paths: Sequence[Path], count: int, seed: int = 0) -> list[Path]:
    """At most `count` of them, chosen at random but always the same."""
    order = np.random.default_rng(seed).permutation(len(paths))
    return [paths[i] for i in sorted(order[:count])]


def bar(things: Sequence, name: str) -> tqdm:
    """A progress bar, where somebody looks at it."""
    return tqdm(things, desc=name, unit="picture", leave=False, disable=None)


def squares(paths: Sequence[Path], size: int, name: str) -> Iterator[np.ndarray]:
    for path in bar(paths, name):
        yield centre_square(read_rgb(path), size)


def evaluate(
    weights: Path,
    captures: Sequence[Path],
    targets: Sequence[Path],
    network: SqueezeNetFeatures,
    size: int = 256,
    device: str = "auto",
) -> list[dict]:
    """Rows {name, value, unit, baseline, goal, met} for one generator.

    Each baseline is measured here as well: the untranslated captures, the
    target set against itself, or another capture's result.
    """
    translator = Translator(weights, device=device)
    sources = list(squares(captures, size, "captures"))
    results = [translator(p) for p in bar(sources, "results")]
    of_sources, of_results = pooled_features(network, sources), pooled_features(network, results)
    of_targets = pooled_features(network, list(squares(targets, size, "targets")))
    before = frechet_distance(of_sources, of_targets)
    after = frechet_distance(of_results, of_targets)
    halves = np.random.default_rng(0).permutation(len(of_targets))
    floor = frechet_distance(of_targets[halves[::2]], of_targets[halves[1::2]])
    fall = 100 * (before - after) / before
    edges, edges_chance = composition(sources, results, edge_layout)
    light, light_chance = composition(sources, results, luminance_layout)
    features = diversity(of_sources, of_results)
    colours = diversity(
        np.stack([colour_layout(p) for p in sources]), np.stack([colour_layout(p) for p in results])
    )
    distance = "Fréchet distance on SqueezeNet features"
    halves_of = f"{len(of_targets) // 2} against {len(of_targets) - len(of_targets) // 2}"
    return [
        row(f"{distance}, {len(results)} results to {len(of_targets)} targets", after, "", before),
        row(f"{distance}, target to target ({halves_of})", floor, ""),
        row("fall of that distance", fall, "%", 0.0, FALL_GOAL),
        row("composition: contours kept", edges, "correlation", edges_chance),
        row("composition: light and dark kept", light, "correlation", light_chance),
        row("diversity: features, results to captures", features, "ratio", 1.0, DIVERSITY_GOAL),
        row("diversity: colours, results to captures", colours, "ratio", 1.0),
    ]


def row(
    name: str, value: float, unit: str, baseline: float | None = None, goal: float | None = None
) -> dict:
    met = None if goal is None else bool(value >= goal)
    return {
        "name": name,
        "value": round(value, 4),
        "unit": unit,
        "baseline": None if baseline is None else round(baseline, 4),
        "goal": goal,
        "met": met,
    }


def table(rows: Sequence[dict]) -> str:
    """The rows as text."""
    lines = [f"{'':58}{'value':>12}{'baseline':>12}{'goal':>8}"]
    for r in rows:
        baseline = "" if r["baseline"] is None else f"{r['baseline']:.3f}"
        goal = "" if r["goal"] is None else f"{r['goal']:g}" + (" ✓" if r["met"] else " ✗")
        lines.append(f"{r['name']:58}{r['value']:>12.3f}{baseline:>12}{goal:>8} {r['unit']}")
    return "\n".join(lines)
