"""What a trained scikit-learn classifier says, without scikit-learn's checks of every input.

For one row the checks take longer than the arithmetic: with them, the pipeline of a face took
ten times as long.
"""

from __future__ import annotations

import numpy as np
from scipy.special import softmax
from sklearn.decomposition import PCA
from sklearn.ensemble import StackingClassifier, VotingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler


def probabilities(classifier, rows: np.ndarray) -> np.ndarray:
    """`classifier.predict_proba(rows)`, [N, C] from [N, F], for more than two classes.

    Raises TypeError for a kind of classifier or step that it does not know.
    """
    match classifier:
        case Pipeline():
            for _, step in classifier.steps[:-1]:
                rows = transformed(step, rows)
            return probabilities(classifier.steps[-1][1], rows)
        case StackingClassifier():
            said = [probabilities(one, rows) for one in classifier.estimators_]
            return probabilities(classifier.final_estimator_, np.concatenate(said, 1))
        case VotingClassifier(voting="soft", weights=None):
            return np.mean([probabilities(one, rows) for one in classifier.estimators_], 0)
        case LogisticRegression():
            return softmax(rows @ classifier.coef_.T + classifier.intercept_, -1)
        case MLPClassifier(activation="relu"):
            layers = list(zip(classifier.coefs_, classifier.intercepts_, strict=True))
            for weight, bias in layers[:-1]:
                rows = np.maximum(rows @ weight + bias, 0)
            weight, bias = layers[-1]
            return softmax(rows @ weight + bias, -1)
    raise TypeError(f"{type(classifier).__name__} is not known here: use predict_proba")


def transformed(step, rows: np.ndarray) -> np.ndarray:
    """`step.transform(rows)`."""
    match step:
        case FunctionTransformer():
            return step.func(rows, **(step.kw_args or {}))
        case StandardScaler():
            return (rows - step.mean_.astype(rows.dtype)) / step.scale_.astype(rows.dtype)
        case PCA():
            apart = (rows - step.mean_) @ step.components_.T
            return apart / np.sqrt(step.explained_variance_) if step.whiten else apart
    raise TypeError(f"{type(step).__name__} is not known here: use transform")
