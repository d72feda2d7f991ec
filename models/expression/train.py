"""Trains the expression classifier: `python -m models train expression`.

FER-2013's Training faces through MediaPipe's face mesh, laid on their mean face.
A face counts the more, the more of FER+'s ten annotators agree with its label: that
keeps the classes of FER-2013 and most of the agreement with FER+.  Where the compact
network has been trained (`learn_network.py`), both go into one pipeline (`fusion.py`).
Temperature and weighing are set on faces that are apart from all training.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.decomposition import PCA
from sklearn.ensemble import VotingClassifier
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

from datasets import fer2013
from datasets.faces import CLASSES, Faces
from models import registry
from models.core import metrics
from models.core.perceptron import cool, forget_training
from models.expression import geometry, live_network
from models.expression.classifier import NAME, ExpressionClassifier
from models.expression.figures import evaluate, report
from models.expression.fusion import fuse
from models.expression.geometry import MeanFace, align_many, comparable, features, mirrored
from models.expression.live_network import LiveNetwork
from models.expression.material import LIVE, RUNS, as_live, parts, places_of, trust
from models.expression.meshes import VIEWS, picture_meshes

COMPONENTS = 300
HIDDEN = 192, 96
MEMBERS = 5
MEAN_FROM = 3000
"""Faces from which the mean face is computed."""


@dataclass(frozen=True)
class AlignedFaces:
    """Faces that the mesh found, on the mean face."""

    points: np.ndarray
    """[N, V, 468, 3] float32, mirrored views turned back."""
    labels: np.ndarray
    votes: np.ndarray


def aligned(faces: Faces, meshes: np.ndarray, rows: np.ndarray, mean: MeanFace):
    """AlignedFaces of `rows` [M] that have a mesh in every view."""
    points = np.empty((len(rows), len(VIEWS), geometry.POINTS, 3), np.float32)
    for view, name in enumerate(VIEWS):
        for start in range(0, len(rows), 2000):
            block = rows[start : start + 2000]
            laid, _, _ = align_many(comparable(meshes[block, view], 1.0), mean.points, mean.weights)
            if name.startswith("mirrored"):
                laid = mirrored(laid, mean)
            points[start : start + 2000, view] = laid
    return AlignedFaces(points, faces.labels[rows], faces.votes[rows])


def fit(faces: AlignedFaces, mean: MeanFace, seed: int, rounds: int) -> Pipeline:
    """One pipeline on all views of these faces and on their mirror images."""
    plain = features(faces.points.reshape(-1, geometry.POINTS, 3))
    turned = features(mirrored(faces.points, mean).reshape(-1, geometry.POINTS, 3))
    table = np.concatenate((plain, turned))
    views = faces.points.shape[1]
    labels = np.tile(np.repeat(faces.labels, views), 2)
    weight = np.tile(np.repeat(trust(faces.labels, faces.votes), views), 2)
    rng = np.random.default_rng(seed)
    some = rng.permutation(len(table))[:30000]
    scaler = StandardScaler().fit(table[some])
    kept = min(COMPONENTS, len(some) // 2)
    components = PCA(kept, whiten=True, svd_solver="covariance_eigh")
    components.fit(scaler.transform(table[some]))
    table = components.transform(scaler.transform(table))
    options = {"alpha": 0.1, "batch_size": min(512, len(table)), "max_iter": rounds, "tol": 0}
    members = VotingClassifier(
        [
            (f"network{number}", MLPClassifier(HIDDEN, random_state=seed + number, **options))
            for number in range(MEMBERS)
        ],
        voting="soft",
        verbose=True,
    )
    with warnings.catch_warnings():
        # It never converges in so few rounds, on purpose: more of them overfit.
        warnings.simplefilter("ignore", ConvergenceWarning)
        members.fit(table, np.array(CLASSES)[labels], sample_weight=weight)
    del members.named_estimators_  # a second list of the same, of a type skops must trust
    for network in members.estimators_:
        forget_training(network)
    return Pipeline([("scale", scaler), ("components", components), ("networks", members)])


def set_temperature(pipeline: Pipeline, mean: MeanFace, faces: AlignedFaces) -> float:
    """Cools the pipeline until it is as sure as it is right on these faces.

    Averages of cooled networks are no cooled average: repeated until it settles.
    """
    total = 1.0
    for _ in range(5):
        classifier = ExpressionClassifier(pipeline, mean)
        shares = classifier.read_aligned(faces.points[:, LIVE])
        temperature = metrics.best_temperature(faces.labels, shares)
        for network in pipeline["networks"].estimators_:
            cool(network, temperature)
        total *= temperature
    return total


def learn(
    faces: Faces,
    meshes: np.ndarray,
    seed: int,
    rounds: int,
    network: LiveNetwork | None = None,
) -> tuple[MeanFace, ExpressionClassifier, dict[str, Any]]:
    """Mean face, classifier and its figures from faces [N] and their meshes [N, V, 468, 3].

    Without a `network` the geometry decides alone.  Raises ValueError when a class is missing.
    """
    rng = np.random.default_rng(seed)
    rows = parts(faces)
    found = np.isfinite(meshes[:, :, 0, 0]).all(1)
    usable = rng.permutation(np.flatnonzero(rows.learn & found))
    away = np.flatnonzero(rows.apart & found)
    for some in (usable,) if network is None else (usable, away):
        missing = sorted(set(range(len(CLASSES))) - set(faces.labels[some].tolist()))
        if missing:
            names = ", ".join(CLASSES[number] for number in missing)
            raise ValueError(f"too few faces: among {len(some)} is none of {names}")
    both = meshes[usable[:MEAN_FROM]][:, [LIVE, LIVE + 2]].reshape(-1, geometry.POINTS, 3)
    mean = geometry.mean_face(comparable(both, 1.0))
    pipeline = fit(aligned(faces, meshes, usable, mean), mean, seed, rounds)
    temperature = set_temperature(pipeline, mean, aligned(faces, meshes, away, mean))
    classifier = ExpressionClassifier(pipeline, mean)
    if network is not None:
        seen = see(faces, meshes, away, mean, network)
        classifier = fused(pipeline, mean, network, seen, faces.labels[away])

    # The live view alone decides whether a face of the test can be read.
    readable = np.flatnonzero(rows.test & np.isfinite(meshes[:, LIVE, 0, 0]))
    seen = see(faces, meshes, readable, mean, network)
    shares = classifier.read_aligned(seen.points)
    if network is not None:
        shares = classifier.read_whole(seen.embeddings, seen.points, seen.rotations)
    measured = evaluate(faces, readable, shares)
    right = shares.argmax(1) == faces.labels[readable]
    total = int(rows.test.sum())
    measured["accuracy on all faces, no mesh counted as wrong"] = round(right.sum() / total, 4)
    measured["faces without a mesh"] = total - len(readable)
    measured["training faces"] = len(usable)
    measured["faces apart"] = len(away)
    no_mesh = int(((rows.learn | rows.apart) & ~found).sum())
    measured["left out of Training"] = rows.left_out | {"no mesh": no_mesh}
    measured["temperature"] = round(temperature, 3)
    return mean, classifier, measured


@dataclass(frozen=True)
class Seen:
    """Faces as the live program would see them."""

    points: np.ndarray
    """[N, 468, 3] on the mean face."""
    rotations: np.ndarray
    """[N, 3, 3] of the head."""
    embeddings: np.ndarray | None
    """[N, 192]; None without a network."""


def see(
    faces: Faces, meshes: np.ndarray, rows: np.ndarray, mean: MeanFace, network: LiveNetwork | None
) -> Seen:
    """Faces of `rows` [M] by their tracked mesh."""
    live = meshes[rows, LIVE]
    points, rotations, _ = align_many(comparable(live, 1.0), mean.points, mean.weights)
    embeddings = None
    if network is not None:
        embeddings = network.embed(as_live(faces.pictures[rows], places_of(live, mean)))
    return Seen(points, rotations, embeddings)


def fused(
    pipeline: Pipeline, mean: MeanFace, network: LiveNetwork, seen: Seen, labels: np.ndarray
) -> ExpressionClassifier:
    """Geometry and network weighed on faces that neither has learnt from."""
    before = ExpressionClassifier(pipeline, mean)
    rows = before.rows(seen.embeddings, seen.points, seen.rotations)
    whole = fuse(network.tensors, pipeline, rows, np.tile(labels, 2))
    return ExpressionClassifier(whole, mean, network)


def train(seed: int = 0, rounds: int = 10, folder: Path = registry.WEIGHTS) -> dict[str, Any]:
    """Trains on FER-2013, prints the figures, writes mean face and classifier with their
    cards, and the compact network of `runs/` beside them; returns the figures.

    Raises DataMissing without the data.
    """
    faces = fer2013.load()
    run = RUNS / "expression-compact"
    network = LiveNetwork.load(run) if (run / f"{live_network.NAME}.card.json").exists() else None
    if network is None:
        print(f"no trained network in {run}: the geometry decides alone")
    mean, classifier, measured = learn(faces, picture_meshes(faces.pictures), seed, rounds, network)
    figures = report("PublicTest, faces that the mesh found", measured)
    print(figures)
    command = f"python -m models train expression --seed {seed}"
    registry.save_arrays(
        geometry.NAME,
        {"points": mean.points, "weights": mean.weights, "mirror": mean.mirror},
        about_mean_face(seed, command),
        f"from {MEAN_FROM} faces and their mirror images",
        folder,
    )
    if network is not None:
        registry.publish(live_network.NAME, run, folder)
    about_it = about(seed, command, measured, network is not None)
    registry.save_pipeline(NAME, classifier.pipeline, about_it, figures, folder)
    return measured


GEOMETRY = (
    "coordinates of the face mesh on the mean face, principal components,"
    f" {MEMBERS} small multilayer perceptrons that vote, temperature"
)


def about(seed: int, command: str, measured: dict[str, Any], network: bool) -> dict[str, Any]:
    """The card, but for what the registry adds."""
    source = fer2013.ABOUT
    fusion = f"the compact network, {GEOMETRY}, and the head's turn, weighed by logistic regression"
    blind = "" if network else "Reads only the form of the face: no wrinkles, no gaze. "
    return {
        "what": f"expression from {fusion if network else GEOMETRY}",
        "needs": [geometry.NAME, *([live_network.NAME] if network else [])],
        "classes": list(CLASSES),
        "command": command,
        "seed": seed,
        "data": [
            {
                "name": source.name,
                "what": source.what,
                "origin": source.origin,
                "licence": source.licence,
            }
        ],
        "terms": source.terms + ". The model holds no picture.",
        "metrics": measured,
        "intended_use": "colour, form and motion of an art installation follow the mixture of"
        " expressions; never a statement about what a person feels",
        "limits": f"{blind}Trained on small web"
        " photographs labelled by keyword, on which people agree about 65 %. Disgust is rare"
        " in the data and often missed. Side views and hands before the face are not reliable."
        " Not for schools, workplaces or any decision about people.",
    }


def about_mean_face(seed: int, command: str) -> dict[str, Any]:
    """The card of the mean face."""
    return {
        "what": "mean of FER-2013's face meshes and their mirror images by generalised"
        " Procrustes analysis, with the weight of each point and its mirror partner",
        "command": command,
        "seed": seed,
        "data": about(seed, command, {}, False)["data"],
        "terms": fer2013.ABOUT.terms + ". A mean of thousands of faces shows nobody.",
        "metrics": {"faces": MEAN_FROM},
        "intended_use": "aligning a face mesh, and the head's yaw, pitch and roll",
        "limits": "Straight ahead is the mean of how people look into cameras; the pitch of"
        " one person can be off by some degrees.",
    }
