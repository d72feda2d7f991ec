"""The body's geometry, the synthetic body and the pose classifier."""

import numpy as np
import pytest

from datasets import synthetic_body
from datasets.paths import DataMissing
from datasets.signing import clips
from models.pose import rules, train
from models.pose.classifier import PoseClassifier
from models.pose.geometry import ARM, FEATURES, features, features_many, mirrored
from models.pose.landmarks import bodies_in
from server.perception import recording
from server.values import NEUTRAL_POSE

ASPECT = 4 / 3


@pytest.fixture(scope="module")
def classifier() -> PoseClassifier:
    return PoseClassifier.load()


@pytest.fixture(scope="module")
def bodies() -> list[np.ndarray]:
    """Every second body of the recordings of people who sign."""
    found = []
    for session in recording.load_all().values():
        found += [frame.body.astype(np.float32) for frame in session.frames[::2]
                  if frame.body is not None]  # fmt: skip
    return found


def person(left: tuple, right: tuple) -> np.ndarray:
    """A body [33, 4] before the camera, from where its elbows and wrists are.

    Each arm is (elbow x, elbow y, wrist x, wrist y) in shoulder widths from its own
    shoulder, x away from the trunk and y up.
    """
    body = np.zeros((33, 4), np.float32)
    body[:, 3] = 0.99
    body[0, :2] = (0.5, 0.3)
    for (shoulder, elbow, wrist), side, arm in (((11, 13, 15), 1, left), ((12, 14, 16), -1, right)):
        x, y = 0.5 + side * 0.1, 0.45
        body[shoulder, :2] = (x, y)
        body[elbow, :2] = (x + side * arm[0] * 0.2, y - arm[1] * 0.2 * ASPECT)
        body[wrist, :2] = (x + side * arm[2] * 0.2, y - arm[3] * 0.2 * ASPECT)
    return body


HANGING = (0.15, -0.8, 0.2, -1.5)
PEOPLE = {
    "hanging": ("neutral", HANGING, HANGING),
    "stretched up": ("arms_up", (0.3, 0.7, 0.35, 1.4), (0.3, 0.7, 0.35, 1.4)),
    "hands up": ("arms_up", (0.75, 0.05, 0.7, 0.85), (0.75, 0.05, 0.7, 0.85)),
    "aside": ("arms_out", (0.8, 0.0, 1.5, 0.03), (0.8, 0.0, 1.5, 0.03)),
    "folded": ("arms_crossed", (0.15, -0.75, -0.65, -0.6), (0.15, -0.75, -0.7, -0.55)),
    "one up": ("neutral", (0.3, 0.7, 0.35, 1.4), HANGING),
    "one aside": ("neutral", (0.8, 0.0, 1.5, 0.03), HANGING),
    "hands on hips": ("neutral", (0.7, -0.6, 0.1, -1.1), (0.7, -0.6, 0.1, -1.1)),
    "hands clasped": ("neutral", (0.25, -0.75, -0.42, -0.7), (0.25, -0.75, -0.4, -0.72)),
    "hand at chin": ("neutral", (0.2, -0.7, -0.35, 0.05), HANGING),
}


@pytest.mark.parametrize("name", PEOPLE)
def test_plain_poses_are_read_as_people_would(classifier, name):
    pose, left, right = PEOPLE[name]
    body = person(left, right)
    shares = classifier.read(body, ASPECT)
    assert max(shares, key=shares.get) == pose, shares
    upper = body.copy()
    upper[23:] = (0.5, 1.4, 0, 0.02)
    shares = classifier.read(upper, ASPECT)
    assert max(shares, key=shares.get) == pose, "hips and legs out of the picture"


def test_features_do_not_depend_on_place_size_or_aspect(bodies):
    for body in bodies[::20]:
        before = features(body, ASPECT)
        moved = body.copy()
        moved[:, :2] = body[:, :2] * 0.3 + (0.5, 0.1)
        assert np.allclose(features(moved, ASPECT), before, atol=1e-4)
        wider = body.copy()
        wider[:, 0] *= 0.75
        assert np.allclose(features(wider, 16 / 9), before, atol=1e-4)


def test_a_mirror_exchanges_left_and_right(bodies):
    count = len(ARM)
    for body in bodies[::20]:
        plain, turned = features(body, ASPECT), features(mirrored(body), ASPECT)
        assert np.allclose(turned[:count], plain[count : 2 * count], atol=1e-5)
        assert np.allclose(turned[2 * count :], plain[2 * count :], atol=1e-5)
        assert np.allclose(mirrored(mirrored(body)), body, atol=1e-6)


def test_hips_and_legs_change_nothing(bodies):
    for body in bodies[::20]:
        without = body.copy()
        without[17:] = (9, 9, 9, 0)
        assert np.array_equal(features(without, ASPECT), features(body, ASPECT))


def test_features_have_names_and_limits(bodies):
    table = features_many(np.array(bodies), ASPECT)
    assert table.shape == (len(bodies), len(FEATURES))
    far = bodies[0].copy()
    far[15, :2] = 1000
    assert np.abs(features(far, ASPECT)).max() <= 4


@pytest.mark.parametrize(
    "body, message",
    [
        (np.zeros((21, 3), np.float32), r"\[33, 4\]"),
        (np.full((33, 4), np.nan, np.float32), "not numbers"),
    ],
)
def test_what_is_no_body_is_refused(classifier, body, message):
    with pytest.raises(ValueError, match=message):
        classifier.read(body, ASPECT)


def test_a_body_in_one_point_is_neutral_or_at_least_probabilities(classifier):
    shares = classifier.read(np.full((33, 4), 0.5, np.float32), ASPECT)
    assert sum(shares.values()) == pytest.approx(1)


def test_people_who_sign_do_nothing_that_has_a_name(classifier, bodies):
    assert NEUTRAL_POSE in classifier.classes
    read = [classifier.read(body, ASPECT) for body in bodies]
    named = [shares for shares in read if max(shares, key=shares.get) != NEUTRAL_POSE]
    assert len(named) <= 0.01 * len(read)


@pytest.mark.parametrize("pose", ["arms_up", "arms_out", "arms_crossed", "neutral"])
def test_synthetic_bodies_are_read_as_what_they_do(classifier, pose):
    bodies, aspects = synthetic_body.make(pose, 200, np.random.default_rng(1234))
    clear = rules.label(features_many(bodies, aspects)) == pose
    seen = clear & (bodies[:, 13:17, 3].min(1) > 0.5)
    assert seen.sum() > 20
    right = 0
    for body, aspect in zip(bodies[seen], aspects[seen], strict=True):
        shares = classifier.read(body, aspect)
        right += max(shares, key=shares.get) == pose
    assert right > 0.9 * seen.sum()


def test_the_synthetic_body_is_the_same_for_the_same_seed():
    one, _ = synthetic_body.make("arms_up", 5, np.random.default_rng(3))
    two, _ = synthetic_body.make("arms_up", 5, np.random.default_rng(3))
    assert np.array_equal(one, two)
    assert one.shape == (5, 33, 4) and np.isfinite(one).all()
    assert (one[..., 3] >= 0).all() and (one[..., 3] <= 1).all()


def test_forearms_that_cut_each_other_are_crossed():
    people = np.array([person(left, right) for _, left, right in PEOPLE.values()])
    labels = rules.label(features_many(people, ASPECT))
    for (name, (pose, *_)), label in zip(PEOPLE.items(), labels, strict=True):
        assert label in (pose, rules.BETWEEN), name


def test_a_small_training_makes_a_classifier_of_people_it_has_not_seen():
    rng = np.random.default_rng(0)
    counts = {"neutral": 150, "arms_up": 80, "arms_out": 80, "arms_crossed": 80}
    real = train.synthetic(counts, rng)
    real.groups[:] = np.array(["one", "two"])[np.arange(len(real.groups)) % 2]
    made_up, unseen = (train.synthetic(counts, rng) for _ in range(2))
    pipeline, measured = train.learn(real, made_up, unseen, seed=0, rounds=20)
    assert measured["real, one group left out at a time"]["accuracy"] > 0.8
    assert set(measured["per group left out"]) == {"one", "two"}
    small = PoseClassifier(pipeline)
    for name in ("hanging", "stretched up", "aside"):
        pose, left, right = PEOPLE[name]
        shares = small.read(person(left, right), ASPECT)
        assert max(shares, key=shares.get) == pose


def test_every_recording_is_labelled_as_it_is_said(monkeypatch):
    try:
        some = clips()[:2]  # tracking all of them takes minutes
        monkeypatch.setattr(train, "signing_bodies", lambda: bodies_in(some))
        real = train.recorded(np.random.default_rng(0))
    except DataMissing as missing:
        pytest.skip(str(missing))
    for group in np.unique(real.groups):
        if group.startswith(("signing", "Huruf", "Bicep")):
            assert set(real.labels[real.groups == group]) == {"neutral"}, group
    assert set(real.labels[real.groups == "Wakanda forever"]) == {"arms_crossed"}
    crossed = set(real.groups[real.labels == "arms_crossed"])
    assert crossed == {"Wakanda forever", "arm signals, person 2"}
