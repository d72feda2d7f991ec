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
    thumbs_up,
    victory,
)
from server.perception.reader import with_signs
from server.values import NEUTRAL_POSE, Guess, Hand, Landmarks

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


# -- two fingers held up --------------------------------------------------------

STRETCHED, FOLDED = (0.0, 5.0, 5.0), (60.0, 100.0, 60.0)
"""Degrees by which knuckle, middle and last joint of a finger bend."""


def made_hand(bends, spread=(16.0, -6.0, -3.0, -8.0)) -> np.ndarray:
    """A hand [21, 3] in palm lengths, palm to the camera, from the bends of four fingers.

    `spread` turns each finger in the palm's plane, in degrees.
    """
    joints = np.zeros((21, 3))
    joints[1:5] = [(0.25, -0.2, 0.0), (0.4, -0.4, -0.1), (0.3, -0.6, -0.15), (0.1, -0.7, -0.2)]
    knuckles = [(0.25, -0.95), (0.05, -1.0), (-0.15, -0.95), (-0.3, -0.85)]
    for finger, ((x, y), bend, turn) in enumerate(zip(knuckles, bends, spread, strict=True)):
        at, folded = np.array((x, y, 0.0)), 0.0
        joints[5 + 4 * finger] = at
        for bone, (angle, length) in enumerate(zip(bend, (0.45, 0.28, 0.22), strict=True), 1):
            folded += np.radians(angle)
            up = np.array((np.sin(np.radians(turn)), -np.cos(np.radians(turn)), 0.0))
            at = at + length * (np.cos(folded) * up + np.sin(folded) * np.array((0.0, 0.0, -1.0)))
            joints[5 + 4 * finger + bone] = at
    return joints


def in_picture(joints, turns=(0.0, 0.0, 0.0), size=0.1, at=(0.5, 0.5), aspect=4 / 3):
    """The hand turned by degrees about x, y and z, `size` picture widths large."""
    for axis, degrees in enumerate(turns):
        first, second = [i for i in range(3) if i != axis]
        c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
        turn = np.eye(3)
        turn[first, first] = turn[second, second] = c
        turn[first, second], turn[second, first] = -s, s
        joints = joints @ turn.T
    points = joints * size
    points[:, 1] *= aspect
    points[:, :2] += at
    return points.astype(np.float32)


V = made_hand((STRETCHED, STRETCHED, FOLDED, FOLDED))
TURNS = [(0, 0, 0), (0, 0, 60), (0, 0, -90), (0, 180, 0), (30, 0, 0), (0, 40, 20), (-25, -30, 150)]


@pytest.mark.parametrize("turns", TURNS)
@pytest.mark.parametrize("size", [0.03, 0.3])
@pytest.mark.parametrize("aspect", [4 / 3, 16 / 9, 9 / 16])
def test_a_v_is_seen_however_the_hand_is_turned(turns, size, aspect):
    hand = in_picture(V, turns, size, aspect=aspect)
    assert victory(hand, aspect) > 0.95
    assert victory(mirrored(hand), aspect) > 0.95


@pytest.mark.parametrize(
    "bends",
    [
        (FOLDED,) * 4,
        (STRETCHED,) * 4,
        (STRETCHED, FOLDED, FOLDED, FOLDED),
        (STRETCHED, STRETCHED, STRETCHED, FOLDED),
        (STRETCHED, FOLDED, FOLDED, STRETCHED),
        ((40.0, 60.0, 40.0),) * 4,
    ],
    ids=["fist", "open", "pointing", "three", "horns", "half open"],
)
@pytest.mark.parametrize("turns", TURNS)
def test_other_hands_are_no_v(bends, turns):
    assert victory(in_picture(made_hand(bends), turns), 4 / 3) < 0.3


def test_two_fingers_side_by_side_are_no_v():
    together = made_hand((STRETCHED, STRETCHED, FOLDED, FOLDED), spread=(0.0, 0.0, 0.0, 0.0))
    assert victory(in_picture(together), 4 / 3) == 0.0


def test_nobody_who_signs_shows_a_v():
    """Looked at: the nearest is "no", two fingers side by side that tap the thumb."""
    for name, session in recording.load_all().items():
        for frame in session.frames:
            for hand in (frame.left_hand, frame.right_hand):
                if hand is not None:
                    assert victory(hand, frame.aspect) < 0.3, name


def test_a_v_joins_the_poses():
    poses = Guess({NEUTRAL_POSE: 0.7, "arms_up": 0.3}, 0.2)
    hand = in_picture(V)
    seen = Landmarks(time=0.0, right_hand=hand)
    hands = (Hand("right", 0.5, 0.5, 0.5, confidence=0.9),)
    guess = with_signs(poses, seen, hands)
    assert sum(guess.probabilities.values()) == pytest.approx(1.0)
    assert guess.probabilities["victory"] > 0.95
    assert guess.confidence > 0.8, "the hand's, not that of the half hidden body"
    alone = with_signs(None, seen, hands)
    assert alone.probabilities["victory"] > 0.95 and alone.confidence > 0.8
    assert with_signs(None, Landmarks(time=0.0), ()) is None
    assert with_signs(poses, Landmarks(time=0.0), ()).probabilities["arms_up"] == 0.3


# -- a thumb held up ------------------------------------------------------------


def made_thumb(way=(0.0, -1.0, 0.0)) -> np.ndarray:
    """A fist [21, 3], seen from the side of the thumb, which points `way`."""
    fist = made_hand((FOLDED,) * 4)
    turn = np.array(((0.0, 1.0, 0.0), (-1.0, 0.0, 0.0), (0.0, 0.0, 1.0)))  # fingers lie level
    fist = fist @ turn
    fist[2] = fist[5] + (0.0, -0.05, 0.0)
    for joint, length in ((3, 0.35), (4, 0.65)):
        fist[joint] = fist[2] + np.array(way) * length
    return fist


@pytest.mark.parametrize("degrees", [-20, 0, 20])
@pytest.mark.parametrize("size", [0.03, 0.3])
@pytest.mark.parametrize("aspect", [4 / 3, 9 / 16])
def test_a_thumb_held_up_is_seen(degrees, size, aspect):
    way = (np.sin(np.radians(degrees)), -np.cos(np.radians(degrees)), 0.0)
    hand = in_picture(made_thumb(way), size=size, aspect=aspect)
    assert thumbs_up(hand, aspect) > 0.95
    assert thumbs_up(mirrored(hand), aspect) > 0.95
    assert victory(hand, aspect) == 0.0


def test_a_thumb_aside_or_down_and_other_hands_are_none():
    for way in ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (-0.8, -0.6, 0.0)):
        assert thumbs_up(in_picture(made_thumb(way)), 4 / 3) < 0.3
    for bends in ((FOLDED,) * 4, (STRETCHED,) * 4, (STRETCHED, STRETCHED, FOLDED, FOLDED)):
        for turns in TURNS:
            assert thumbs_up(in_picture(made_hand(bends), turns), 4 / 3) < 0.3


def test_of_people_who_sign_only_help_is_a_thumb_held_up():
    """That sign is a fist with the thumb up, lifted on the other palm."""
    clear = set()
    for name, session in recording.load_all().items():
        for frame in session.frames:
            for hand in (frame.left_hand, frame.right_hand):
                if hand is not None and thumbs_up(hand, frame.aspect) > 0.9:
                    clear.add(name)
    assert clear == {"asl_help"}


def test_the_clearest_sign_counts():
    poses = Guess({NEUTRAL_POSE: 1.0}, 0.9)
    hand = in_picture(made_thumb())
    hands = (Hand("left", 0.5, 0.5, 0.0, confidence=0.9),)
    shares = with_signs(poses, Landmarks(time=0.0, left_hand=hand), hands).probabilities
    assert shares["thumbs_up"] > 0.95 and shares["victory"] == 0.0
    assert sum(shares.values()) == pytest.approx(1.0)
