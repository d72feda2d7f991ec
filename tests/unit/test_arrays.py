"""Files of arrays and of trainings that are damaged: named, or made anew, never a traceback."""

from __future__ import annotations

import io
import random
import zipfile

import numpy as np
import pytest
import torch

from datasets.arrays import arrays_of, keep_arrays, kept_arrays, read_arrays
from models.core.files import read_state
from models.pose.landmarks import CROPS_KEY, Bodies, signing_bodies
from server.perception import recording
from server.workshop import takes
from tests.unit.taught_takes import take


def changed(content: bytes, chance: random.Random) -> bytes:
    """Some bytes are others, or missing at the end."""
    bad = bytearray(content)
    for _ in range(chance.choice((1, 2, 8))):
        bad[chance.randrange(len(bad))] = chance.randrange(256)
    return bytes(bad[: chance.randrange(len(bad))] if chance.random() < 0.2 else bad)


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_whatever_is_changed_in_a_file_of_arrays_is_told_as_one_kind_of_error(save, tmp_path):
    path = tmp_path / "some.npz"
    save(path, table=np.arange(60.0).reshape(20, 3), word=np.array("word"))
    content, chance, refused = path.read_bytes(), random.Random(0), 0
    for _ in range(1500):
        try:
            arrays_of(io.BytesIO(changed(content, chance)), ("table", "word"))
        except ValueError as problem:
            assert str(problem)
            refused += 1
    assert refused > 1000


MADE = Bodies(
    np.zeros((1, 33, 4), np.float32),
    np.ones(1),
    np.array(["Ana"]),
    np.array(["sorry"]),
    np.zeros(1),
)
HEADERS = {
    "objects": "{'descr': '|O', 'fortran_order': False, 'shape': (3,)}",
    "more than there is": "{'descr': '<f8', 'fortran_order': False, 'shape': (10**14,)}",
    "huge": "{'descr': '<f8', 'fortran_order': False, 'shape': (100000000000000,)}",
    "beyond any integer": "{'descr': '<f8', 'fortran_order': False, 'shape': (9%s,)}" % ("0" * 30),
    "negative": "{'descr': '<f8', 'fortran_order': False, 'shape': (-4,)}",
    "open": "{'descr': (",
    "nested": "(" * 5000,
    "unhashable": "{[]: 1}",
}


@pytest.mark.parametrize("header", HEADERS.values(), ids=HEADERS.keys())
def test_what_an_array_says_of_itself_is_not_believed(header, tmp_path):
    told = header.encode()
    with zipfile.ZipFile(tmp_path / "some.npz", "w") as file:
        file.writestr("x.npy", b"\x93NUMPY\x01\x00" + len(told).to_bytes(2, "little") + told)
    with pytest.raises(ValueError, match=r"some\.npz is damaged, or something else .*get it again"):
        read_arrays(tmp_path / "some.npz", ("x",))


def test_a_file_that_is_not_there_is_no_damaged_one(tmp_path):
    with pytest.raises(FileNotFoundError):
        read_arrays(tmp_path / "none.npz", ("x",))


def test_what_is_kept_is_given_back_for_its_key_alone_and_never_when_damaged(tmp_path):
    path = tmp_path / "build" / "kept.npz"
    assert kept_arrays(path, "a", ("x",)) is None
    keep_arrays(path, "a", {"x": np.arange(3)})
    assert kept_arrays(path, "a", ("x",))["x"].tolist() == [0, 1, 2]
    assert kept_arrays(path, "b", ("x",)) is None
    assert kept_arrays(path, "a", ("x", "y")) is None
    names = np.array(["one.jpg", "two.jpg"])
    keep_arrays(path, names, {"x": np.arange(2)})
    assert kept_arrays(path, names, ("x",)) is not None
    assert kept_arrays(path, names[:1], ("x",)) is None
    path.write_bytes(path.read_bytes()[:-30])
    assert kept_arrays(path, names, ("x",)) is None


def test_a_damaged_cache_is_made_anew(tmp_path, monkeypatch):
    """One of those of build/; all are read by the same few lines."""
    monkeypatch.setattr("models.pose.landmarks.clips", lambda: ())
    monkeypatch.setattr("models.pose.landmarks.bodies_in", lambda _: MADE)
    columns = {name: getattr(MADE, name) for name in MADE.__dataclass_fields__}
    keep_arrays(tmp_path / "bodies.npz", CROPS_KEY, columns)
    damaged = bytearray((tmp_path / "bodies.npz").read_bytes())
    damaged[200:260] = bytes(60)
    (tmp_path / "bodies.npz").write_bytes(damaged)
    assert signing_bodies(tmp_path / "bodies.npz") is MADE
    assert signing_bodies(tmp_path / "bodies.npz").people.tolist() == ["Ana"]


def test_a_damaged_recording_of_the_workshop_is_named_and_the_others_stay(tmp_path):
    for number in range(2):
        one = take("teapot", "Ana", number)
        kept = takes.keep(
            tmp_path, takes.new_take(one.pose, one.person, one.times, one.bodies, one.aspect)
        )
    path = takes.folder_of(tmp_path) / f"{kept.id}.npz"
    damaged = bytearray(path.read_bytes())
    middle = len(damaged) // 2  # inside a compressed array
    damaged[middle : middle + 100] = bytes(100)
    path.write_bytes(damaged)
    whole, problems = takes.load_all(tmp_path)
    assert len(whole) == 1
    [problem] = problems
    assert problem.startswith(f"{path.name} is no recording of the workshop: ")


def test_a_recording_that_a_stranger_has_changed_is_refused_in_words():
    session = recording.load_all()["asl_sorry"]
    few = recording.Recording(session.frames[:2])
    content, chance = recording.to_bytes(few), random.Random(0)
    for _ in range(200):
        try:
            recording.from_bytes(changed(content, chance))
        except ValueError as problem:
            assert "recording" in str(problem)


@pytest.mark.parametrize("content", [b"", b"hello", b"PK\x03\x04 cut off", b"\x80\x02."])
def test_a_damaged_state_of_a_training_is_named(content, tmp_path):
    path = tmp_path / "state.pt"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"state\.pt is damaged, or something else"):
        read_state(path)
    torch.save({"epoch": 3}, path)
    assert read_state(path) == {"epoch": 3}
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(ValueError, match=r"state\.pt is damaged, or something else"):
        read_state(path)
    with pytest.raises(FileNotFoundError):
        read_state(tmp_path / "none.pt")
