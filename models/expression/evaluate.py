"""The live expression classifier beside its parts and its rivals: `python -m models evaluate`.

All are read on the same faces of PublicTest.  What is measured: the pipeline that Mien
loads, its geometry alone and its network alone; the four classical pipelines of
BetaProject on the raw coordinates of the mesh, as there; and the other networks, from the
cards that their trainings left in runs/.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from datasets import fer2013
from datasets.faces import CLASSES, Faces
from datasets.paths import write_whole
from models import registry
from models.compare import PIPELINES
from models.core import metrics, page
from models.expression import figures
from models.expression.classifier import ExpressionClassifier
from models.expression.geometry import FEATURES
from models.expression.material import LIVE, RUNS, Parts, parts
from models.expression.meshes import picture_meshes
from models.expression.train import see

KEPT = registry.WEIGHTS / "expression.evaluation.json"
BEGIN = "<!-- expression: written by `python -m models evaluate expression` -->"
END = "<!-- end of expression -->"
GOALS = {
    "accuracy": ("≥", 0.71),
    "calibration error": ("≤", 0.05),
    "ms per face": ("≤", 5.0),
}
"""For the pipeline that Mien loads."""
COLUMNS = ("accuracy", "with a mesh", "macro F1", "calibration error", "FER+ majority",
           "ms per face")  # fmt: skip
LIVE_ROW = "live: what Mien loads"
TIMED = 200
"""Readings whose median is the time per face."""
ASPECT = 4 / 3


def evaluate(kept: Path = KEPT) -> bool:
    """Prints the tables and writes them to docs/training/expression.md, the goals to
    docs/figures.md, too; whether all goals are met.

    Raises DataMissing, and registry.ModelError when the live model is not whole.
    """
    faces = fer2013.load()
    meshes = picture_meshes(faces.pictures)
    before = json.loads(kept.read_text(encoding="utf-8")) if kept.exists() else {}
    rows = measure(faces, meshes, ExpressionClassifier.load(), PIPELINES, networks(before))
    write_whole(kept, lambda new: new.write_text(json.dumps(rows, indent=1) + "\n", "utf-8"))
    text, judged = tables(rows), page.met_or_missed(goals(rows))
    print(f"{text}\n\n{judged}")
    page.write(page.TRAINING / "expression.md", BEGIN, END, f"{text}\n\n{judged}")
    page.write(page.FIGURES, BEGIN, END, judged)
    return all(met for *_, met in goals(rows))


def networks(before: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Rows of the networks from their cards in runs/; where there is none, as it was before."""
    rows = {}
    for arch, title in (
        ("compact", "compact network, in torch"),
        ("cnn21", "21-layer CNN, balanced (E1)"),
        ("vgg16", "VGG16, every layer trained (V2)"),
    ):
        folder = RUNS / f"expression-{arch}"
        if (folder / f"expression_{arch}.card.json").exists():
            card = registry.card(f"expression_{arch}", folder)
            rows[title] = row_of(card["metrics"]) | {"epochs": card["metrics"]["epochs"]}
        elif title in before:
            rows[title] = before[title]
    return rows


def measure(
    faces: Faces,
    meshes: np.ndarray,
    classifier: ExpressionClassifier,
    rivals: dict[str, Callable[[], Any]],
    trained: dict[str, dict[str, Any]],
) -> dict[str, dict[str, Any]]:
    """Rows by name, from faces [N] and their meshes [N, V, 468, 3].

    `rivals` are fitted here; `trained` are rows of what was measured elsewhere.
    """
    found = parts(faces)
    readable = np.flatnonzero(found.test & np.isfinite(meshes[:, LIVE, 0, 0]))
    total = int(found.test.sum())
    mesh, picture = example(meshes[readable[0], LIVE])
    seen = see(faces, meshes, readable, classifier.mean, classifier.network)

    def row(shares: np.ndarray, read: Callable[[], Any]) -> dict[str, Any]:
        measured = row_of(figures.evaluate(faces, readable, shares))
        with_mesh = measured["accuracy"]
        every = round(with_mesh * len(readable) / total, 4)
        return measured | {
            "accuracy": every, "with a mesh": with_mesh,
            "ms per face": round(metrics.milliseconds(read, TIMED), 2),
        }  # fmt: skip

    geometry = classifier.read_aligned(seen.points)
    rows: dict[str, dict[str, Any]] = {}
    if classifier.network is None:
        rows[LIVE_ROW] = row(geometry, lambda: classifier.read(mesh, ASPECT))
    else:
        whole = classifier.read_whole(seen.embeddings, seen.points, seen.rotations)
        rows[LIVE_ROW] = row(whole, lambda: classifier.read(mesh, ASPECT, picture))
        rows["geometry alone"] = row(geometry, lambda: classifier.read(mesh, ASPECT))
        network = classifier.read_member("network", seen.points, seen.embeddings)
        rows["network alone"] = row(network, lambda: classifier.look(mesh, ASPECT, picture))
    rows |= classical(faces, meshes, found, readable, rivals, row)
    return rows | trained


def classical(
    faces: Faces,
    meshes: np.ndarray,
    found: Parts,
    readable: np.ndarray,
    rivals: dict[str, Callable[[], Any]],
    row: Callable[[np.ndarray, Callable[[], Any]], dict[str, Any]],
) -> dict[str, dict[str, Any]]:
    """The pipelines of B2 on coordinates of the mesh as MediaPipe gives them."""
    learn = np.flatnonzero(found.learn & np.isfinite(meshes[:, LIVE, 0, 0]))
    raw = meshes[:, LIVE].reshape(len(meshes), FEATURES)
    rows = {}
    for name, build in tqdm(rivals.items(), desc="classical pipelines", unit="fit"):
        pipeline = build().fit(raw[learn], faces.labels[learn])
        one = raw[readable[:1]]
        if hasattr(pipeline, "predict_proba"):
            shares, read = pipeline.predict_proba(raw[readable]), pipeline.predict_proba
        else:
            shares = np.eye(len(CLASSES))[pipeline.predict(raw[readable])]
            read = pipeline.predict
        measured = row(shares, lambda read=read, one=one: read(one))
        if read == pipeline.predict:
            measured["calibration error"] = None  # it gives no probabilities
        rows[f"{name}, raw coordinates (B2)"] = measured
    return rows


def row_of(measured: dict[str, Any]) -> dict[str, Any]:
    """The columns from a card's metrics."""
    test = measured["PublicTest"]
    return {
        "accuracy": test["accuracy"],
        "with a mesh": None,
        "macro F1": test["macro_f1"],
        "calibration error": test["calibration_error"],
        "FER+ majority": measured.get("agreement with the FER+ majority"),
        "ms per face": None,
        "F1": {name: test["per_class"][name]["f1"] for name in CLASSES},
    }


def example(mesh: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """A mesh as it lies in a webcam's picture, and such a picture [480, 640, 3]."""
    face = mesh.copy()
    face[:, :2] = (face[:, :2] - 0.5) * (0.25, 0.25 * ASPECT) + 0.5
    face[:, 2] *= 0.25
    picture = np.random.default_rng(0).integers(0, 255, (480, 640, 3), np.uint8)
    return face, picture


def goals(rows: dict[str, dict[str, Any]]) -> list[tuple[str, float, str, bool]]:
    """Name, value, goal as text, and whether it is met, of what Mien loads."""
    return [metrics.judged(name, rows[LIVE_ROW][name], goal) for name, goal in GOALS.items()]


def tables(rows: dict[str, dict[str, Any]]) -> str:
    """Two tables in Markdown."""

    def text(value: float | None) -> str:
        return "" if value is None else f"{value:.3f}" if value < 1 else f"{value:.2f}"

    lines = ["| PublicTest | " + " | ".join(COLUMNS) + " |", "|---|" + "--:|" * len(COLUMNS)]
    for name, row in rows.items():
        epochs = row.get("epochs")
        length = f", {epochs} epoch{'s' * (epochs > 1)}" if epochs else ""
        cells = [text(row[column]) for column in COLUMNS]
        lines.append(f"| {name}{length} | " + " | ".join(cells) + " |")
    lines += ["", "| F1 | " + " | ".join(CLASSES) + " |", "|---|" + "--:|" * len(CLASSES)]
    for name, row in rows.items():
        lines.append(f"| {name} | " + " | ".join(text(row["F1"][one]) for one in CLASSES) + " |")
    return "\n".join(lines)
