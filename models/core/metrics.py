"""How good a classifier is: the figures that go into every card."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits


def milliseconds(read: Callable[[], Any], times: int) -> float:
    """Median time of one call of so many, on one thread."""
    with threadpool_limits(1):
        taken = []
        for _ in range(times):
            began = time.perf_counter()
            read()
            taken.append(time.perf_counter() - began)
    return float(np.median(taken)) * 1000


def judged(name: str, value: float, goal: tuple[str, float]) -> tuple[str, float, str, bool]:
    """Name, value, goal as text, and whether it is met; `goal` is ≥ or ≤, and the limit."""
    sense, limit = goal
    met = value >= limit if sense == "≥" else value <= limit
    return name, value, f"{sense} {limit:g}", met


def classification(
    labels: np.ndarray, probabilities: np.ndarray, classes: tuple[str, ...]
) -> dict[str, Any]:
    """Accuracy, per-class precision, recall and F1, calibration error, confusion.

    labels [N] index into `classes`; probabilities [N, C].  Rows of the confusion
    matrix are the labels, columns what was predicted.
    """
    from sklearn.metrics import confusion_matrix, precision_recall_fscore_support

    predicted = probabilities.argmax(1)
    numbers = np.arange(len(classes))
    precision, recall, f1, support = precision_recall_fscore_support(
        labels, predicted, labels=numbers, zero_division=0
    )
    return {
        "samples": int(len(labels)),
        "accuracy": round(float((predicted == labels).mean()), 4),
        "macro_f1": round(float(f1[support > 0].mean()), 4),
        "calibration_error": round(calibration_error(labels, probabilities), 4),
        "per_class": {
            name: {
                "precision": round(float(precision[row]), 4),
                "recall": round(float(recall[row]), 4),
                "f1": round(float(f1[row]), 4),
                "samples": int(support[row]),
            }
            for row, name in enumerate(classes)
        },
        "confusion": confusion_matrix(labels, predicted, labels=numbers).tolist(),
    }


def calibration_error(labels: np.ndarray, probabilities: np.ndarray, bins: int = 15) -> float:
    """Expected calibration error (Guo and others 2017, "On calibration of modern neural
    networks", equation 3): mean distance of confidence and accuracy over equal bins."""
    confidence = probabilities.max(1)
    correct = probabilities.argmax(1) == labels
    place = np.minimum((confidence * bins).astype(int), bins - 1)
    error = 0.0
    for number in range(bins):
        inside = place == number
        if inside.any():
            error += inside.mean() * abs(correct[inside].mean() - confidence[inside].mean())
    return float(error)


def best_temperature(labels: np.ndarray, probabilities: np.ndarray) -> float:
    """The temperature that makes held-out probabilities [N, C] likeliest (Guo 2017).

    Labels are indices [N] or shares [N, C].
    """
    from scipy.optimize import minimize_scalar

    logits = np.log(np.maximum(probabilities, 1e-12))
    shares = np.eye(logits.shape[1])[labels] if labels.ndim == 1 else labels

    def loss(log_temperature: float) -> float:
        scaled = logits / np.exp(log_temperature)
        top = scaled.max(1, keepdims=True)
        normal = top[:, 0] + np.log(np.exp(scaled - top).sum(1))
        return float((shares.sum(1) * normal - (shares * scaled).sum(1)).mean())

    return float(np.exp(minimize_scalar(loss, bounds=(-2, 2), method="bounded").x))


def table(metrics: dict[str, Any]) -> str:
    """The per-class figures as text."""
    lines = [f"{'class':<14}{'precision':>10}{'recall':>10}{'F1':>10}{'samples':>10}"]
    for name, row in metrics["per_class"].items():
        lines.append(
            f"{name:<14}{row['precision']:>10.3f}{row['recall']:>10.3f}{row['f1']:>10.3f}"
            f"{row['samples']:>10}"
        )
    lines.append(
        f"accuracy {metrics['accuracy']:.4f}   macro F1 {metrics['macro_f1']:.4f}"
        f"   calibration error {metrics['calibration_error']:.4f}"
    )
    return "\n".join(lines)
