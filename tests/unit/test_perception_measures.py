"""Measures on real recorded people: independent of place, size and mirror."""

from dataclasses import replace

import numpy as np
import pytest

from server.perception import recording
from server.perception.measures import (
    LEFT_EYE,
    RIGHT_EYE,
    Stir,
    measure_body,
    measure_hand,
    measure_head,
    openness,
    square,
)
from server.values import Landmarks

MIRRORED_BODY = [0, 4, 5, 6, 1, 2, 3, 8, 7, 10, 9] + [
    i + 1 if i % 2 else i - 1 for i in range(11, 33)
]


@pytest.fixture(scope="module")
def people() -> list[Landmarks]:
    """One frame of each recording that shows face and body."""
    frames = []
    for name, session in recording.load_all().items():
        whole = [f for f in session.frames if f.face is not None and f.body is not None]
        assert whole, name
        frames.append(whole[len(whole) // 2])
    return frames


def moved(points, shift=(0.0, 0.0), scale=1.0):
    """Points of a person who stands elsewhere, nearer or farther."""
    other = points.copy()
    other[:, :2] = (other[:, :2] - 0.5) * scale + 0.5 + shift
    other[:, 2] *= scale
    return other


def mirrored(points):
    other = points.copy()
    other[:, 0] = 1 - other[:, 0]
    return other


@pytest.mark.parametrize(("shift", "scale"), [((0.1, -0.05), 1.0), ((0.0, 0.0), 0.6)])
def test_head_angles_do_not_depend_on_place_and_size(people, shift, scale):
    for person in people:
        here = measure_head(person.face, person.aspect)
        there = measure_head(moved(person.face, shift, scale), person.aspect)
        angles = [[head.yaw, head.pitch, head.roll] for head in (here, there)]
        assert np.allclose(*angles, atol=0.05)
        assert there.size == pytest.approx(here.size * scale, rel=1e-3)


def test_a_mirrored_head_turns_the_other_way(people):
    # the mesh's left and right corners of the eyes change places in a mirror
    for person in people:
        here = measure_head(person.face, person.aspect)
        face = mirrored(person.face)
        face[[LEFT_EYE, RIGHT_EYE]] = face[[RIGHT_EYE, LEFT_EYE]]
        there = measure_head(face, person.aspect)
        assert [there.yaw, there.pitch, there.roll] == pytest.approx(
            [-here.yaw, here.pitch, -here.roll], abs=0.2
        )


def test_a_tilted_picture_is_a_roll(people):
    for person in people:
        face = square(person.face, person.aspect)
        angle = np.radians(15)
        turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        face[:, :2] = (face[:, :2] - 0.5) @ turn.T + 0.5
        face[:, 1] *= person.aspect
        tilted = measure_head(face.astype(np.float32), person.aspect)
        roll = measure_head(person.face, person.aspect).roll
        assert tilted.roll - roll == pytest.approx(15, abs=1)


def test_face_cut_off_or_tiny_is_not_trusted(people):
    face = people[0].face
    assert measure_head(face, 4 / 3).confidence > 0.8
    assert measure_head(moved(face, (0.5, 0.0)), 4 / 3).confidence < 0.2
    assert measure_head(moved(face, scale=0.2), 4 / 3).confidence == 0.0


@pytest.mark.parametrize(("shift", "scale"), [((0.1, -0.05), 1.0), ((0.0, 0.0), 0.6)])
def test_body_measures_do_not_depend_on_place_and_size(people, shift, scale):
    for person in people:
        here = measure_body(person, 0.0)
        there = measure_body(replace(person, body=moved(person.body, shift, scale)), 0.0)
        assert there.openness == pytest.approx(here.openness, abs=0.01)
        assert there.lean == pytest.approx(here.lean, abs=0.01)


def test_a_mirrored_body_is_as_open_and_leans_the_other_way(people):
    for person in people:
        here = measure_body(person, 0.0)
        other = replace(person, body=mirrored(person.body)[MIRRORED_BODY])
        there = measure_body(other, 0.0)
        assert there.openness == pytest.approx(here.openness, abs=0.01)
        assert there.lean == pytest.approx(-here.lean, abs=0.01)


def figure(left_wrist, right_wrist) -> tuple[np.ndarray, np.ndarray]:
    """Joints [33, 2] of a simple figure (shoulder width 1), and visibility."""
    joints = np.zeros((33, 2))
    joints[0] = (0.0, -0.8)
    joints[11], joints[12] = (0.5, 0.0), (-0.5, 0.0)
    joints[15], joints[16] = left_wrist, right_wrist
    return joints, np.ones(33)


def test_openness_goes_from_crossed_over_hanging_to_spread():
    crossed = openness(*figure((-0.4, 0.5), (0.4, 0.5)))
    hanging = openness(*figure((0.6, 1.7), (-0.6, 1.7)))
    spread = openness(*figure((2.2, 0.0), (-2.2, 0.0)))
    raised = openness(*figure((0.6, -1.6), (-0.6, -1.6)))
    assert crossed == 0.0
    assert crossed < hanging < 0.3
    assert raised > 0.6
    assert spread == 1.0


def test_energy_rises_with_movement_and_settles():
    session = recording.load_all()["asl_again"]
    stir = Stir()
    moving = [stir.update(frame) for frame in session.frames]
    assert max(moving) > 0.2
    last = session.frames[-1]
    still = [stir.update(replace(last, time=last.time + n / 15)) for n in range(1, 30)]
    assert still[-1] < 0.02


def test_energy_does_not_depend_on_distance_or_rate_of_frames():
    session = recording.load_all()["asl_brother"]

    def mean_energy(frames):
        stir = Stir()
        return np.mean([stir.update(frame) for frame in frames])

    near = mean_energy(session.frames)
    far = mean_energy([replace(f, body=moved(f.body, scale=0.5)) for f in session.frames])
    assert far == pytest.approx(near, rel=0.02)


def test_a_fist_is_closed_and_a_spread_hand_open():
    angles = np.linspace(-0.6, 0.6, 5)
    direction = np.stack([np.sin(angles), -np.cos(angles)], axis=1)

    def hand(reach):
        points = np.zeros((21, 3), np.float32)
        for finger in range(5):
            for joint, length in enumerate(np.linspace(1.0, reach, 4)):
                points[1 + 4 * finger + joint, :2] = direction[finger] * length * 0.05
        points[:, :2] += 0.5
        return measure_hand("left", points, 1.0)

    assert hand(0.9).open == 0.0
    assert hand(1.9).open == 1.0
    assert hand(1.9).x == pytest.approx(0.5, abs=0.02)
