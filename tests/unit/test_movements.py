"""How the parts of a face are moved: direction of each number, and who gets none."""

import numpy as np
import pytest

from models.expression.geometry import MeanFace
from models.expression.movements import (
    LEFT_BROW,
    LEFT_CORNER,
    LEFT_LIDS,
    LOWER_LIP,
    NAMES,
    RIGHT_BROW,
    RIGHT_CORNER,
    movements,
)
from server.perception.reader import Classifiers, Reader
from server.perception.recording import load_all
from server.stage import initial, step, to_json
from server.values import Landmarks


@pytest.fixture(scope="module")
def mean() -> np.ndarray:
    return MeanFace.load().points


def moved(mean: np.ndarray, **by: tuple[list[int], tuple[float, float, float]]) -> dict[str, float]:
    face = mean.copy()
    for points, way in by.values():
        face[points] += way
    return movements(face)


def test_every_number_is_within_its_range(mean):
    faces = np.random.default_rng(3).normal(mean, 0.1, (200, *mean.shape))
    for face in faces:
        found = movements(face)
        assert tuple(found) == NAMES
        for name, value in found.items():
            assert (-1 if name in ("smile", "brows") else 0) <= value <= 1


def test_each_movement_is_told_by_its_own_number(mean):
    rest = movements(mean)
    corners = [RIGHT_CORNER, LEFT_CORNER]
    assert moved(mean, jaw=([LOWER_LIP], (0, 0.5, 0)))["jaw"] > rest["jaw"] + 0.5
    assert moved(mean, up=(corners, (0, -0.15, 0)))["smile"] > rest["smile"] + 0.3
    assert moved(mean, down=(corners, (0, 0.2, 0)))["smile"] < 0
    assert (
        moved(mean, a=([RIGHT_CORNER], (0.2, 0, 0)), b=([LEFT_CORNER], (-0.2, 0, 0)))["pucker"]
        > 0.5
    )
    assert moved(mean, up=(RIGHT_BROW + LEFT_BROW, (0, -0.1, 0)))["brows"] > rest["brows"] + 0.5
    assert moved(mean, down=(RIGHT_BROW + LEFT_BROW, (0, 0.15, 0)))["brows"] < -0.5
    shut = mean.copy()
    shut[LEFT_LIDS] = shut[LEFT_LIDS].mean(0)
    assert movements(shut)["left_eye"] < 0.1
    assert movements(shut)["right_eye"] == rest["right_eye"] == 1.0


def test_without_emotion_the_face_is_not_measured():
    frame = next(f for f in load_all()["asl_sorry"].frames if f.face is not None)
    landmarks = Landmarks(time=0.0, face=frame.face, body=frame.body, aspect=frame.aspect)
    for emotion in (True, False):
        reading = Reader(Classifiers(emotion)).read(1, landmarks)
        assert (reading.face is not None) == emotion
        state = to_json(step(initial(emotion=emotion), reading, 0.0, 1))
        assert (state["face"] is not None) == emotion
        if emotion:
            assert set(state["face"]) == set(NAMES)
