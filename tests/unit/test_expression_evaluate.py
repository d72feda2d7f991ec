"""The table of `python -m models evaluate expression`, from made faces to the page."""

import json
from dataclasses import replace

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression, RidgeClassifier

from datasets.faces import CLASSES
from models import __main__ as command
from models import registry
from models.core import page
from models.expression import evaluate, meshes, train
from models.expression.evaluate import BEGIN, END, LIVE_ROW, goals, tables
from models.expression.geometry import MeanFace, mirrored
from models.expression.live_network import LiveNetwork
from tests.unit.made_faces import made_faces
from tests.unit.test_expression_live import tensors

RIVALS = {
    "logistic regression": lambda: LogisticRegression(max_iter=50),
    "ridge classifier": RidgeClassifier,
}


@pytest.fixture(scope="module")
def material():
    """Drawn faces whose meshes are bent in a way of their class."""
    mean, rng = MeanFace.load(), np.random.default_rng(0)
    faces = made_faces(490)
    bent = rng.normal(0, 0.05, (7, 468, 3))
    points = mean.points + bent[faces.labels] + rng.normal(0, 0.02, (490, 468, 3))
    meshes = np.empty((490, 4, 468, 3), np.float32)
    meshes[:, :2] = points[:, None] * 0.27 + 0.5
    meshes[:, 2:] = mirrored(points, mean)[:, None] * 0.27 + 0.5
    meshes[-1] = np.nan
    return faces, meshes


@pytest.fixture(scope="module")
def learnt(material):
    return train.learn(*material, seed=0, rounds=20, network=LiveNetwork(tensors()))


def test_a_network_that_knows_nothing_does_no_harm(learnt):
    """The pipeline weighs its members by what they are worth."""
    _, classifier, measured = learnt
    assert classifier.network is not None
    assert measured["PublicTest"]["accuracy"] > 0.85
    assert measured["faces apart"] > 10


def test_a_class_without_faces_is_named(material):
    faces, meshes = material
    few = replace(faces, labels=np.where(faces.labels == 6, 0, faces.labels))
    with pytest.raises(ValueError, match="is none of surprise"):
        train.learn(few, meshes, seed=0, rounds=1, network=LiveNetwork(tensors()))


def test_everything_stands_in_one_table(material, learnt):
    trained = {"VGG16": evaluate.row_of({"PublicTest": {
        "accuracy": 0.5, "macro_f1": 0.4, "calibration_error": 0.1,
        "per_class": {name: {"f1": 0.4} for name in CLASSES},
    }}) | {"epochs": 20}}  # fmt: skip
    rows = evaluate.measure(*material, learnt[1], RIVALS, trained)
    assert list(rows) == [
        LIVE_ROW, "geometry alone", "network alone",
        "logistic regression, raw coordinates (B2)", "ridge classifier, raw coordinates (B2)",
        "VGG16",
    ]  # fmt: skip
    live = rows[LIVE_ROW]
    assert live["accuracy"] < live["with a mesh"]  # one face has none
    assert live["with a mesh"] == learnt[2]["PublicTest"]["accuracy"]
    assert rows["network alone"]["with a mesh"] < 0.6 < rows["geometry alone"]["with a mesh"]
    assert all(row["ms per face"] > 0 for name, row in rows.items() if name != "VGG16")
    assert rows["ridge classifier, raw coordinates (B2)"]["calibration error"] is None
    text = tables(json.loads(json.dumps(rows)))
    assert "| VGG16, 20 epochs | 0.500 |" in text
    assert page.met_or_missed(goals(rows)).count("goal") == 3
    for name in CLASSES:
        assert name in text


def test_missed_goals_are_said_and_end_with_1(material, learnt, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(page, "TRAINING", tmp_path)
    monkeypatch.setattr(page, "FIGURES", tmp_path / "figures.md")
    for name in ("expression.md", "figures.md"):
        (tmp_path / name).write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n")
    monkeypatch.setattr(evaluate, "RUNS", tmp_path / "runs")
    monkeypatch.setattr(evaluate, "PIPELINES", RIVALS)
    monkeypatch.setattr(evaluate.fer2013, "load", lambda: material[0])
    monkeypatch.setattr(evaluate, "picture_meshes", lambda pictures: material[1])
    monkeypatch.setattr(evaluate.ExpressionClassifier, "load", lambda: learnt[1])
    own = evaluate.evaluate
    monkeypatch.setattr(evaluate, "evaluate", lambda: own(tmp_path / "kept.json"))
    monkeypatch.setitem(evaluate.GOALS, "ms per face", ("≤", 0.0))
    assert command.main(["evaluate", "expression"]) == 1
    assert "**missed**" in capsys.readouterr().out
    short = page.FIGURES.read_text()
    assert "**missed**" in short and "|" not in short and "old" not in short
    written = (page.TRAINING / "expression.md").read_text()
    assert written.startswith("before\n") and written.endswith("after\n")
    assert LIVE_ROW in written and "old" not in written
    for name in evaluate.GOALS:
        monkeypatch.setitem(evaluate.GOALS, name, ("≥", 0.0))
    assert command.main(["evaluate", "expression"]) == 0


def test_networks_come_from_their_cards_or_stay_as_they_were(tmp_path, monkeypatch):
    monkeypatch.setattr(evaluate, "RUNS", tmp_path)
    metrics = {
        "PublicTest": {
            "accuracy": 0.61, "macro_f1": 0.5, "calibration_error": 0.02,
            "per_class": {name: {"f1": 0.5} for name in CLASSES},
        },
        "epochs": 50,
    }  # fmt: skip
    about = dict.fromkeys(registry.CARD_FIELDS, "said") | {"data": [], "metrics": metrics}
    small = {"a": np.zeros(1, np.float32)}
    registry.save_tensors("expression_cnn21", small, about, "", tmp_path / "expression-cnn21")
    before = {"VGG16, every layer trained (V2)": {"accuracy": 0.6}}
    rows = evaluate.networks(before)
    assert rows["21-layer CNN, balanced (E1)"]["accuracy"] == 0.61
    assert rows["VGG16, every layer trained (V2)"] == {"accuracy": 0.6}
    assert len(rows) == 2


@pytest.mark.parametrize("path", [page.TRAINING / "expression.md", page.FIGURES])
def test_the_pages_have_the_place_for_the_tables(path):
    assert page.with_text(path.read_text(), BEGIN, END, "new").count("new") >= 1
    with pytest.raises(ValueError, match="needs the two lines"):
        page.with_text("nothing", BEGIN, END, "new")


def test_goals_compare_both_ways():
    row = {"accuracy": 0.72, "calibration error": 0.06, "ms per face": 5.0}
    assert [met for *_, met in goals({LIVE_ROW: row})] == [True, False, True]


def test_reading_meshes_goes_on_where_it_was_stopped(tmp_path, monkeypatch):
    pictures = np.random.default_rng(0).integers(0, 256, (7, 48, 48), np.uint8)
    read = []

    def reader(some: np.ndarray) -> np.ndarray:
        if len(read) == 2:
            raise KeyboardInterrupt
        read.append(len(some))
        return np.stack([np.full((4, 468, 3), p.mean(), np.float32) for p in some])

    monkeypatch.setattr(meshes, "read_meshes", reader)
    cache = tmp_path / "meshes.npz"
    with pytest.raises(KeyboardInterrupt):
        meshes.picture_meshes(pictures, cache, at_once=3)
    assert read == [3, 3] and not cache.exists()
    read[:] = [0]
    found = meshes.picture_meshes(pictures, cache, at_once=3)
    assert read == [0, 1], "two of three parts were there"
    assert found[:, 0, 0, 0] == pytest.approx(pictures.mean((1, 2)), rel=1e-5)
    assert [file.name for file in tmp_path.iterdir()] == ["meshes.npz"]
    read[:] = [0, 0]  # a third reading would raise
    assert (meshes.picture_meshes(pictures, cache, at_once=3) == found).all()
