"""FER-2013 in its three forms, ExpW and CK+: made samples in the published formats."""

import io

import cv2
import numpy as np
import pytest

from datasets import __main__ as command
from datasets import expw, face_folders, faces, fer2013
from datasets.faces import CLASSES, PRIVATE_TEST, PUBLIC_TEST, TRAINING, BrokenFaces
from datasets.pictures import BadPicture

FERPLUS = (
    "Usage,Image name,neutral,happiness,surprise,sadness,anger,disgust,fear,contempt,unknown,NF"
)


@pytest.fixture(autouse=True)
def own_folders(tmp_path, monkeypatch):
    """No test reads or writes the machine's data or caches."""
    monkeypatch.setenv("MIEN_DATA", str(tmp_path / "data"))
    monkeypatch.setattr(faces, "CACHE", tmp_path / "cache")


def face(seed: int, size: int = 48) -> np.ndarray:
    """[size, size] uint8: large soft patches, unlike those of another seed."""
    patches = np.random.default_rng(seed).integers(20, 235, (6, 6), np.uint8)
    return cv2.resize(patches, (size, size), interpolation=cv2.INTER_CUBIC)


def write_csv(path, rows, header="emotion,pixels,Usage"):
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = [f"{number},{' '.join(map(str, picture.ravel()))},{usage}"
             for number, picture, usage in rows]  # fmt: skip
    path.write_text("\n".join([header, *lines]) + "\n")
    return path


ROWS = [
    (3, face(0), "Training"),
    (0, face(1), "Training"),
    (3, face(0), "Training"),  # a copy
    (6, face(2), "PublicTest"),
    (4, face(3), "PrivateTest"),
    (6, np.full((48, 48), 90, np.uint8), "Training"),  # blank
]


# -- FER-2013


def test_the_published_csv_is_read(tmp_path):
    found = fer2013.read(write_csv(tmp_path / "fer2013.csv", ROWS))
    assert [CLASSES[label] for label in found.labels] == [
        "happy", "angry", "happy", "neutral", "sad", "neutral",
    ]  # fmt: skip
    assert found.split.tolist() == [TRAINING] * 3 + [PUBLIC_TEST, PRIVATE_TEST, TRAINING]
    assert np.array_equal(found.pictures[1], face(1))
    assert found.same.tolist() == [0, 1, 0, 3, 4, 5]
    assert found.blank.tolist() == [False] * 5 + [True]
    assert found.votes.sum() == 0
    keep, left_out = faces.clean_training(found)
    assert keep.tolist() == [True, True, False, False, False, False]
    assert left_out == {"blank": 1, "copies": 1}


def test_columns_may_stand_in_another_order_with_spaces(tmp_path):
    picture = " ".join(map(str, face(0).ravel()))
    path = tmp_path / "icml_face_data.csv"
    path.write_text(f"emotion, Usage, pixels\n5,Training,{picture}\n")
    assert fer2013.read(path).labels.tolist() == [CLASSES.index("surprise")]


def test_votes_that_lie_beside_the_csv_are_read(tmp_path):
    path = write_csv(tmp_path / "fer2013.csv", ROWS[:4])
    votes = [
        "Training,fer0000000.png,0,9,1,0,0,0,0,0,0,0",
        "Training,fer0000001.png,1,0,0,0,6,1,0,2,0,0",
        "Training,,0,0,0,0,0,0,0,0,0,10",
        "PublicTest,fer0000003.png,8,0,0,2,0,0,0,0,0,0",
    ]
    beside = tmp_path / "fer2013new.csv"
    beside.write_text("\n".join([FERPLUS, *votes]) + "\n")
    found = fer2013.read(path)
    assert found.votes[0, CLASSES.index("happy")] == 9
    assert found.votes[1].tolist() == [6, 1, 0, 0, 1, 0, 0]
    assert found.other_votes.tolist() == [0, 2, 10, 0]

    beside.write_text("\n".join([FERPLUS, *votes[:3]]) + "\n")
    with pytest.raises(BrokenFaces, match="3 rows, the faces are 4"):
        fer2013.read(path)
    beside.write_text("\n".join([FERPLUS, *votes]).replace("PublicTest", "Training") + "\n")
    with pytest.raises(BrokenFaces, match="row 5, column Usage"):
        fer2013.read(path)
    beside.write_text("\n".join([FERPLUS, *votes]).replace(",9,", ",many,") + "\n")
    with pytest.raises(BrokenFaces, match="row 2, column happiness: 'many'"):
        fer2013.read(path)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("a,b\n", "row 1: no column emotion, pixels, usage"),
        ("emotion,pixels,Usage\n", "no row"),
        ("emotion,pixels,Usage\n7,1 2,Training\n", "row 2, column emotion: '7'"),
        ("emotion,pixels,Usage\n1,1 2,Training\n", "row 2, column pixels: 2 numbers, 2304"),
        ("emotion,pixels,Usage\n1,1 x,Training\n", "row 2, column pixels: holds something"),
        ("emotion,pixels,Usage\n1,1 2,Judged\n", "row 2, column Usage: 'Judged'"),
        ("emotion,pixels,Usage\n1,1 2\n", "row 2: 2 columns"),
    ],
)
def test_a_broken_csv_is_named_by_row_and_column(tmp_path, text, says):
    path = tmp_path / "fer2013.csv"
    path.write_text(text)
    with pytest.raises(BrokenFaces, match=says):
        fer2013.read(path)


def save(path, picture):
    path.parent.mkdir(parents=True, exist_ok=True)
    assert cv2.imwrite(str(path), picture)


def test_folders_are_read_and_their_test_is_not_looked_at(tmp_path):
    save(tmp_path / "train" / "angry" / "Training_1.png", face(0))
    save(tmp_path / "train" / "happy" / "Training_2.png", face(1))
    save(tmp_path / "test" / "sad" / "PublicTest_3.png", face(2))
    found = fer2013.read(tmp_path)
    by_label = {CLASSES[label]: number for label, number in
                zip(found.labels, found.split, strict=True)}  # fmt: skip
    assert by_label == {"angry": TRAINING, "happy": TRAINING, "sad": PRIVATE_TEST}
    save(tmp_path / "train" / "bored" / "Training_4.png", face(3))
    with pytest.raises(BrokenFaces, match="'bored' is none of angry"):
        fer2013.read(tmp_path)


def test_a_picture_of_another_size_or_none_at_all_is_named(tmp_path):
    save(tmp_path / "train" / "angry" / "1.png", face(0, 64))
    with pytest.raises(BrokenFaces, match=r"1\.png: 64x64 is not 48x48"):
        fer2013.read(tmp_path)
    (tmp_path / "train" / "angry" / "1.png").write_bytes(b"hello")
    with pytest.raises(BadPicture, match=r"1\.png is no picture"):
        fer2013.read(tmp_path)


def test_the_packed_file_is_read(tmp_path):
    pictures = [face(seed) for seed in range(3)]
    strip = cv2.imencode(".webp", np.concatenate(pictures), [cv2.IMWRITE_WEBP_QUALITY, 101])[1]
    file = io.BytesIO()
    np.savez(
        file,
        webp=strip,
        webp_offsets=np.array([0, len(strip)]),
        labels=np.array([1, 0, 1]),
        class_names=np.array(["sad", "happy"]),
        split=np.array([0, 0, 1]),
        ferplus_votes=np.eye(10, dtype=np.uint8)[:3] * 10,
        ferplus_names=np.array(FERPLUS.split(",")[2:]),
    )
    path = tmp_path / "packed.npz"
    path.write_bytes(file.getvalue())
    found = fer2013.read(path)
    assert [CLASSES[label] for label in found.labels] == ["happy", "sad", "happy"]
    assert np.abs(found.pictures[2].astype(int) - face(2)).mean() < 3
    assert found.votes.argmax(1).tolist() == [
        CLASSES.index("neutral"), CLASSES.index("happy"), CLASSES.index("surprise"),
    ]  # fmt: skip


def test_what_was_read_is_kept_until_the_file_changes(tmp_path, capsys):
    path = tmp_path / "data" / "faces" / "fer2013" / "fer2013.csv"
    write_csv(path, ROWS)
    assert command.main(["prepare", "fer2013"]) == 0
    told = capsys.readouterr().out
    assert "fer2013.csv: another copy: md5" in told
    assert "Training: 4 faces" in told and "PrivateTest: 1 faces" in told
    kept = faces.CACHE / "fer2013.npz"
    before = kept.stat().st_mtime_ns
    assert len(fer2013.load().labels) == 6
    assert kept.stat().st_mtime_ns == before
    write_csv(path, ROWS[:4])
    assert len(fer2013.load().labels) == 4


# -- ExpW


def photograph(path, *seeds):
    """Faces of 60x60 pixels beside each other on grey, 20 pixels apart."""
    canvas = np.full((100, 80 * len(seeds) + 20, 3), 128, np.uint8)
    for number, seed in enumerate(seeds):
        canvas[20:80, 20 + 80 * number : 80 + 80 * number] = face(seed, 60)[..., None]
    save(path, canvas)


def expw_sample(folder):
    photograph(folder / "image" / "origin" / "two_friends_1.png", 0, 1)
    photograph(folder / "image" / "origin" / "angry_man_7.png", 2)
    lines = [
        "two_friends_1.png 0 20 20 80 80 45.3 3",
        "two_friends_1.png 1 20 100 160 80 9.1 6",
        "two_friends_1.png 1 20 100 160 80 9.1 6",  # twice the same
        "angry_man_7.png 0 20 20 80 80 30.2 0",
        "angry_man_7.png 1 500 500 560 560 3.2 0",
        "lost_picture_2.png 0 20 20 80 80 30.2 2",
    ]
    (folder / "label").mkdir(parents=True)
    (folder / "label" / "label.lst").write_text("\n".join(lines) + "\n")


def test_expw_is_read_in_its_exact_format(tmp_path):
    expw_sample(tmp_path / "data" / "faces" / "expw")
    found = expw.load()
    assert [CLASSES[label] for label in found.labels] == ["happy", "neutral", "angry"]
    for row, seed in enumerate((0, 1, 2)):
        there = cv2.resize(face(seed, 60), (48, 48), interpolation=cv2.INTER_AREA)
        assert np.abs(found.pictures[row].astype(int) - there).mean() < 3
    assert found.left_out == {"box does not fit the photograph": 1, "no photograph": 1}
    assert found.group[0] == found.group[1] != found.group[2]
    assert found.split[0] == found.split[1]
    assert found.left_out == expw.load().left_out


@pytest.mark.parametrize(
    "line",
    ["a.png 0 1 2 3 4 0.5", "a.png 0 1 2 3 four 0.5 6", "a.png 0 1 2 3 4 0.5 7",
     "a.png 0 1 2 3 4 0.5 -1", "../a.png 0 1 2 3 4 0.5 1"],
)  # fmt: skip
def test_a_broken_line_of_expw_is_named(tmp_path, line):
    path = tmp_path / "label.lst"
    path.write_text("good.png 0 1 2 9 9 0.5 1\n" + line + "\n")
    with pytest.raises(BrokenFaces, match="line 2"):
        expw.read_labels(path)


def test_a_face_at_the_edge_is_cut_as_a_square():
    picture = np.full((50, 50), 200, np.uint8)
    assert expw.cut(picture, expw.Box(-10, 30, 60, 40, 0)).shape == (48, 48)
    assert expw.cut(picture, expw.Box(0, 0, 10**9, 10**9, 0)) is None


# -- CK+


def test_ckplus_keeps_people_on_one_side(tmp_path):
    folder = tmp_path / "data" / "faces" / "ckplus"
    for person in range(30):
        for frame, name in enumerate(("anger", "happy", "contempt")):
            seed = person * 3 + frame
            save(folder / name / f"S{person:03}_001_0000000{frame}.png", face(seed, 640)[:490])
    found = face_folders.load()
    assert len(found.labels) == 60 and found.left_out == {"contempt": 30}
    assert {CLASSES[label] for label in found.labels} == {"angry", "happy"}
    assert found.pictures.shape == (60, 48, 48)
    # Read class by class: the second half are the same people in the same order.
    assert np.array_equal(found.split[:30], found.split[30:])
    assert np.array_equal(found.group[:30], found.group[30:])
    assert 0 < (found.split == PUBLIC_TEST).sum() < 30


# -- what all of them share


def test_faces_that_are_apart_are_whole_groups_and_always_the_same():
    count = 4000
    group = np.arange(count) // 4 * 4
    some = faces.Faces(
        pictures=np.zeros((count, 48, 48), np.uint8),
        labels=np.zeros(count, int),
        votes=np.zeros((count, 7), np.uint8),
        other_votes=np.zeros(count),
        split=np.where(np.arange(count) < 3600, TRAINING, PUBLIC_TEST),
        same=np.arange(count),
        group=group,
        blank=np.zeros(count, bool),
    )
    away = faces.apart(some, 0.1)
    assert np.array_equal(away, faces.apart(some, 0.1))
    assert not away[3600:].any()
    assert 0.07 < away[:3600].mean() < 0.13
    assert (away.reshape(-1, 4).sum(1) % 4 == 0).all()


def test_groups_that_share_a_copy_are_one():
    same = np.array([0, 1, 2, 1, 4])
    group = np.array([5, 5, 6, 6, 7])
    assert faces.joined(same, group).tolist() == [0, 0, 0, 0, 4]


@pytest.mark.parametrize("name", ["fer2013", "expw", "ckplus"])
def test_a_missing_set_says_what_to_do(name, capsys):
    assert command.main(["prepare", name]) == 1
    assert "MIEN_DATA" in capsys.readouterr().err
    assert command.main(["show", name]) == 1
    assert "split:" in capsys.readouterr().out
