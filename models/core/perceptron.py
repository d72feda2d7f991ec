"""What is done to a trained scikit-learn perceptron before it is stored."""

from __future__ import annotations

from sklearn.neural_network import MLPClassifier


def cool(network: MLPClassifier, temperature: float) -> None:
    """Divides the logits by a temperature (Guo and others 2017), inside the last layer:
    the stored network is calibrated as it is."""
    network.coefs_[-1] = network.coefs_[-1] / temperature
    network.intercepts_[-1] = network.intercepts_[-1] / temperature


def forget_training(network: MLPClassifier) -> None:
    """Drops the optimiser's state: two thirds of the file, and a private type."""
    del network._optimizer
