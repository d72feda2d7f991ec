"""Decoding, latest frames, channel, wire, crop and recordings: each alone."""

import io
import socket
import threading
import time
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image

from server.channel import Channel
from server.perception import recording, service
from server.perception.crop import EYES, SIZE, crop_face
from server.perception.latest_frames import OLDEST, Frame, LatestFrames
from server.perception.packet import pack_mask, pack_points
from server.perception.picture import BadPicture, decode
from server.perception.trackers import choose_lead, only_lead
from server.perception.wire import SHAPES, pack_reading, unpack_reading
from server.process import Supervisor
from server.settings import Settings
from server.values import Face, Guess, Hand, Head, Landmarks, Reading
from tests.running import DEADLINE, wait_until


def jpeg(width=64, height=48, **options) -> bytes:
    rng = np.random.default_rng(0)
    picture = Image.fromarray(rng.integers(0, 255, (height, width, 3), np.uint8))
    file = io.BytesIO()
    picture.save(file, "JPEG", **options)
    return file.getvalue()


# -- pictures from strangers


def test_a_jpeg_is_decoded_to_rgb():
    picture = decode(jpeg(64, 48), 10_000)
    assert picture.shape == (48, 64, 3)
    assert picture.dtype == np.uint8


def test_a_grey_jpeg_is_decoded_to_rgb():
    file = io.BytesIO()
    Image.new("L", (40, 40), 100).save(file, "JPEG")
    assert decode(file.getvalue(), 10_000).shape == (40, 40, 3)


def png() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (40, 40)).save(file, "PNG")
    return file.getvalue()


def claims_to_be_huge() -> bytes:
    """A small JPEG whose header says 65,000 by 65,000 pixels."""
    data = bytearray(jpeg())
    at = data.index(b"\xff\xc0") + 5
    data[at : at + 4] = (65_000).to_bytes(2, "big") * 2
    return bytes(data)


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "not a whole JPEG"),
        (b"hello", "not a whole JPEG"),
        (jpeg()[:200], "not a whole JPEG"),
        (jpeg()[:-300], "not a whole JPEG"),
        (png(), "not a whole JPEG"),
        (jpeg(200, 100), "200×100 pixels; send at most 10000"),
        (claims_to_be_huge(), "65000×65000 pixels"),
        (jpeg(16, 16), "at least 32"),
    ],
)
def test_anything_else_is_refused_with_a_reason(data, says):
    with pytest.raises(BadPicture, match=says):
        decode(data, 10_000)


# -- latest frames


class Clock:
    def __init__(self):
        self.time = 100.0

    def __call__(self):
        self.time += 0.001
        return self.time


@pytest.fixture
def clock():
    return Clock()


def test_the_newest_frame_takes_the_place_of_the_one_before(clock):
    dropped = []
    latest = LatestFrames(dropped.append)
    for number in (1, 2, 3):
        latest.put(Frame("a", number, clock()))
    assert latest.wait_next(clock, lambda _: True).number == 3
    assert [frame.number for frame in dropped] == [1, 2]


def test_turns_are_fair_however_much_one_visitor_sends(clock):
    latest = LatestFrames(lambda _: None)
    served = []
    for _ in range(30):
        for visitor, frames in (("greedy", 10), ("b", 1), ("c", 1)):
            for _ in range(frames):
                latest.put(Frame(visitor, 0, clock()))
        served.append(latest.wait_next(clock, lambda _: True).visitor)
    assert {name: served.count(name) for name in ["greedy", "b", "c"]} == {
        "greedy": 10,
        "b": 10,
        "c": 10,
    }


def test_an_old_frame_is_dropped(clock):
    dropped = []
    latest = LatestFrames(dropped.append)
    latest.put(Frame("a", 1, clock() - OLDEST - 0.1))
    assert latest.wait_next(clock, lambda _: True) is None
    assert len(dropped) == 1


def test_a_frame_waits_until_it_can_be_read(clock):
    latest = LatestFrames(lambda _: None)
    latest.put(Frame("b", 1, clock()))
    latest.put(Frame("a", 1, clock()))
    assert latest.wait_next(clock, lambda frame: frame.visitor == "a").visitor == "a"
    assert latest.wait_next(clock, lambda _: True).visitor == "b"


def test_a_visitor_who_left_is_forgotten(clock):
    latest = LatestFrames(lambda _: None)
    latest.put(Frame("a", 1, clock()))
    latest.forget("a")
    taken = []
    waiting = threading.Thread(target=lambda: taken.append(latest.wait_next(clock, lambda _: True)))
    waiting.start()
    while waiting.is_alive():
        latest.wake()
        waiting.join(0.01)
    assert taken == [None]


def test_a_wake_up_is_not_lost_while_nobody_waits(clock):
    latest = LatestFrames(lambda _: None)
    latest.wake()
    assert latest.wait_next(clock, lambda _: True) is None


# -- channel and wire


def test_messages_arrive_whole_and_in_order():
    left, right = (Channel(end) for end in socket.socketpair())
    sent = [{"n": n, "bytes": bytes([n]) * n * 5000} for n in range(40)]
    sender = threading.Thread(target=lambda: [left.send(message) for message in sent])
    sender.start()
    assert [right.receive() for _ in sent] == sent
    sender.join()


def test_the_end_of_the_stream_is_none_also_in_mid_message():
    left, right = socket.socketpair()
    left.sendall(b"\x00\x00\x10\x00half a mess")
    left.close()
    assert Channel(right).receive() is None


def test_a_length_that_cannot_be_is_an_error():
    left, right = socket.socketpair()
    left.sendall(b"\xff\xff\xff\xff")
    with pytest.raises(OSError, match="out of step"):
        Channel(right).receive()


def test_a_reading_survives_the_wire():
    landmarks = Landmarks(
        time=12.5,
        face=np.random.default_rng(1).random((468, 3), np.float32),
        left_hand=np.ones((21, 3), np.float32),
        people=2,
    )
    reading = Reading(
        frame=7,
        landmarks=landmarks,
        head=Head(0.5, 0.4, 0.2, 1.0, 2.0, 3.0, 0.9),
        hands=(Hand("left", 0.2, 0.3, 0.8, 1.0),),
        expression=Guess({"happy": 0.7, "sad": 0.3}, 0.9),
        face=Face(0.1, 0.2, 0.3, -0.4, 0.5, 0.6),
        crop=np.full((112, 112, 3), 9, np.uint8),
        mask=np.full((72, 96), 7, np.uint8),
    )
    again = unpack_reading(pack_reading(reading))
    assert (again.head, again.body, again.hands) == (reading.head, None, reading.hands)
    assert again.expression == reading.expression
    assert np.array_equal(again.landmarks.face, landmarks.face)
    assert again.landmarks.right_hand is None
    assert (again.landmarks.people, again.time) == (2, 12.5)
    assert again.face == reading.face
    assert np.array_equal(again.crop, reading.crop)
    assert np.array_equal(again.mask, reading.mask)


def test_the_landmarks_packet_is_as_documented():
    body = np.full((33, 4), 0.5, np.float32)
    body[3, 3] = 0.1
    packet = np.frombuffer(pack_points(Landmarks(time=0, body=body)), "<u2")
    assert packet[:4].tolist() == [0, 33, 0, 0]
    points = packet[4:].reshape(33, 2)
    assert points[0].tolist() == [32768, 32768]
    assert points[3].tolist() == [65535, 65535]


# -- faces


def test_the_crop_brings_the_eyes_to_their_places():
    picture = np.zeros((480, 640, 3), np.uint8)
    face = np.full((468, 3), 0.5, np.float32)
    # a face tilted by 30 degrees; a bright spot where each eye is
    for corners, centre in (([33, 133], (280, 200)), ([362, 263], (350, 240))):
        face[corners, 0] = np.array([centre[0] - 8, centre[0] + 8]) / 640
        face[corners, 1] = centre[1] / 480
        picture[centre[1] - 4 : centre[1] + 5, centre[0] - 4 : centre[0] + 5] = 255
    crop = crop_face(picture, face)
    assert crop.shape == (SIZE, SIZE, 3)
    for x, y in (EYES * SIZE).astype(int):
        assert crop[y, x].min() > 200
    assert crop.mean() < 20


def faces(*boxes):
    made = []
    for x, height in boxes:
        face = np.zeros((468, 3), np.float32)
        face[:, 0] = x
        face[:, 1] = np.linspace(0.4, 0.4 + height, 468)
        made.append(face)
    return made


def test_the_nearest_face_leads_and_keeps_the_lead():
    first, second = faces((0.3, 0.2), (0.7, 0.15))
    assert choose_lead([first, second], None) is first
    same, grown = faces((0.31, 0.2), (0.7, 0.24))
    assert choose_lead([grown, same], first) is same
    same, nearer = faces((0.31, 0.2), (0.7, 0.3))
    assert choose_lead([same, nearer], first) is nearer
    assert choose_lead([], first) is None


def test_only_the_leading_person_stays_in_the_picture():
    lead, left, right = faces((0.5, 0.2), (0.2, 0.1), (0.9, 0.1))
    picture = np.full((10, 100, 3), 255, np.uint8)
    alone = only_lead(picture, lead, [left, lead, right])
    assert alone[0, :, 0].tolist() == [0] * 35 + [255] * 35 + [0] * 30


# -- recordings


def test_a_recording_survives_saving(tmp_path):
    session = recording.load_all()["asl_sorry"]
    recording.save(session, tmp_path / "again.npz")
    again = recording.load(tmp_path / "again.npz")
    assert len(again.frames) == len(session.frames)
    for one, other in zip(session.frames, again.frames, strict=True):
        assert (one.time, one.aspect, one.people) == (other.time, other.aspect, other.people)
        for part in ("face", "body", "left_hand", "right_hand"):
            mine, its = getattr(one, part), getattr(other, part)
            assert (mine is None) == (its is None)
            assert mine is None or np.array_equal(mine, its)


def test_a_file_that_is_no_recording_is_named(tmp_path):
    np.savez(tmp_path / "wrong.npz", time=np.zeros(3))
    with pytest.raises(ValueError, match=r"wrong\.npz is no recording"):
        recording.load(tmp_path / "wrong.npz")


def test_a_recorder_keeps_what_it_is_given_until_it_is_full():
    recorder = recording.Recorder()
    assert recorder.recording() is None
    frames = recording.load_all()["asl_sorry"].frames
    for frame in frames[:5]:
        recorder.add(frame)
    assert not recorder.is_full
    recorder.add(Landmarks(time=frames[0].time + recording.LONGEST))
    assert recorder.is_full
    assert recorder.recording().frames[:5] == frames[:5]


def test_a_recording_survives_the_way_to_the_browser_and_back():
    session = recording.load_all()["asl_sorry"]
    again = recording.from_bytes(recording.to_bytes(session))
    assert [frame.time for frame in again.frames] == [frame.time for frame in session.frames]
    for one, other in zip(session.frames, again.frames, strict=True):
        assert (one.face is None) == (other.face is None)
        assert one.face is None or np.array_equal(one.face, other.face)


def sent(**changes) -> bytes:
    """A recording's file of two frames, with some arrays changed, or left out (None)."""
    arrays = {
        "time": np.array([0.0, 0.1]),
        "aspect": np.array(4 / 3),
        "people": np.ones(2, np.uint8),
        **{name: np.zeros((2, *shape), np.float16) for name, shape in SHAPES.items()},
    }
    file = io.BytesIO()
    arrays = {name: array for name, array in (arrays | changes).items() if array is not None}
    np.savez_compressed(file, **arrays)
    return file.getvalue()


@pytest.mark.parametrize(
    "content, reason",
    [
        (b"", "is no recording"),
        (b"no zip at all", "is no recording"),
        (sent()[:-40], "is no recording"),
        (sent(face=None), "other arrays"),
        (sent(more=np.zeros(3)), "other arrays"),
        (sent(face=np.zeros((3000, 468, 3), np.float32)), "too long"),
        (sent(people=np.array(["a", "b"])), "more than numbers"),
        (sent(people=np.array([{}, {}], object)), "is no recording"),
        (sent(body=np.zeros((2, 33, 3), np.float16)), "another shape"),
        (sent(time=np.array([0.1, 0.0])), "run forward"),
        (sent(time=np.array([0.0, np.nan])), "run forward"),
        (sent(time=np.array([0.0, 1e6])), "run forward"),
        (sent(time=np.zeros(1)), "2 to"),
        (sent(aspect=np.array(np.nan)), "out of range"),
        (sent(face=np.full((2, 468, 3), np.inf, np.float16)), "out of range"),
    ],
)
def test_a_file_that_a_stranger_sends_is_checked(content, reason):
    with pytest.raises(ValueError, match=reason):
        recording.from_bytes(content)


def test_the_mask_packet_is_as_documented():
    mask = np.arange(72 * 96, dtype=np.uint8).reshape(72, 96)
    packet = pack_mask(mask)
    assert np.frombuffer(packet[:4], "<u2").tolist() == [96, 72]
    assert packet[4:] == mask.tobytes()


# -- a picture whose expression is asked for


def test_nobody_waits_for_the_answer_of_a_worker_that_has_ended(monkeypatch):
    monkeypatch.setattr(service, "PATIENCE", 100 * DEADLINE)
    perception = service.Perception(Settings(), Supervisor(start_task, time.sleep))
    [worker] = perception._workers
    worker.process.state = "ready"
    answers = []
    asking = start_task(lambda: answers.append(perception.expression_in(b"png")))
    wait_until(lambda: worker.process.unread, "the question")
    worker.on_lost()
    asking.join(DEADLINE)
    assert answers == [None]


def start_task(act: Callable, *words: object) -> threading.Thread:
    thread = threading.Thread(target=act, args=words, daemon=True)
    thread.start()
    return thread
