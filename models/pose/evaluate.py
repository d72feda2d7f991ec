"""How good poses and movements are read: `python -m models evaluate pose`.

Everything of real people is measured on people who were left out; beside it stands the
same pipeline on raw coordinates of single frames.  Classes that no real person shows are
measured on synthetic people the live model has not seen.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np

from datasets import gestures
from datasets.paths import write_whole
from models import registry
from models.core import metrics, page
from models.pose.arm_signals import understood
from models.pose.classifier import PoseClassifier
from models.pose.samples import Samples
from models.pose.train import (
    CLASSES,
    ROUNDS,
    figures,
    in_order,
    left_out,
    material,
    numbers,
)
from models.pose.window import LENGTH, Window

KEPT = registry.WEIGHTS / "pose.evaluation.json"
BEGIN = "<!-- pose: written by `python -m models evaluate pose` -->"
END = "<!-- end of pose -->"
REAL = "real, one group left out at a time"
GOALS = {
    "arm signals, mean of three strangers": ("≥", 0.92),
    "arm signals, worst stranger": ("≥", 0.88),
    "poses and movements": ("≥", 12),
    "read as arms crossed without crossing them": ("≤", 0.01),
    "ms per reading": ("≤", 1.0),
}
WINDOW, FRAME = "window", "single frame, raw coordinates"
BY_HAND = ("victory", "thumbs_up")
"""Read by the geometry of a hand, without training."""
TIMED = 300
"""Readings whose median is the time per reading."""
SEED = 0


def evaluate(kept: Path = KEPT) -> bool:
    """Prints the tables and writes them to docs/training/pose.md, the goals to docs/figures.md,
    too; whether all goals are met.

    Raises DataMissing, and registry.ModelError when the live model is not whole.
    """
    arms = gestures.load_arm_signals()
    found = measure(
        arms, *material(np.random.default_rng(SEED)), PoseClassifier.load(), rounds=ROUNDS
    )
    write_whole(kept, lambda new: new.write_text(json.dumps(found, indent=1) + "\n", "utf-8"))
    text, judged = tables(found), page.met_or_missed(goals(found))
    print(f"{text}\n\n{judged}")
    page.write(page.TRAINING / "pose.md", BEGIN, END, f"{text}\n\n{judged}")
    page.write(page.FIGURES, BEGIN, END, judged)
    return all(met for *_, met in goals(found))


def measure(
    arms: gestures.ArmSignals,
    real: Samples,
    made_up: Samples,
    unseen: Samples,
    classifier: PoseClassifier,
    rounds: int,
) -> dict[str, Any]:
    """All figures as plain data."""
    found: dict[str, Any] = {"signals": {}, "people": {}}
    for name, raw in ((WINDOW, False), (FRAME, True)):
        found["signals"][name] = asdict(understood(arms, SEED, rounds, raw))
        of_real, of_made_up = (
            (replace(real, table=real.raw), replace(made_up, table=made_up.raw))
            if raw
            else (real, made_up)
        )
        shares = left_out(of_real, of_made_up, CLASSES, SEED, rounds)
        found["people"][name] = figures(real, shares)
        if not raw:
            crossed = shares.argmax(1) == CLASSES.index("arms_crossed")
            others = real.labels != "arms_crossed"
            found["crossed wrongly"] = round(float(crossed[others].mean()), 5)
    shares = in_order(classifier.pipeline, unseen.table, CLASSES)
    found["synthetic, unseen"] = metrics.classification(numbers(unseen.labels), shares, CLASSES)
    found["ms per reading"] = round(metrics.milliseconds(live(classifier), TIMED), 3)
    return found


def live(classifier: PoseClassifier) -> Callable[[], Any]:
    """One reading as the perception process makes it, of somebody seen 30 times a second."""
    body = np.full((33, 4), 0.5, np.float32)
    body[:, :2] += np.random.default_rng(0).normal(0, 0.1, (33, 2))
    window, now = Window(), 0.0

    def read() -> None:
        nonlocal now
        now += 1 / 30
        window.add(now, body, 4 / 3)
        classifier.read(window)

    for _ in range(round(LENGTH * 30)):
        read()
    return read


def goals(found: dict[str, Any]) -> list[tuple[str, float, str, bool]]:
    """Name, value, goal as text, and whether it is met."""
    people = found["signals"][WINDOW]["people"].values()
    values = (
        float(np.mean(list(people))),
        min(people),
        len(CLASSES) - 1 + len(BY_HAND),
        found["crossed wrongly"],
        found["ms per reading"],
    )
    judged = zip(GOALS.items(), values, strict=True)
    return [metrics.judged(name, value, goal) for (name, goal), value in judged]


def tables(found: dict[str, Any]) -> str:
    """The tables in Markdown."""
    return "\n\n".join(
        (
            _signals(found["signals"]),
            _delay(found["signals"][WINDOW]["delay"]),
            _classes(found["people"]),
            _people(found["people"]),
            _synthetic(found),
        )
    )


def _table(head: list[str], rows: list[list[str]]) -> str:
    lines = ["| " + " | ".join(head) + " |", "|---|" + "--:|" * (len(head) - 1)]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows])


def _signals(found: dict[str, Any]) -> str:
    people = list(found[WINDOW]["people"])
    signals = list(found[WINDOW]["signals"])
    accuracy = [
        [name, *(f"{row['people'][one]:.3f}" for one in people),
         f"{np.mean(list(row['people'].values())):.3f}"]
        for name, row in found.items()
    ]  # fmt: skip
    recall = [
        [name, *(f"{row['signals'][one]:.2f}" for one in signals)] for name, row in found.items()
    ]
    numbered = [one.rpartition(", ")[2] for one in people]
    return "\n\n".join(
        (
            "The ten arm signals, one person left out at a time:",
            _table(["accuracy", *numbered, "mean"], accuracy),
            _table(["recall", *signals], recall),
        )
    )


def _delay(found: dict[str, float]) -> str:
    return (
        f"Delay of the window: {found['median']:.2f} s after a sudden change of signal the new"
        f" one is read (median); nine of ten within {found['most']:.2f} s."
    )


def _classes(found: dict[str, Any]) -> str:
    only = found[WINDOW]["synthetic only"]
    window, frame = (found[name][REAL]["per_class"] for name in (WINDOW, FRAME))
    rows = [
        [name, f"{window[name]['samples']}",
         *(f"{window[name][what]:.3f}" for what in ("precision", "recall", "f1")),
         f"{frame[name]['f1']:.3f}"]
        for name in CLASSES if name not in only
    ]  # fmt: skip
    rows.append(
        ["macro F1", "", "", "", *(f"{found[name][REAL]['macro_f1']:.3f}" for name in found)]
    )
    head = ["real people, left out", "windows", "precision", "recall", "F1", f"F1, {FRAME}"]
    return _table(head, rows)


def _people(found: dict[str, Any]) -> str:
    window, frame = (found[name]["per group left out"] for name in (WINDOW, FRAME))
    rows = []
    for group, row in window.items():
        wrong = ", ".join(f"{name} {count}" for name, count in row["wrong"].items())
        rows.append(
            [group, str(row["samples"]), f"{row['accuracy']:.3f}",
             f"{frame[group]['accuracy']:.3f}", wrong]
        )  # fmt: skip
    head = ["left out", "windows", "accuracy", f"accuracy, {FRAME}", "read wrongly as"]
    return _table(head, rows)


def _synthetic(found: dict[str, Any]) -> str:
    only = found["people"][WINDOW]["synthetic only"]
    of = found["synthetic, unseen"]["per_class"]
    rows = [
        [name, "synthetic only" if name in only else "",
         *(f"{of[name][what]:.3f}" for what in ("precision", "recall", "f1"))]
        for name in CLASSES
    ]  # fmt: skip
    return _table(["synthetic people, unseen", "", "precision", "recall", "F1"], rows)
