"""Poses taught from a few recordings: read on others, and on nobody who does something else."""

from __future__ import annotations

import json
import pickle

import numpy as np
import pytest

from datasets import gestures
from datasets.paths import DataMissing
from models import registry
from models.core.perceptron import forget_training
from models.pose import teach
from models.pose.classifier import PoseClassifier
from models.pose.geometry import features_many
from models.pose.recorded import signal_films
from models.pose.samples import spaced
from models.pose.take import NONE, TAUGHT, Take
from models.pose.taught import DOUBT, SURE, WINDOW, TaughtClassifier, combined
from models.pose.teach import OTHER, as_live
from models.pose.train import CLASSES, fit, in_order
from models.pose.window import FEATURES, features_at
from tests.unit.taught_takes import take

SOURCE = {"name": "made", "what": "numbers", "origin": "here", "licence": "none"}
ABOUT = dict.fromkeys(registry.CARD_FIELDS, "said") | {"data": [SOURCE], "window": WINDOW}


@pytest.fixture(scope="module")
def others() -> teach.Others:
    return teach.others(seed=5, counts=dict.fromkeys(CLASSES, 12) | {NONE: 90})


@pytest.fixture(scope="module")
def shipped() -> PoseClassifier:
    return PoseClassifier.load()


@pytest.fixture(scope="module")
def taught(others, shipped):
    """What two people have taught, and its figures."""
    takes = [take("teapot", person, number) for person in ("Ana", "Ben") for number in range(2)]
    takes += [take(NONE, person) for person in ("Ana", "Ben", "Cem")]
    return teach.teach(takes, others, shipped)


def read_live(pipeline, shipped, of: Take) -> np.ndarray:
    """What is read of a recording, by windows."""
    table = features_many(of.bodies, of.aspect)
    windows = features_at(of.times, table, spaced(of.times, of.times > 0.5))
    poses = tuple(pipeline.classes_)
    return as_live(windows, in_order(pipeline, windows, poses), poses, shipped)


def test_a_pose_is_read_on_people_who_did_not_teach_it(taught, shipped):
    strangers = [take("teapot", f"stranger {n}") for n in range(8)]
    read = np.concatenate([read_live(taught[0], shipped, one) for one in strangers])
    assert (read == "teapot").mean() > 0.7


def test_nothing_else_sets_it_off(taught, shipped):
    ordinary = [take(NONE, f"stranger {n}") for n in range(12)]
    read = np.concatenate([read_live(taught[0], shipped, one) for one in ordinary])
    assert (read == "teapot").mean() < 0.05
    alarms = taught[1]["alarms"]
    assert alarms["ordinary"] < 0.03 and alarms["shipped"] < 0.05
    assert alarms["right_now"] > alarms["right_before"] - 0.05, "what ships is still read"


def test_the_figures_come_from_what_was_left_out(taught):
    for unit in ("recording", "person"):
        table = taught[1][unit]
        assert table["columns"] == ["teapot", NONE, OTHER]
        assert np.sum(table["confusion"]) == table["judged"] > 100
        assert table["accuracy"] > 0.7 and table["not_judged"] == []


def test_what_was_recorded_once_is_not_judged(others, shipped):
    takes = [take("teapot", "Ana"), take("hands_on_hips", "Ana"), take("hands_on_hips", "Ben")]
    _, found = teach.teach(takes, others, shipped)
    for unit in ("recording", "person"):
        assert found[unit]["not_judged"] == ["teapot"]
        assert set(found[unit]["right"]) <= {"hands_on_hips", NONE}
    _, found = teach.teach(takes[:1], others, shipped)
    assert found["recording"]["judged"] == 0 and "person" not in found


def test_a_class_that_ships_can_be_taught_too(others, shipped):
    takes = [take("hands_on_hips", "Ana", number) for number in range(2)]
    pipeline, found = teach.teach(takes, others, shipped)
    assert set(pipeline.classes_) == {"hands_on_hips", NONE}
    assert found["alarms"]["right_now"] > found["alarms"]["right_before"] - 0.05
    read = read_live(pipeline, shipped, take("hands_on_hips", "a stranger"))
    assert (read == "hands_on_hips").mean() > 0.7


def test_without_a_pose_there_is_nothing_to_teach(others, shipped):
    with pytest.raises(ValueError, match="nothing has been recorded"):
        teach.teach([take(NONE, "Ana")], others, shipped)


def test_a_taught_pose_is_named_only_when_it_is_sure():
    ships = np.array([[0.8, 0.2]])
    for told, way in ((0.0, 0.0), (DOUBT, 0.0), ((DOUBT + SURE) / 2, 0.5), (SURE, 1.0), (1.0, 1.0)):
        taught = np.array([[1 - told, told * 0.75, told * 0.25]])
        names, table = combined(("wave", NONE), ships, (NONE, "tree", "cactus"), taught)
        assert names == ["wave", NONE, "tree", "cactus"]
        assert table.sum() == pytest.approx(1)
        assert table[0, 0] == pytest.approx(0.8 * (1 - way))
        assert table[0, 2] == pytest.approx(0.75 * way)
    names, table = combined(("wave", NONE), ships, (NONE, "wave"), np.array([[0.0, 1.0]]))
    assert names == ["wave", NONE] and table[0].tolist() == [1.0, 0.0]


def test_the_drawing_is_where_the_arms_are():
    drawn = teach.figure([take("teapot", "Ana"), take("teapot", "Ben")])
    assert drawn["right"]["wrist"][1] > 0.3, "the lid is up"
    assert drawn["left"]["wrist"][1] < -0.3 and drawn["left"]["elbow"][0] > 0.2, "the handle"
    assert not drawn["right"]["moves"]
    film = take("teapot", "Ana")
    width = np.abs(film.bodies[:, 11, 0] - film.bodies[:, 12, 0]).mean()
    film.bodies[:, 16, 0] += width * np.sin(film.times * 6)
    assert teach.figure([film])["right"]["moves"]


def test_synthetic_people_are_made_once(tmp_path, monkeypatch):
    few = {"wave": 2, NONE: 6}
    monkeypatch.setattr(teach, "FILMS", few)
    made = []
    monkeypatch.setattr(teach, "others", lambda: made.append(1) or others_of(counts=few))
    first = teach.kept_others(tmp_path / "others.npz")
    again = teach.kept_others(tmp_path / "others.npz")
    assert len(made) == 1 and np.array_equal(first.table, again.table)
    monkeypatch.setattr(teach, "FILMS", {"wave": 3, NONE: 6})
    teach.kept_others(tmp_path / "others.npz")
    assert len(made) == 2, "others of another kind are made anew"


others_of = teach.others


def test_a_model_goes_through_skops_and_everything_else_is_refused(tmp_path, taught):
    pipeline = taught[0]
    registry.save_pipeline(TAUGHT, pipeline, ABOUT, "", tmp_path)
    row = np.random.default_rng(0).normal(0, 1, len(FEATURES))
    shares = TaughtClassifier.load(tmp_path).over({"wave": 0.3, NONE: 0.7}, row)
    assert set(shares) == {"wave", NONE, "teapot"}
    assert sum(shares.values()) == pytest.approx(1)

    registry.save_pipeline(TAUGHT, pipeline, ABOUT | {"window": "another"}, "", tmp_path)
    with pytest.raises(registry.ModelError, match="another version of Mien"):
        TaughtClassifier.load(tmp_path)

    small = fit(np.eye(4).repeat(5, 0), np.array([NONE, "a"] * 10), np.ones(20), 0, 1)
    forget_training(small[-1])
    registry.save_pipeline(TAUGHT, small, ABOUT, "", tmp_path)
    with pytest.raises(registry.ModelError, match="reads no windows"):
        TaughtClassifier.load(tmp_path)

    path = registry.save_pipeline(TAUGHT, pipeline, ABOUT, "", tmp_path)
    content = path.read_bytes()
    path.write_bytes(content[:-1] + b"x")
    with pytest.raises(registry.ModelError, match="sha256"):
        TaughtClassifier.load(tmp_path)
    path.write_bytes(pickle.dumps(pipeline))
    card = json.loads((tmp_path / f"{TAUGHT}.card.json").read_text())
    card["sha256"] = registry.hashlib.sha256(path.read_bytes()).hexdigest()
    (tmp_path / f"{TAUGHT}.card.json").write_text(json.dumps(card))
    with pytest.raises(registry.ModelError, match="pickles are never opened"):
        TaughtClassifier.load(tmp_path)


@pytest.mark.slow
def test_real_people_teach_real_strangers(shipped):
    """Two people give a signal for five seconds twice; the third gives it, and seven others."""
    try:
        films = signal_films(gestures.load_arm_signals())
    except DataMissing as missing:
        pytest.skip(str(missing))
    takes = []
    for person in (0, 1):
        own = [f for f, name in films if name == "crank" and f.group.endswith(str(person))]
        for number, film in enumerate(f for f in own if len(f.times) > 210):
            part = slice(60, 210)
            times, bodies = film.times[part], film.bodies[part]
            takes.append(Take(f"{person} {number}", "crank", str(person), times, bodies, 1.0))
    assert len(takes) >= 2
    pipeline, _ = teach.teach(takes, teach.others(), shipped)
    read: dict[str, list] = {}
    for film, name in films:
        if film.group.endswith("2") and film.times[-1] > 2:
            one = Take("", name, "2", film.times, film.bodies, 1.0)
            read.setdefault(name, []).append(read_live(pipeline, shipped, one)[8:])
    share = {name: float((np.concatenate(of) == "crank").mean()) for name, of in read.items()}
    assert share["crank"] > 0.85
    poses_that_ship = ("stop", "turn-left", "turn-right", "ready", "standby")
    assert max(share[name] for name in poses_that_ship) < 0.1, share
