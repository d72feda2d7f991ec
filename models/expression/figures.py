"""How good an expression model is on PublicTest: the figures of its card."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from datasets.faces import CLASSES, Faces
from datasets.paths import write_whole
from models.core import metrics


def evaluate(faces: Faces, rows: np.ndarray, shares: np.ndarray) -> dict[str, Any]:
    """Figures of faces `rows` [N] that were read as `shares` [N, 7]."""
    votes = faces.votes[rows].astype(float)
    top = votes.max(1)
    # A majority is one class with more votes than any other, "contempt" included.
    majority = (top > faces.other_votes[rows]) & ((votes == top[:, None]).sum(1) == 1)
    found = {"PublicTest": metrics.classification(faces.labels[rows], shares, CLASSES)}
    if majority.any():
        agrees = shares.argmax(1) == votes.argmax(1)
        found["agreement with the FER+ majority"] = round(float(agrees[majority].mean()), 4)
        found["faces with a FER+ majority"] = int(majority.sum())
    return found


def report(title: str, measured: dict[str, Any]) -> str:
    """The figures as text."""
    lines = [title, metrics.table(measured["PublicTest"]), ""]
    lines += [f"{name}: {value}" for name, value in measured.items() if name != "PublicTest"]
    return "\n".join(lines)


def draw_confusion(confusion: Sequence[Sequence[int]], path: Path) -> None:
    """A picture of a confusion matrix; rows are labels, in shares of each label."""
    from matplotlib.figure import Figure

    counts = np.array(confusion, float)
    shares = counts / np.maximum(counts.sum(1, keepdims=True), 1)
    figure = Figure(figsize=(6.4, 5.6), layout="constrained")
    panel = figure.subplots()
    panel.imshow(shares, cmap="YlOrBr", vmin=0, vmax=1)
    panel.set_xticks(range(len(CLASSES)), CLASSES, rotation=45, ha="right")
    panel.set_yticks(range(len(CLASSES)), CLASSES)
    panel.set_xlabel("read as")
    panel.set_ylabel("label")
    for (row, column), share in np.ndenumerate(shares):
        ink = "white" if share > 0.6 else "black"
        panel.text(column, row, f"{share:.2f}", ha="center", va="center", color=ink, fontsize=9)
    write_whole(path, lambda new: figure.savefig(new, dpi=100))


def draw_curves(history: Sequence[dict[str, float]], path: Path) -> None:
    """A picture of losses and accuracies over the epochs."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, 4), layout="constrained")
    epochs = [row["epoch"] for row in history]
    for panel, kind in zip(figure.subplots(1, 2), ("loss", "accuracy"), strict=True):
        for name in (one for one in history[0] if one.endswith(kind)):
            panel.plot(epochs, [row[name] for row in history], label=name)
        panel.set_xlabel("epoch")
        panel.legend()
        panel.grid(alpha=0.3)
    write_whole(path, lambda new: figure.savefig(new, dpi=100))
