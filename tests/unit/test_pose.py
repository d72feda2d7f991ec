"""The body's geometry, the synthetic body and the classifier, on poses that are held."""

import numpy as np
import pytest

from datasets import synthetic_body
from models.pose import rules
from models.pose.classifier import PoseClassifier
from models.pose.geometry import ARM, FEATURES, FINE, features, features_many, mirrored
from models.pose.window import Window
from server.perception import recording

ASPECT = 4 / 3


def read_still(classifier: PoseClassifier, body: np.ndarray, aspect: float = ASPECT) -> dict:
    """What is read of somebody who stands like this and does not move."""
    window = Window()
    window.add(0.0, body, aspect)
    return classifier.read(window)


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
    "one up": ("left_arm_up", (0.3, 0.7, 0.35, 1.4), HANGING),
    "one aside": ("left_arm_out", (0.8, 0.0, 1.5, 0.03), HANGING),
    "hands on hips": ("hands_on_hips", (0.7, -0.6, 0.1, -1.1), (0.7, -0.6, 0.1, -1.1)),
    "hands clasped": ("hands_together", (0.25, -0.75, -0.42, -0.7), (0.25, -0.75, -0.4, -0.72)),
    "hand at chin": ("neutral", (0.2, -0.7, -0.35, 0.05), HANGING),
}


@pytest.mark.parametrize("name", PEOPLE)
def test_plain_poses_are_read_as_people_would(classifier, name):
    pose, left, right = PEOPLE[name]
    body = person(left, right)
    shares = read_still(classifier, body)
    assert max(shares, key=shares.get) == pose, shares
    upper = body.copy()
    upper[23:] = (0.5, 1.4, 0, 0.02)
    shares = read_still(classifier, upper)
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


def test_a_camera_held_askew_changes_nothing(bodies):
    for body in bodies[::20]:
        before = features(body, ASPECT)
        for degrees in (-25, 10, 40):
            sine, cosine = np.sin(np.radians(degrees)), np.cos(np.radians(degrees))
            x, y = body[:, 0], body[:, 1] / ASPECT
            tilted = body.copy()
            tilted[:, 0] = x * cosine - y * sine
            tilted[:, 1] = (x * sine + y * cosine) * ASPECT
            assert np.allclose(features(tilted, ASPECT), before, atol=1e-4)


def test_a_mirror_exchanges_left_and_right(bodies):
    count, held = len(ARM), len(FEATURES) - len(FINE)
    for body in bodies[::20]:
        plain, turned = features(body, ASPECT), features(mirrored(body), ASPECT)
        assert np.allclose(turned[:count], plain[count : 2 * count], atol=1e-5)
        assert np.allclose(turned[2 * count : held], plain[2 * count : held], atol=1e-5)
        hands, head = turned[held : held + 4], turned[held + 4 :]
        assert np.allclose(hands, np.roll(plain[held : held + 4], 2), atol=1e-5)
        assert np.allclose(head, plain[held + 4 :] * (-1, 1, -1, 1), atol=1e-5)
        assert np.allclose(mirrored(mirrored(body)), body, atol=1e-6)


def test_hips_and_legs_change_nothing(bodies):
    for body in bodies[::20]:
        without = body.copy()
        without[23:] = (9, 9, 9, 0)
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
        read_still(classifier, body)


def test_a_body_in_one_point_is_neutral_or_at_least_probabilities(classifier):
    shares = read_still(classifier, np.full((33, 4), 0.5, np.float32))
    assert sum(shares.values()) == pytest.approx(1)


@pytest.mark.parametrize("pose", rules.CLASSES)
def test_synthetic_bodies_are_read_as_what_they_do(classifier, pose):
    bodies, aspects = synthetic_body.make(pose, 200, np.random.default_rng(1234))
    clear = rules.label(features_many(bodies, aspects)) == pose
    seen = clear & (bodies[:, 13:17, 3].min(1) > 0.5)
    assert seen.sum() > 20
    right = 0
    for body, aspect in zip(bodies[seen], aspects[seen], strict=True):
        shares = read_still(classifier, body, aspect)
        right += max(shares, key=shares.get) == pose
    assert right > 0.9 * seen.sum()


def test_the_synthetic_body_is_the_same_for_the_same_seed():
    one, _ = synthetic_body.make("arms_up", 5, np.random.default_rng(3))
    two, _ = synthetic_body.make("arms_up", 5, np.random.default_rng(3))
    assert np.array_equal(one, two)
    assert one.shape == (5, 33, 4) and np.isfinite(one).all()
    assert (one[..., 3] >= 0).all() and (one[..., 3] <= 1).all()


def test_the_rules_see_what_people_see():
    people = np.array([person(left, right) for _, left, right in PEOPLE.values()])
    labels = rules.label(features_many(people, ASPECT))
    for (name, (pose, *_)), label in zip(PEOPLE.items(), labels, strict=True):
        assert label in (pose if pose in rules.CLASSES else "neutral", rules.BETWEEN), name
