"""The face's geometry and the expression classifier, on real recorded faces."""

import numpy as np
import pytest

from datasets.faces import PUBLIC_TEST, TRAINING, Faces
from models.expression import train
from models.expression.classifier import CLASSES, ExpressionClassifier
from models.expression.geometry import (
    MeanFace,
    align,
    align_many,
    angles,
    features,
    mean_face,
    mirrored,
)
from server.perception import recording
from server.values import EXPRESSIONS

ASPECT = 4 / 3


@pytest.fixture(scope="module")
def mean() -> MeanFace:
    return MeanFace.load()


@pytest.fixture(scope="module")
def classifier() -> ExpressionClassifier:
    return ExpressionClassifier.load()


@pytest.fixture(scope="module")
def faces() -> list[np.ndarray]:
    """Three faces of each recording."""
    found = []
    for session in recording.load_all().values():
        seen = [frame.face for frame in session.frames if frame.face is not None]
        found += [seen[len(seen) * part // 4].astype(np.float32) for part in (1, 2, 3)]
    return found


def turned(points: np.ndarray, yaw=0.0, pitch=0.0, roll=0.0) -> np.ndarray:
    """Points [468, 3] (y down, z away) of a head that turns right, up and clockwise."""
    a, b, c = np.radians((-yaw, -pitch, roll))
    about_y = np.array(((np.cos(a), 0, np.sin(a)), (0, 1, 0), (-np.sin(a), 0, np.cos(a))))
    about_x = np.array(((1, 0, 0), (0, np.cos(b), -np.sin(b)), (0, np.sin(b), np.cos(b))))
    about_z = np.array(((np.cos(c), -np.sin(c), 0), (np.sin(c), np.cos(c), 0), (0, 0, 1)))
    return points @ (about_y @ about_x @ about_z).T


def in_picture(points: np.ndarray, size: float, place: tuple[float, float], aspect: float):
    """A face of this size (picture widths) at a place, in picture coordinates."""
    face = points * size
    face[:, 1] *= aspect
    face[:, :2] += place
    return face.astype(np.float32)


def test_the_classes_are_those_of_the_contract():
    assert CLASSES == EXPRESSIONS


@pytest.mark.parametrize("yaw, pitch, roll", [(0, 0, 0), (25, 0, 0), (0, 15, 0), (0, 0, 20),
                                              (-30, -10, 15)])  # fmt: skip
def test_the_head_s_angles_are_found_with_their_signs(mean, yaw, pitch, roll):
    face = in_picture(turned(mean.points, yaw, pitch, roll), 0.05, (0.3, 0.6), 16 / 9)
    found = align(face, 16 / 9, mean)
    assert angles(found.rotation) == pytest.approx((yaw, pitch, roll), abs=0.05)
    assert found.scale == pytest.approx(0.05, rel=1e-3)


def test_a_face_to_the_right_of_the_picture_has_its_nose_there(mean):
    nose = 1
    right = turned(mean.points, yaw=30)
    assert right[nose, 0] > mean.points[nose, 0]
    assert turned(mean.points, pitch=20)[nose, 1] < mean.points[nose, 1]
    # Clockwise: the visitor's left eye, on the right side of the picture, sinks.
    assert turned(mean.points, roll=20)[263, 1] > mean.points[263, 1]


def test_people_before_the_camera_look_ahead(mean, faces):
    found = np.array([angles(align(face, ASPECT, mean).rotation) for face in faces])
    assert np.abs(np.median(found[:, 0])) < 6
    assert np.abs(np.median(found[:, 2])) < 4


def test_features_do_not_depend_on_place_size_roll_or_aspect(mean, faces):
    for face in faces[::4]:
        before = features(align(face, ASPECT, mean).points)
        moved = (face - (0.5, 0.5, 0)) * 0.4 + (0.3, 0.7, 0)
        assert np.allclose(features(align(moved, ASPECT, mean).points), before, atol=1e-4)
        wider = face * (0.75, 1, 0.75)
        assert np.allclose(features(align(wider, 16 / 9, mean).points), before, atol=1e-4)
        square = face * (1, 1 / ASPECT, 1)
        rolled = turned(square, roll=25)
        assert np.allclose(features(align(rolled, 1.0, mean).points), before, atol=1e-4)


def test_expressions_are_the_same_in_a_mirror(classifier, mean, faces):
    for face in faces[::4]:
        points = align(face, ASPECT, mean).points
        plain = classifier.read_aligned(points[None])[0]
        mirror = classifier.read_aligned(mirrored(points, mean)[None])[0]
        assert np.allclose(plain, mirror, atol=1e-5)


def test_expressions_are_probabilities(classifier, faces):
    for face in faces:
        shares = classifier.read(face, ASPECT)
        assert tuple(shares) == CLASSES
        assert sum(shares.values()) == pytest.approx(1)
        assert min(shares.values()) >= 0


def test_people_who_sign_are_mostly_read_as_neutral_or_smiling(classifier, faces):
    read = [max(shares, key=shares.get) for shares in
            (classifier.read(face, ASPECT) for face in faces)]  # fmt: skip
    assert read.count("neutral") > len(read) / 2
    assert read.count("neutral") + read.count("happy") > len(read) * 0.8


@pytest.mark.parametrize(
    "face, message",
    [
        (np.zeros((33, 3), np.float32), "468"),
        (np.full((468, 3), np.nan, np.float32), "not numbers"),
    ],
)
def test_what_is_no_face_is_refused(classifier, face, message):
    with pytest.raises(ValueError, match=message):
        classifier.read(face, ASPECT)


def test_a_face_in_one_point_does_not_break_it(classifier):
    shares = classifier.read(np.full((468, 3), 0.5, np.float32), ASPECT)
    assert sum(shares.values()) == pytest.approx(1)


def test_the_mean_face_is_found_again_from_turned_faces(mean):
    rng = np.random.default_rng(0)
    some = []
    for _ in range(40):
        bent = mean.points + rng.normal(0, 0.01, mean.points.shape)
        yaw, pitch, roll = rng.normal(0, 10, 3)
        # As many look up as down; then the mirror images, as the mesh numbers them.
        for up in (pitch, -pitch):
            some.append(turned(bent, yaw, up, roll) * rng.uniform(0.5, 2))
            some.append(turned(mirrored(bent, mean), -yaw, up, -roll))
    found = mean_face(np.array(some))
    assert np.array_equal(found.mirror, mean.mirror)
    laid, rotation, _ = align_many(found.points[None], mean.points, mean.weights)
    assert np.abs(laid[0] - mean.points).max() < 0.02
    assert np.abs(angles(rotation[0])).max() < 1


def smiling(mean: MeanFace, amount: np.ndarray) -> np.ndarray:
    """[N, 468, 3] the mean face with the corners of its mouth drawn out and up."""
    corners = np.zeros((468, 3))
    for point, side in ((61, -1), (291, 1)):
        near = np.exp(-((mean.points - mean.points[point]) ** 2).sum(1) / 0.1)
        corners += near[:, None] * (side * 0.2, -0.15, 0)
    return mean.points + amount[:, None, None] * corners


def made_up_faces(mean: MeanFace, count: int) -> tuple[Faces, np.ndarray]:
    """Faces that smile (happy) or do the opposite (sad), and their meshes in all views."""
    rng = np.random.default_rng(0)
    labels = np.array([CLASSES.index("happy"), CLASSES.index("sad")])[np.arange(count) % 2]
    labels[: len(CLASSES) * 5] = np.tile(np.arange(len(CLASSES)), 5)
    amount = np.where(labels == CLASSES.index("happy"), 1.0, -0.5) + rng.normal(0, 0.2, count)
    plain = smiling(mean, amount) + rng.normal(0, 0.01, (count, 468, 3))
    meshes = np.empty((count, 4, 468, 3), np.float32)
    for row, points in enumerate(plain):
        yaw, pitch, roll = rng.normal(0, 8, 3)
        meshes[row, :2] = turned(points, yaw, pitch, roll) * 0.1 + 0.5
        meshes[row, 2:] = turned(mirrored(points, mean), -yaw, pitch, -roll) * 0.1 + 0.5
    faces = Faces(
        pictures=np.zeros((count, 48, 48), np.uint8),
        labels=labels,
        votes=(np.eye(7)[labels] * 10).astype(np.uint8),
        other_votes=np.zeros(count),
        split=np.where(np.arange(count) < count * 0.8, TRAINING, PUBLIC_TEST),
        same=np.arange(count),
        group=np.arange(count),
        blank=np.zeros(count, bool),
    )
    return faces, meshes


def test_a_small_training_tells_a_smile_from_its_opposite(mean):
    faces, meshes = made_up_faces(mean, 300)
    meshes[-1] = np.nan
    _, small, measured = train.learn(faces, meshes, seed=0, rounds=20)
    assert measured["faces without a mesh"] == 1
    assert measured["PublicTest"]["accuracy"] > 0.8
    for amount, name in ((1.0, "happy"), (-0.5, "sad")):
        points = smiling(mean, np.array([amount]))[0]
        shares = small.read(in_picture(turned(points, yaw=10), 0.1, (0.5, 0.5), ASPECT), ASPECT)
        assert max(shares, key=shares.get) == name
