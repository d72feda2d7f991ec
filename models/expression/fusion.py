"""One scikit-learn pipeline that reads network, mesh and head together.

Three classifiers that are trained already say what they see, each on its own columns of a
row: the compact network's embedding, the mesh's geometry, the turn of the head.  A logistic
regression weighs the logarithms of their probabilities (a product of experts; Hinton 2002),
fitted by likelihood on faces that none of them learnt from: that calibrates it.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from sklearn.ensemble import StackingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer

from datasets.faces import CLASSES
from models.expression.geometry import FEATURES
from models.expression.live_network import EMBEDDING

NETWORK = slice(0, EMBEDDING)
MESH = slice(EMBEDDING, EMBEDDING + FEATURES)
HEAD = slice(EMBEDDING + FEATURES, EMBEDDING + FEATURES + 3)
COLUMNS = HEAD.stop
RIGHT_ANGLE = 90.0
LEAST = 1e-6
"""Probability below which nobody is believed to be so sure."""


def rows_of(embeddings: np.ndarray, features: np.ndarray, turns: np.ndarray) -> np.ndarray:
    """[N, 1599] float32 from embeddings [N, 192], mesh features [N, 1404] and the head's
    yaw, pitch and roll [N, 3] in degrees; a turn to the left counts as one to the right."""
    yaw, pitch, roll = turns.T / RIGHT_ANGLE
    head = np.column_stack((np.abs(yaw), pitch, np.abs(roll)))
    return np.concatenate((embeddings, features, head), 1, dtype=np.float32)


def fuse(
    tensors: Mapping[str, np.ndarray],
    geometry: Pipeline,
    rows: np.ndarray,
    labels: np.ndarray,
) -> StackingClassifier:
    """The pipeline, weighed on `rows` [N, 1599] with `labels` [N] (index into CLASSES) that
    neither the network with these tensors nor `geometry` has learnt from; every class must
    be among them."""
    names = np.array(CLASSES)[labels]
    head = make_pipeline(_only(HEAD), LogisticRegression())
    members = [
        ("network", make_pipeline(_only(NETWORK), last_layer(tensors))),
        ("geometry", make_pipeline(_only(MESH), *[step for _, step in geometry.steps])),
        ("head", head.fit(rows, names)),
    ]
    weighing = make_pipeline(
        FunctionTransformer(np.clip, kw_args={"a_min": LEAST, "a_max": 1.0}),
        FunctionTransformer(np.log),
        LogisticRegression(max_iter=1000),
    )
    fused = StackingClassifier(members, weighing, cv="prefit", stack_method="predict_proba").fit(
        rows, names
    )
    # second and third lists of the same: they would triple the file
    del fused.named_estimators_
    fused.estimators = [(name, "drop") for name, _ in members]
    return fused


def last_layer(tensors: Mapping[str, np.ndarray]) -> LogisticRegression:
    """The network's own last layer as scikit-learn knows it."""
    layer = LogisticRegression()
    layer.coef_ = tensors["expression.weight"].astype(np.float64)
    layer.intercept_ = tensors["expression.bias"].astype(np.float64)
    layer.classes_ = np.array(CLASSES)
    layer.n_features_in_ = layer.coef_.shape[1]
    return layer


def _only(columns: slice) -> FunctionTransformer:
    """Lets these columns of a row pass: in a third of a ColumnTransformer's time, and without
    its list of all that is left out."""
    numbers = np.arange(columns.start, columns.stop)
    return FunctionTransformer(np.take, kw_args={"indices": numbers, "axis": 1})
