"""Trains the expression classifier: `python -m models train expression`.

FER-2013's Training faces through MediaPipe's face mesh, laid on their mean face.
A face counts the more, the more of FER+'s ten annotators agree with its label: that
keeps the classes of FER-2013 and most of the agreement with FER+.  The temperature is
set on faces that training left out, everything is chosen on PublicTest.
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
from models import metrics, registry
from models.expression import geometry
from models.expression.classifier import CLASSES, NAME, ExpressionClassifier
from models.expression.geometry import MeanFace, align_many, comparable, features, mirrored
from models.expression.meshes import VIEWS, picture_meshes
from models.perceptron import cool, forget_training

LIVE = VIEWS.index("tracked")
"""The view that is read as the live program reads a face."""
COMPONENTS = 300
HIDDEN = 192, 96
MEMBERS = 5
MEAN_FROM = 3000
"""Faces from which the mean face is computed."""
LEFT_FOR_TEMPERATURE = 0.1
TRUST = 0.3
"""Weight of a face with whose label none of FER+'s ten annotators agrees; one with which
all do weighs 1 more."""


@dataclass(frozen=True)
class AlignedFaces:
    """Faces that the mesh found, on the mean face."""

    points: np.ndarray
    """[N, V, 468, 3] float32, mirrored views turned back."""
    labels: np.ndarray
    votes: np.ndarray


def aligned(faces: fer2013.Faces, meshes: np.ndarray, rows: np.ndarray, mean: MeanFace):
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


def trust(labels: np.ndarray, votes: np.ndarray) -> np.ndarray:
    """[N] weights by the annotators' agreement with labels [N]; every class keeps its
    own total, so that the ones people disagree about are not read less often."""
    agreed = np.take_along_axis(votes, labels[:, None], 1)[:, 0]
    weight = TRUST + agreed / 10
    for number in np.unique(labels):
        inside = labels == number
        weight[inside] /= weight[inside].mean()
    return weight


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
    faces: fer2013.Faces, meshes: np.ndarray, seed: int, rounds: int
) -> tuple[MeanFace, Pipeline, dict[str, Any]]:
    """Mean face, classifier and its figures from faces [N] and their meshes [N, V, 468, 3]."""
    rng = np.random.default_rng(seed)
    clean, left_out = fer2013.clean_training(faces)
    found = np.isfinite(meshes[:, :, 0, 0]).all(1)

    usable = rng.permutation(np.flatnonzero(clean & found))
    both = meshes[usable[:MEAN_FROM]][:, [LIVE, LIVE + 2]].reshape(-1, geometry.POINTS, 3)
    mean = geometry.mean_face(comparable(both, 1.0))
    apart = int(len(usable) * LEFT_FOR_TEMPERATURE)
    pipeline = fit(aligned(faces, meshes, usable[apart:], mean), mean, seed, rounds)
    temperature = set_temperature(pipeline, mean, aligned(faces, meshes, usable[:apart], mean))

    test = faces.split == fer2013.PUBLIC_TEST
    # The live view alone decides whether a face of the test can be read.
    readable = np.flatnonzero(test & np.isfinite(meshes[:, LIVE, 0, 0]))
    points, _, _ = align_many(comparable(meshes[readable, LIVE], 1.0), mean.points, mean.weights)
    shares = ExpressionClassifier(pipeline, mean).read_aligned(points)
    measured = evaluate(faces, readable, shares, int(test.sum()))
    measured["training faces"] = len(usable) - apart
    measured["left out of Training"] = left_out | {"no mesh": int((clean & ~found).sum())}
    measured["temperature"] = round(temperature, 3)
    return mean, pipeline, measured


def train(seed: int = 0, rounds: int = 10, folder: Path = registry.WEIGHTS) -> dict[str, Any]:
    """Trains on FER-2013, prints the figures, writes mean face and classifier with their
    cards; returns the figures.  Raises DataMissing without the data."""
    faces = fer2013.load()
    mean, pipeline, measured = learn(faces, picture_meshes(faces.pictures), seed, rounds)
    figures = report(measured)
    print(figures)
    command = f"python -m models train expression --seed {seed}"
    registry.save_arrays(
        geometry.NAME,
        {"points": mean.points, "weights": mean.weights, "mirror": mean.mirror},
        about_mean_face(seed, command),
        f"from {MEAN_FROM} faces and their mirror images",
        folder,
    )
    registry.save_pipeline(NAME, pipeline, about(seed, command, measured), figures, folder)
    return measured


def evaluate(
    faces: fer2013.Faces, rows: np.ndarray, shares: np.ndarray, total: int
) -> dict[str, Any]:
    """Figures on PublicTest: `rows` [N] had a mesh and were read as `shares` [N, 7]."""
    figures = metrics.classification(faces.labels[rows], shares, CLASSES)
    votes = faces.votes[rows].astype(float)
    top = votes.max(1)
    # A majority is one class with more votes than any other, "contempt" included.
    majority = (top > faces.other_votes[rows]) & ((votes == top[:, None]).sum(1) == 1)
    agrees = shares.argmax(1) == votes.argmax(1)
    right = shares.argmax(1) == faces.labels[rows]
    return {
        "PublicTest": figures,
        "accuracy on all faces, no mesh counted as wrong": round(float(right.sum() / total), 4),
        "faces without a mesh": total - len(rows),
        "agreement with the FER+ majority": round(float(agrees[majority].mean()), 4),
        "faces with a FER+ majority": int(majority.sum()),
    }


def report(measured: dict[str, Any]) -> str:
    """The figures as text."""
    lines = ["PublicTest, faces that the mesh found", metrics.table(measured["PublicTest"]), ""]
    lines += [f"{name}: {value}" for name, value in measured.items() if name != "PublicTest"]
    return "\n".join(lines)


def about(seed: int, command: str, measured: dict[str, Any]) -> dict[str, Any]:
    """The card, but for what the registry adds."""
    source = fer2013.ABOUT
    return {
        "what": "expression from the face mesh: coordinates on the mean face, principal"
        f" components, {MEMBERS} small multilayer perceptrons that vote, temperature",
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
        "limits": "Reads only the form of the face: no wrinkles, no gaze. Trained on small web"
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
        "data": about(seed, command, {})["data"],
        "terms": fer2013.ABOUT.terms + ". A mean of thousands of faces shows nobody.",
        "metrics": {"faces": MEAN_FROM},
        "intended_use": "aligning a face mesh, and the head's yaw, pitch and roll",
        "limits": "Straight ahead is the mean of how people look into cameras; the pitch of"
        " one person can be off by some degrees.",
    }
