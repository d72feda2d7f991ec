"""The loaders: what they read, and what they say when they cannot."""

import numpy as np
import pytest

from datasets import __main__ as command
from datasets import faces, fer2013, gestures, paths, signing
from datasets.gestures import BrokenCsv, read_csv
from datasets.paths import DataMissing


def header(points: int, letters=("x", "y", "z", "v")) -> str:
    return ",".join(["class"] + [f"{a}{n}" for n in range(1, points + 1) for a in letters])


def row(name: str, points: int, value: float = 0.5) -> str:
    return ",".join([name] + [str(value)] * (points * 4))


def write(path, *lines):
    path.write_text("\n".join(lines) + "\n")
    return path


def shared(load):
    try:
        return load()
    except DataMissing as missing:
        pytest.skip(str(missing))


@pytest.mark.parametrize("letters", [("x", "y", "z", "v"), ("x", "y", "z", "visibility"),
                                     ("X_", "Y_", "Z_", "V_")])  # fmt: skip
def test_columns_may_be_spelled_in_several_ways(tmp_path, letters):
    path = write(tmp_path / "a.csv", header(33, letters), row("Up", 33), row("Down", 33, 0.25))
    recording = read_csv(path)
    assert recording.classes == ["Up", "Down"]
    assert recording.bodies.shape == (2, 33, 4) and recording.faces is None
    assert np.all(recording.bodies[1] == 0.25)


def test_the_full_form_has_faces_too(tmp_path):
    recording = read_csv(write(tmp_path / "a.csv", header(501), row("Happy", 501)))
    assert recording.bodies.shape == (1, 33, 4)
    assert recording.faces.shape == (1, 468, 3)


@pytest.mark.parametrize(
    "lines, message",
    [
        ([header(33)], "no row"),
        (["class,a,b", "Up,1,2"], "row 1: 3 columns"),
        ([header(33).replace("y2", "q2"), row("Up", 33)], "column 7: 'q2' where 'y2' belongs"),
        ([header(33), row("Up", 33), row("Up", 33).replace("0.5", "nan", 1)], "row 3, column 'x1'"),
        ([header(33), row("Up", 33).replace("0.5,0.5", "0.5,oops", 1)], "row 2, column 'y1': 'oo"),
        ([header(33), row("Up", 33), row("Up", 32)], "row 3: 129 columns"),
        ([""], "row 1"),
    ],
)
def test_a_broken_csv_is_named_by_row_and_column(tmp_path, lines, message):
    with pytest.raises(BrokenCsv, match=message):
        read_csv(write(tmp_path / "a.csv", *lines))


def test_rows_of_another_program_can_be_skipped(tmp_path):
    path = write(tmp_path / "a.csv", header(33), row("Up", 33), "B,1,2,3", row("Up", 33))
    recording = read_csv(path, skip_other_widths=True)
    assert len(recording.classes) == 2 and recording.skipped == 1


def test_missing_data_says_where_to_get_it_and_where_to_put_it(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("MIEN_DATA", str(tmp_path))
    with pytest.raises(DataMissing, match=r"FERPlus.*Put it there, or set MIEN_DATA"):
        fer2013.load()
    with pytest.raises(DataMissing, match="Intel"):
        signing.clips()
    assert command.main(["list"]) == 0
    assert "missing" in capsys.readouterr().out
    assert command.main(["show", "arm_signals"]) == 1
    shown = capsys.readouterr()
    assert "GPL-3.0" in shown.out and "MIEN_DATA" in shown.err


def test_without_mien_data_the_folder_beside_the_project_is_meant(monkeypatch):
    monkeypatch.delenv("MIEN_DATA", raising=False)
    assert paths.data_folder() == paths.PROJECT.parent / "shared" / "data"


def test_what_needs_no_data_is_always_here(capsys):
    assert command.main(["show", "synthetic_body"]) == 0
    assert "arms_crossed" in capsys.readouterr().out


def test_copies_of_a_picture_are_found_in_spite_of_noise():
    rng = np.random.default_rng(0)
    smooth = rng.integers(0, 255, (5, 6, 6)).repeat(8, 1).repeat(8, 2)
    pictures = np.clip(smooth, 10, 245).astype(np.uint8)
    noisy = (pictures[2] + rng.integers(-2, 3, (48, 48))).astype(np.uint8)
    same = faces.copies(np.concatenate((pictures, noisy[None], pictures[:1])))
    assert same.tolist() == [0, 1, 2, 3, 4, 2, 0]


def test_training_leaves_faulty_pictures_out():
    some = faces.Faces(
        pictures=np.zeros((7, 48, 48), np.uint8),
        labels=np.array([0, 1, 2, 2, 3, 4, 5]),
        votes=np.zeros((7, 7), np.uint8),
        other_votes=np.zeros(7),
        split=np.array([0, 0, 0, 0, 0, 1, 0]),
        same=np.array([0, 0, 2, 2, 4, 4, 6]),
        group=np.array([0, 0, 2, 2, 4, 4, 6]),
        blank=np.array([False] * 6 + [True]),
    )
    keep, left_out = faces.clean_training(some)
    assert keep.tolist() == [False, False, True, False, False, False, False]
    assert left_out == {
        "blank": 1,
        "also in PublicTest": 1,
        "conflicting labels": 2,
        "copies": 1,
    }


def test_fer2013_is_read_whole():
    whole = shared(fer2013.load)
    assert (whole.split == faces.TRAINING).sum() == 28709
    assert (whole.split == faces.PUBLIC_TEST).sum() == 3589
    assert np.bincount(whole.labels[whole.split == faces.PUBLIC_TEST]).tolist() == [
        467, 56, 496, 895, 607, 653, 415,
    ]  # fmt: skip
    assert ((whole.votes.sum(1) + whole.other_votes) <= 10).all()


def test_the_shared_recordings_are_read():
    recording = shared(lambda: gestures.load_csv(gestures.EXERCISES))
    assert set(recording.classes) == {"Bicep Curl", "Reverse fly", "Wakanda forever"}
    assert len(shared(lambda: gestures.load_csv(gestures.SEMAPHORE)).classes) == 579
    holistic = shared(lambda: gestures.load_csv(gestures.HOLISTIC))
    assert holistic.faces.shape == (65, 468, 3) and holistic.skipped == 36
    arms = shared(gestures.load_arm_signals)
    assert len(arms.bodies) == 23764 and len(arms.names) == 11
    assert len(shared(signing.clips)) == 12
