"""Real MediaPipe on real pictures: nobody, one, several, far away, half out of view."""

from concurrent.futures import ThreadPoolExecutor

import cv2
import numpy as np
import pytest
from skimage import data

from server.perception.crop import crop_face
from server.perception.measures import measure_head
from server.perception.trackers import OLDEST_PART, TrackerSet, height_of
from tests.shared import signing

ASTRONAUT = data.astronaut()
"""NASA's portrait of Eileen Collins, public domain: face, shoulders, no hands."""


@pytest.fixture(scope="module")
def trackers() -> TrackerSet:
    return TrackerSet(ThreadPoolExecutor(1))


@pytest.fixture(autouse=True)
def as_new(trackers):
    trackers.forget()


def picture(*people: tuple[int, int, int]) -> np.ndarray:
    """A frame [480, 640, 3] with the portrait at each (left, top, size)."""
    frame = np.full((480, 640, 3), 70, np.uint8)
    for left, top, size in people:
        portrait = cv2.resize(ASTRONAUT, (size, size), interpolation=cv2.INTER_AREA)
        x, y = max(left, 0), max(top, 0)
        part = portrait[y - top : 480 - top, x - left : 640 - left]
        frame[y : y + part.shape[0], x : x + part.shape[1]] = part
    return frame


def test_nobody(trackers):
    found = trackers.track(picture(), 1.0)
    assert found.face is None and found.body is None
    assert found.left_hand is None and found.right_hand is None
    assert found.people == 0


def test_one_person_with_face_and_body(trackers):
    found = trackers.track(picture((100, 0, 480)), 1.0)
    assert found.face.shape == (468, 3) and found.body.shape == (33, 4)
    assert found.people == 1
    head = measure_head(found.face, found.aspect)
    assert abs(head.yaw) < 20 and abs(head.roll) < 15 and head.confidence > 0.9
    # the nose of the body is in the face
    assert np.linalg.norm(found.body[0, :2] - found.face[:, :2].mean(0)) < 0.08


def test_the_nearest_of_two_leads_and_has_the_body(trackers):
    for number in range(4):
        found = trackers.track(picture((-60, 60, 400), (200, 0, 480)), number * 0.2)
    assert found.people == 2
    assert found.face[:, 0].mean() > 0.5
    assert found.body is not None
    assert found.body[[11, 12], 0].mean() > 0.45


def test_the_lead_changes_when_another_comes_much_nearer(trackers):
    for number in range(3):
        found = trackers.track(picture((-100, 40, 420), (240, 40, 400)), number * 0.2)
    assert found.face[:, 0].mean() < 0.5
    for number in range(3, 8):
        found = trackers.track(picture((-150, 80, 400), (140, -100, 600)), number * 0.2)
    assert found.face[:, 0].mean() > 0.5


@pytest.mark.parametrize("size", [340, 260, 180])
def test_somebody_far_away_is_found_by_the_body(trackers, size):
    faces = []
    for number in range(12):
        found = trackers.track(picture((300 - size // 2 + number, 150, size)), number * 0.1)
        if found.face is not None:
            faces.append(found.face)
    assert len(faces) >= 6
    assert height_of(faces[-1]) == pytest.approx(0.21 * size / 480, rel=0.25)
    # the face is where the body's nose is
    assert np.linalg.norm(found.body[0, :2] - found.face[:, :2].mean(0)) < 0.05


def test_coming_closer_the_whole_picture_is_searched_again(trackers):
    for number, size in enumerate(np.linspace(200, 480, 40).astype(int)):
        found = trackers.track(picture((320 - size // 2, 100 - size // 5, size)), number * 0.1)
    assert found.face is not None
    trackers.track(picture((0, 0, 480)), 9.0)
    found = trackers.track(picture((160, 0, 480)), 9.1)
    assert found.face is not None and found.people == 1


def test_far_away_is_less_sure(trackers):
    near = measure_head(trackers.track(picture((100, 0, 480)), 1.0).face, 4 / 3)
    trackers.forget()
    far = [trackers.track(picture((230, 150, 160)), number * 0.1).face for number in range(10)]
    sure = [measure_head(face, 4 / 3).confidence for face in far if face is not None]
    assert sure and max(sure) < near.confidence


def test_half_out_of_view_is_not_trusted(trackers):
    for number in range(4):
        found = trackers.track(picture((-205, 0, 480)), number * 0.2)
    assert found.face is None or measure_head(found.face, 4 / 3).confidence < 0.5


def test_body_and_hands_are_never_older_than_allowed(trackers):
    for number in range(20):
        found = trackers.track(picture((100 + number, 0, 480)), number / 15)
        assert found.body_age <= OLDEST_PART and found.hands_age <= OLDEST_PART


def test_forgetting_leaves_nothing_of_the_visitor_before(trackers):
    trackers.track(picture((100, 0, 480)), 1.0)
    trackers.forget()
    found = trackers.track(picture(), 1.02)
    assert found.face is None and found.body is None


def test_the_crop_of_a_real_face_is_upright(trackers):
    frame = picture((100, 0, 480))
    turn = cv2.getRotationMatrix2D((320, 240), 20, 1.0)
    frame = cv2.warpAffine(frame, turn, (640, 480))
    found = trackers.track(frame, 1.0)
    assert abs(measure_head(found.face, found.aspect).roll) > 10
    crop = crop_face(frame, found.face)
    again = np.full((480, 480, 3), 70, np.uint8)
    again[80:400, 80:400] = cv2.resize(crop, (320, 320))
    trackers.forget()
    upright = trackers.track(again, 2.0)
    assert abs(measure_head(upright.face, 1.0).roll) < 4


def test_hands_are_the_visitors_own(trackers):
    """In a picture that is not mirrored, the left hand is on the right side."""
    sides = []
    for number, frame in enumerate(signing("asl_again")):
        found = trackers.track(frame, number / 30)
        for wrist, hand in ((15, found.left_hand), (16, found.right_hand)):
            if hand is not None and found.body is not None:
                sides.append(np.linalg.norm(found.body[wrist, :2] - hand[0, :2]))
    assert len(sides) > 20
    assert np.median(sides) < 0.05
