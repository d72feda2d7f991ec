"""Rather unsure than wrong: what makes a reading of an expression fade toward neutral."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
import skimage.data

from server.perception import recording
from server.perception.confidence import (
    LIPS,
    before_mouth,
    confidence_in_expression,
    decided,
    lit,
)
from server.perception.measures import measure_head
from server.perception.reader import Classifiers, Reader
from server.perception.trackers import TrackerSet
from server.stage import initial, step
from server.values import EXPRESSIONS, Landmarks
from tests.unit.test_expression import turned

HAPPY = dict.fromkeys(EXPRESSIONS, 0.01) | {"happy": 0.94}


@pytest.fixture(scope="module")
def picture() -> np.ndarray:
    """A smiling woman, [512, 512, 3]."""
    return skimage.data.astronaut()


@pytest.fixture(scope="module")
def smiling(picture) -> Landmarks:
    trackers = TrackerSet(ThreadPoolExecutor(1))
    found = [trackers.track(picture, 1000.0 * time) for time in (1, 2, 3)][-1]
    return replace(found, left_hand=None, right_hand=None, body=None)


@pytest.fixture(scope="module")
def hand() -> np.ndarray:
    """[21, 3] a real hand, its middle at 0."""
    session = recording.load_all()["asl_eat"]
    hands = [frame.right_hand for frame in session.frames if frame.right_hand is not None]
    return hands[0] - hands[0].mean(0)


def confidence(landmarks: Landmarks, shares=HAPPY, picture=None) -> float:
    head = measure_head(landmarks.face, landmarks.aspect)
    return confidence_in_expression(shares, head, landmarks, picture)


def sized(hand: np.ndarray, landmarks: Landmarks, place: np.ndarray) -> np.ndarray:
    """The hand as long as the face is high, at a place of the picture."""
    height = np.ptp(landmarks.face[:, 1])
    return (hand / np.ptp(hand[:, :2]) * height + (*place, 0)).astype(np.float32)


def mouth_of(landmarks: Landmarks) -> np.ndarray:
    return landmarks.face[LIPS, :2].mean(0)


def test_a_face_in_good_light_that_looks_ahead_is_trusted(smiling, picture):
    assert confidence(smiling, picture=picture) > 0.9


def test_two_equal_expressions_are_no_verdict(smiling):
    two = dict.fromkeys(EXPRESSIONS, 0.02) | {"happy": 0.45, "surprise": 0.45}
    assert decided(two) == 0 and confidence(smiling, two) == 0
    assert decided(dict.fromkeys(EXPRESSIONS, 1 / 7)) == 0
    assert 0 < decided(two | {"happy": 0.48, "surprise": 0.42}) < 1
    assert decided(HAPPY) == 1


@pytest.mark.parametrize("yaw, pitch", [(65, 0), (-65, 0), (0, 60)])
def test_a_turned_head_is_not_read(smiling, yaw, pitch):
    square = smiling.face - smiling.face.mean(0)
    away = replace(smiling, face=(turned(square, yaw, pitch) + smiling.face.mean(0)))
    assert confidence(away) < 0.15 < 0.9 < confidence(smiling)


def test_in_the_dark_nothing_is_read(smiling, picture):
    levels = [
        lit((picture * share).astype(np.uint8), smiling.face) for share in (1, 0.5, 0.2, 0.08)
    ]
    assert levels == sorted(levels, reverse=True)
    assert levels[0] == levels[1] == 1 and levels[-1] == 0
    fog = (picture * 0.02 + 200).astype(np.uint8)
    assert lit(fog, smiling.face) == 0


def test_dark_skin_in_good_light_is_trusted(smiling, picture):
    """All but the whites of eyes and teeth and the lights on the skin, three times darker."""
    face = picture.astype(float)
    bright = face.mean(2, keepdims=True) > 200
    assert lit(np.where(bright, face, face / 3).astype(np.uint8), smiling.face) == 1


def test_a_face_outside_of_the_picture_has_no_light(picture):
    assert lit(picture, np.full((468, 3), 1.5, np.float32)) == 0


@pytest.mark.parametrize("side", ["left_hand", "right_hand"])
def test_a_hand_before_the_mouth_hides_the_expression(smiling, hand, side):
    height = np.ptp(smiling.face[:, 1])
    over = replace(smiling, **{side: sized(hand, smiling, mouth_of(smiling))})
    assert before_mouth(over) == 1 and confidence(over) == 0
    aside = mouth_of(smiling) + (1.5 * height, 0)
    assert before_mouth(replace(smiling, **{side: sized(hand, smiling, aside)})) == 0
    below = mouth_of(smiling) + (0, 1.3 * height)
    assert before_mouth(replace(smiling, **{side: sized(hand, smiling, below)})) == 0


def test_a_hand_that_only_the_body_shows_counts_too(smiling):
    body = np.zeros((33, 4), np.float32)
    body[[15, 17, 19, 21]] = (*mouth_of(smiling), 0, 0.9)
    body[[15, 17], 0] -= 0.05
    body[[15, 19], 1] += 0.05
    assert before_mouth(replace(smiling, body=body)) == 1
    body[:, 3] = 0.1
    assert before_mouth(replace(smiling, body=body)) == 0


def test_people_who_sign_eat_have_a_hand_before_the_mouth_at_times():
    covered = {
        name: np.mean([before_mouth(f) > 0.5 for f in session.frames if f.face is not None])
        for name, session in recording.load_all().items()
    }
    assert 0.1 < covered["asl_eat"] < 0.5
    assert covered["asl_want"] == covered["asl_student"] == 0


def seen_for(seconds, state, reader, landmarks, picture, start):
    """The stage after it was shown the same frame again and again."""
    for number in range(int(seconds * 20)):
        time = start + number / 20
        reading = reader.read(number, replace(landmarks, time=time), picture)
        state = step(state, reading, time, seed=1)
    return state


@pytest.mark.parametrize("trouble", ["dark", "hand", "turned"])
def test_the_scene_fades_to_neutral_instead_of_saying_something_wrong(
    smiling, picture, hand, trouble
):
    reader = Reader(Classifiers(emotion=True))
    state = seen_for(2, initial(), reader, smiling, picture, 100.0)
    assert state.expression == "happy" and state.certainty > 0.9
    if trouble == "dark":
        picture = (picture * 0.08).astype(np.uint8)
    elif trouble == "hand":
        smiling = replace(smiling, right_hand=sized(hand, smiling, mouth_of(smiling)))
    else:
        square = smiling.face - smiling.face.mean(0)
        smiling = replace(smiling, face=turned(square, yaw=70) + smiling.face.mean(0))
    state = seen_for(3, state, reader, smiling, picture, 102.0)
    assert state.expression == "neutral" and state.certainty < 0.1


def test_without_emotion_no_doubt_is_computed(smiling, picture):
    reading = Reader(Classifiers(emotion=False)).read(1, smiling, picture, crop=True)
    assert reading.expression is None and reading.head is not None
    assert reading.crop.shape == (112, 112, 3)
