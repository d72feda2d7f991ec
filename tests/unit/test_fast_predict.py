"""scikit-learn without its checks says the same as with them."""

import numpy as np
import pytest
from sklearn.decomposition import PCA
from sklearn.ensemble import RandomForestClassifier, StackingClassifier, VotingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, MinMaxScaler, StandardScaler

from models.core.fast_predict import probabilities
from models.expression.classifier import ExpressionClassifier
from models.expression.fusion import COLUMNS

CLASSES = np.array(["one", "two", "three"])


def some(count: int = 90, features: int = 8) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(count, features)).astype(np.float32)
    return rows, CLASSES[rows[:, :3].argmax(1)]


def perceptron(seed: int) -> MLPClassifier:
    return MLPClassifier((6, 5), max_iter=5, random_state=seed)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize(
    "classifier",
    [
        LogisticRegression(),
        perceptron(0),
        VotingClassifier([("a", perceptron(0)), ("b", perceptron(1))], voting="soft"),
        make_pipeline(StandardScaler(), PCA(4, whiten=True), LogisticRegression()),
        StackingClassifier(
            [("a", LogisticRegression()), ("b", make_pipeline(StandardScaler(), perceptron(0)))],
            make_pipeline(FunctionTransformer(np.log), LogisticRegression()),
        ),
    ],
    ids=["regression", "perceptron", "voting", "pipeline", "stacking"],
)
def test_it_says_what_scikit_learn_says(classifier):
    rows, labels = some()
    classifier.fit(rows, labels)
    expected = classifier.predict_proba(rows)
    assert probabilities(classifier, rows) == pytest.approx(expected, abs=1e-5)
    assert probabilities(classifier, rows[:1]) == pytest.approx(expected[:1], abs=1e-5)


def test_it_says_what_the_classifier_that_ships_says():
    classifier = ExpressionClassifier.load()
    rows = np.random.default_rng(0).normal(0, 0.3, (20, COLUMNS)).astype(np.float32)
    expected = classifier.pipeline.predict_proba(rows)
    assert probabilities(classifier.pipeline, rows) == pytest.approx(expected, abs=1e-4)


def test_what_it_does_not_know_is_refused():
    rows, labels = some()
    with pytest.raises(TypeError, match="RandomForestClassifier is not known"):
        probabilities(RandomForestClassifier(5).fit(rows, labels), rows)
    strange = make_pipeline(MinMaxScaler(), LogisticRegression()).fit(rows, labels)
    with pytest.raises(TypeError, match="MinMaxScaler is not known"):
        probabilities(strange, rows)
