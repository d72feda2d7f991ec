"""How well art's emotions can be read: `python -m models evaluate critic`.

Three labellers beside a linear probe on SqueezeNet's features, in cross-validation over all
annotated works, no artist on both sides; what the published critic says of the artists that it
never saw; the judge; and what a person filter and changed pictures do (N3).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.model_selection import GroupKFold
from tqdm import tqdm

from datasets.arrays import keep_arrays, kept_arrays
from datasets.art_emotions import FEELINGBLUE_WORDS, WIKIART_WORDS
from datasets.paths import find
from datasets.pictures import read_rgb
from models import registry
from models.core import metrics, page
from models.core.emotions import EXPRESSIONS, FOUR, JUDGED_GROUPS, LACKING, grouped
from models.critic import deep
from models.critic.critic import NAME
from models.critic.figures import correlations
from models.critic.handmade import features as handmade_features
from models.critic.judge import Judge
from models.critic.labellers import Block, handmade, linear_probe, ridge, shallow
from models.critic.material import BUILD, Material, load
from models.critic.persons import PersonFilter
from models.critic.train import BACKBONE, GET_BACKBONE

BEGIN = "<!-- critic: written by `python -m models evaluate critic` -->"
END = "<!-- end of critic -->"
FOLDS = 10
WORDS = ("anger", "disgust", "fear", "happiness", "neutral", "sadness", "surprise")
"""Of WikiArt Emotions, in the order of EXPRESSIONS."""
BLOCKS = (
    Block("seven words", WORDS, shares=False),
    Block("seven expressions", EXPRESSIONS, shares=True),
    Block("FeelingBlue", FEELINGBLUE_WORDS, shares=False),
    Block("four groups", tuple(FOUR), shares=True),
    Block("three groups", tuple(JUDGED_GROUPS), shares=True),
)
GOALS = {
    "seven words": (0.14, 0.27, 0.42, 0.52, 0.23, 0.21, 0.60),
    "FeelingBlue": (0.73, 0.70, 0.76, 0.56, 0.78),
}
"""Spearman of a linear probe on SqueezeNet's features, elsewhere: to be beaten."""
PROBE = "linear probe, SqueezeNet"
TRANSFER = "transfer: SqueezeNet, trained head"

Labeller = Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]
"""Rows to learn from, what people said [M, K], rows to label -> what people would say [T, K]."""


def evaluate() -> bool:
    """Prints the tables and writes them to docs/training/critic.md; whether all goals are met.

    Raises DataMissing without the annotated works or the backbones.
    """
    works = load()
    seen = deep_features(works)
    said, labellers = what_people_said(works), labellers_of(works, seen)
    found = {name: crossed(one, said, works.artists, name) for name, one in labellers.items()}
    goals = judged(found[TRANSFER], said)
    persons = detected(works)
    text = "\n\n".join(
        (
            tables(found, said),
            published(),
            judge_told(Judge.fit(works)),
            filtered(works, seen, said, persons),
            changed(works, said, found["shallow network"]),
        )
    )
    written = f"{text}\n\n{page.met_or_missed(goals)}"
    print(written)
    page.write(page.TRAINING / "critic.md", BEGIN, END, written)
    return all(met for *_, met in goals)


def deep_features(works: Material) -> np.ndarray:
    """[N, D] of all works, kept in build/."""

    def read() -> np.ndarray:
        return deep.features(works.paths, find(BACKBONE, GET_BACKBONE))

    return kept(BUILD / "critic_features.npz", works.files, read)


def detected(works: Material) -> np.ndarray | None:
    """[N] bool: the person filter's opinion, kept in build/; None without its weights."""

    def read() -> np.ndarray:
        see = PersonFilter()
        return np.array([see(read_rgb(path)) for path in tqdm(works.paths, desc="persons")])

    try:
        return kept(BUILD / "critic_persons.npz", works.files, read)
    except FileNotFoundError:
        return None


def kept(file: Path, names: np.ndarray, read: Callable[[], np.ndarray]) -> np.ndarray:
    """What a file of build/ holds for these works, or what `read` returns, which is then kept."""
    if (there := kept_arrays(file, names, ("values",))) is not None:
        return there["values"]
    values = read()
    keep_arrays(file, names, {"values": values})
    return values


def what_people_said(works: Material) -> np.ndarray:
    """[N, K]: the columns of BLOCKS; words and scores have mean 0 and deviation 1."""
    words = works.shares[:, [WIKIART_WORDS.index(word) for word in WORDS]]
    four = np.stack(
        [works.shares[:, [WIKIART_WORDS.index(w) for w in some]].sum(1) for some in FOUR.values()],
        1,
    )
    three = grouped(works.mixtures)
    with np.errstate(invalid="ignore", divide="ignore"):
        four, three = (x / x.sum(1, keepdims=True) for x in (four, three))
    scores = [(x - np.nanmean(x, 0)) / np.nanstd(x, 0) for x in (words, works.feelings)]
    return np.concatenate((scores[0], works.mixtures, scores[1], four, three), 1)


def labellers_of(works: Material, seen: np.ndarray) -> dict[str, Labeller]:
    """Each takes row numbers of the works."""
    measures = handmade_features(works.pictures)

    def on(inputs: np.ndarray, label) -> Labeller:
        return lambda learn, said, test: label(inputs[learn], said, inputs[test])

    return {
        PROBE: on(seen[:, deep.LAST] ** 2, linear_probe),
        "shallow network": on(works.pictures, partial(shallow, blocks=BLOCKS)),
        "thirteen measures": on(measures, partial(handmade, blocks=BLOCKS)),
        TRANSFER: on(seen, ridge),
    }


def crossed(
    label: Labeller,
    said: np.ndarray,
    artists: np.ndarray,
    name: str,
    keep: np.ndarray | None = None,
) -> np.ndarray:
    """[N, K]: what people would say of each work, learnt from other artists' works; only from
    those of the mask `keep`, where there is one."""
    found = np.empty(said.shape)
    folds = GroupKFold(FOLDS).split(said, groups=artists)
    for learn, test in tqdm(folds, desc=name, total=FOLDS, unit="fold"):
        rows = learn if keep is None else learn[keep[learn]]
        found[test] = label(rows, said[rows], test)
    return found


def columns(name: str) -> slice:
    """Where a block stands."""
    start = 0
    for block in BLOCKS:
        if block.name == name:
            return slice(start, start + len(block.names))
        start += len(block.names)
    raise KeyError(name)


def judged(found: np.ndarray, said: np.ndarray) -> list[tuple[str, float, str, bool]]:
    """The goals, for what one labeller found."""
    results = []
    for block in BLOCKS:
        if block.name in GOALS:
            place = columns(block.name)
            reached = correlations(found[:, place], said[:, place], block.names)
            results += [
                metrics.judged(f"{block.name}: {word}", reached[word], ("≥", goal))
                for word, goal in zip(block.names, GOALS[block.name], strict=True)
            ]
    return results


def tables(found: dict[str, np.ndarray], said: np.ndarray) -> str:
    """Spearman for words, expressions and scores; accuracies for groups."""
    parts = []
    for block in BLOCKS[:3]:
        place = columns(block.name)
        rows = {
            name: correlations(one[:, place], said[:, place], block.names)
            for name, one in found.items()
        }
        known = np.isfinite(said[:, place]).any(1).sum()
        parts.append(table(f"{block.name}, Spearman, {known} works", block.names, rows))
    lines = ["| groups | works | most frequent alone | " + " | ".join(found) + " |",
             "|---|--:|--:|" + "--:|" * len(found)]  # fmt: skip
    for block in BLOCKS[3:]:
        place = columns(block.name)
        known = np.isfinite(said[:, place]).all(1)
        top = said[known, place].argmax(1)
        alone = np.bincount(top).max() / len(top)
        cells = [f"{(one[known, place].argmax(1) == top).mean():.3f}" for one in found.values()]
        lines.append(f"| {block.name} ({', '.join(names_and_counts(block, top))}) | {len(top)} |"
                     f" {alone:.3f} | " + " | ".join(cells) + " |")  # fmt: skip
    lines += ["", f"Of N1's emotions the data lack {' and '.join(LACKING)}."]
    return "\n\n".join((*parts, "\n".join(lines)))


def names_and_counts(block: Block, top: np.ndarray) -> list[str]:
    """How many works each group is the first of."""
    return [f"{name.replace(', ', '/')} {(top == n).sum()}" for n, name in enumerate(block.names)]


def table(title: str, names: Sequence[str], rows: dict[str, dict[str, float]]) -> str:
    """A table in Markdown, with the mean of each row."""
    lines = [f"| {title} | " + " | ".join((*names, "mean")) + " |"]
    lines += ["|---|" + "--:|" * (len(names) + 1)]
    for name, row in rows.items():
        cells = [f"{row[one]:.2f}" for one in names] + [f"{np.mean(list(row.values())):.3f}"]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def published() -> str:
    """What the critic's card says; nothing where there is no critic."""
    try:
        card: dict[str, Any] = registry.card(NAME)["metrics"]
    except registry.ModelError:
        return "The critic is not trained yet."
    rows = {name: card[name] for name in card if name.startswith("Spearman")}
    title = f"the published critic: {card['works']} works learnt, {card['unseen works']} unseen"
    return table(title, EXPRESSIONS, rows)


def judge_told(judge: Judge) -> str:
    """The judge's accuracy on real works."""
    lines = ["| the judge, real works by artists left out | works | recognised |", "|---|--:|--:|"]
    for name in judge.names:
        lines.append(f"| {name} | {judge.works[name]} | {judge.accuracy[name]:.3f} |")
    lines += [f"| {name}: left out | {n} | |" for name, n in judge.left_out.items()]
    mean = np.mean(list(judge.accuracy.values()))
    return "\n".join((*lines, f"| mean of the groups | | {mean:.3f} |"))


def filtered(
    works: Material, seen: np.ndarray, said: np.ndarray, persons: np.ndarray | None
) -> str:
    """The transfer labeller trained with and without the person filter, on works with a person."""
    place = columns("seven expressions")
    asked = np.isfinite(said[:, place]).all(1)
    inside = works.person & asked
    ways: dict[str, np.ndarray | None] = {"all works": None, "with a person, people say": inside}
    told = ["The person filter is not here (backbones/yolox_nano.onnx)."]
    if persons is not None:
        ways["with a person, the filter says"] = persons & asked
        agree = (persons == works.person)[asked].mean()
        right = (persons & inside).sum() / max(1, (persons & asked).sum())
        recall = (persons & inside).sum() / inside.sum()
        told = [
            f"The person filter agrees with people about {agree:.1%} of {asked.sum()} works:"
            f" {recall:.1%} of the works with a person are found, {right:.1%} of what it finds"
            " has one."
        ]
    rows = {}
    for name, keep in ways.items():
        used = asked if keep is None else keep
        one = crossed(
            lambda learn, s, test: ridge(seen[learn], s, seen[test]),
            said[:, place], works.artists, name, used,
        )  # fmt: skip
        rows[f"learnt from {name} ({used.sum()})"] = correlations(
            one[inside], said[inside, place], EXPRESSIONS
        )
    title = f"transfer, on {inside.sum()} works with a person, Spearman"
    return "\n\n".join((*told, table(title, EXPRESSIONS, rows)))


def changed(works: Material, said: np.ndarray, with_changes: np.ndarray) -> str:
    """The shallow network with and without mirrored and turned pictures."""
    without = crossed(
        lambda learn, s, test: shallow(
            works.pictures[learn], s, works.pictures[test], BLOCKS, changes=False
        ),
        said,
        works.artists,
        "no changes",
    )
    place = columns("seven expressions")
    rows = {
        "mirrored and turned, no blur": with_changes,
        "as they are": without,
    }
    return table(
        "shallow network, pictures to learn from, Spearman",
        EXPRESSIONS,
        {n: correlations(one[:, place], said[:, place], EXPRESSIONS) for n, one in rows.items()},
    )
