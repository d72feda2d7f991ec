"""What counts as a picture of a set, that all are looked at, and layouts that are not guessed."""

from __future__ import annotations

import json
import os

import numpy as np
import pytest

from datasets import folders, scan
from datasets.pictures import BadPicture
from datasets.scan import check, picture_files
from gan_cut.__main__ import main
from models.core.pictures import write_rgb
from models.core.run import Run


@pytest.fixture(autouse=True)
def seen(tmp_path, monkeypatch):
    monkeypatch.setattr(scan, "SEEN", tmp_path / "build" / "seen.json")


def pictures(folder, count, start=0):
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(start, start + count):
        levels = np.random.default_rng(number).integers(0, 256, (40, 48, 3), np.uint8)
        write_rgb(folder / f"p{number:02}.png", levels)
    return folder


def names(folder):
    return [str(path.relative_to(folder)) for path in picture_files(folder)]


def test_hidden_files_and_what_systems_leave_are_no_pictures(tmp_path):
    pictures(tmp_path / "set", 2)
    for left in ("._p00.png", ".hidden.png", "Thumbs.db", ".DS_Store", "notes.txt", "p09.png.part",
                 "__MACOSX/p00.png", "__MACOSX/._p00.png", ".trash/p07.png", "@eaDir/p00.png",
                 "sub/._p03.png", "$RECYCLE.BIN/p1.png"):  # fmt: skip
        (tmp_path / "set" / left).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "set" / left).write_bytes(b"\0\5\x16\7")
    write_rgb(tmp_path / "set" / "sub" / "P03.JPG", np.zeros((8, 8, 3), np.uint8))
    assert names(tmp_path / "set") == ["p00.png", "p01.png", "sub/P03.JPG"]
    assert len(folders.pictures(tmp_path / "set").files) == 3


def test_a_folder_in_a_hidden_one_is_a_set_all_the_same(tmp_path):
    assert len(picture_files(pictures(tmp_path / ".cache" / "set", 2))) == 2


def test_links_are_followed_and_loops_end(tmp_path):
    whole = pictures(tmp_path / "set", 2)
    (whole / "again").symlink_to(whole)
    (whole / "other").symlink_to(pictures(tmp_path / "elsewhere", 1, 5))
    (whole / "one.png").symlink_to(tmp_path / "elsewhere" / "p05.png")
    assert names(whole) == ["one.png", "other/p05.png", "p00.png", "p01.png"]


def test_every_bad_picture_is_named_at_once(tmp_path):
    folder = pictures(tmp_path / "set", 6)
    (folder / "p01.png").write_bytes((folder / "p01.png").read_bytes()[:-50])
    (folder / "p03.png").write_bytes(b"")
    (folder / "p04.png").write_text("words")
    (folder / "lost.png").symlink_to(tmp_path / "nowhere")
    with pytest.raises(BadPicture) as raised:
        check(picture_files(folder))
    said = str(raised.value)
    assert said.startswith("4 of 7 pictures cannot be used:\n")
    for name, why in (("p01", "damaged"), ("p03", "empty"), ("p04", "no picture"),
                      ("lost", "not there")):  # fmt: skip
        assert any(f"{name}.png" in line and why in line for line in said.splitlines())
    assert "p00.png" not in said


def test_what_was_whole_is_not_read_again_until_it_changes(tmp_path, monkeypatch):
    files = picture_files(pictures(tmp_path / "set", 3))
    shapes = check(files)
    assert set(shapes.values()) == {(40, 48)} and set(shapes) == set(files)
    read = []
    monkeypatch.setattr(scan, "read_rgb", lambda file: read.append(file) or np.zeros((5, 6, 3)))
    assert check(files) == shapes and read == []
    os.utime(files[1], ns=(1, 1))
    assert check(files)[files[1]] == (5, 6) and read == [files[1]]
    files[0].unlink()
    with pytest.raises(BadPicture, match="p00.png is not there"):
        monkeypatch.undo()
        check(files)


def test_it_is_looked_at_again_where_nothing_can_be_remembered(tmp_path, monkeypatch):
    files = picture_files(pictures(tmp_path / "set", 2))
    (tmp_path / "build").write_text("no folder")
    assert len(check(files)) == len(check(files)) == 2


@pytest.mark.parametrize("parts", [("testA", "testB"), ("train", "test"), ("A", "B"),
                                   ("trainA", "testA"), ("train", "val", "test")])  # fmt: skip
@pytest.mark.parametrize("side", [None, "A", "B"])
def test_which_part_is_meant_is_not_guessed(tmp_path, parts, side):
    for part in parts:
        pictures(tmp_path / part, 1)
    with pytest.raises(ValueError, match=f"holds the parts {', '.join(sorted(parts))} of a set; "):
        folders.pictures(tmp_path, side=side)
    assert len(folders.pictures(tmp_path / parts[0], side=side).files) == 1


def test_sides_are_found_by_their_published_names(tmp_path):
    for number, part in enumerate(("trainA", "trainB", "testA", "testB")):
        pictures(tmp_path / part, number + 1)
    assert len(folders.pictures(tmp_path, side="A").files) == 1
    assert len(folders.pictures(tmp_path, side="B").files) == 2
    with pytest.raises(ValueError, match="testA, testB, trainA, trainB"):
        folders.pictures(tmp_path)


# -- trainings ---------------------------------------------------------------------------


def train(a, b, run, *more):
    words = f"train cut --a {a} --b {b} --run {run} --width 4 --blocks 1 --discriminator-width 4"
    words += " --nce-layers 0 4 --patches 16 --crop 32 --load 32 --epochs 1 --decay 1 --held-out 2"
    return main([*words.split(), "--threads", "1", "--device", "cpu", *more])


def test_one_damaged_picture_ends_no_training_later(tmp_path, capsys):
    """It is named before the first step; without it, and with others, the training goes on."""
    a, b, run = pictures(tmp_path / "a", 5), pictures(tmp_path / "b", 3, 50), tmp_path / "run"
    whole = (b / "p51.png").read_bytes()
    (b / "p51.png").write_bytes(whole[: len(whole) // 2])
    (b / "._p50.png").write_bytes(b"\0")
    assert train(a, b, run) == 2
    said = capsys.readouterr().err
    assert "1 of 8 pictures cannot be used" in said and "p51.png is damaged" in said
    assert not run.exists()

    (b / "p51.png").unlink()
    assert train(a, b, run) == 0
    held_out = Run(run).description()["held_out"]
    saved = [picture.tobytes() for picture in Run(run).held_out()]
    capsys.readouterr()

    (b / "p51.png").write_bytes(whole)
    gone = next(file for file in picture_files(a) if f"a/{file.name}" not in held_out)
    gone.unlink()
    assert train(a, b, run) == 0
    said = capsys.readouterr().out
    assert "a: 5 pictures until now, 4 from now on; the training goes on" in said
    assert "b: 2 pictures until now, 3 from now on" in said
    known = Run(run).description()
    assert [entry["pictures"] for entry in known["data"]] == [4, 3]
    assert known["held_out"] == held_out and known["epoch_steps"] == 3
    assert [picture.tobytes() for picture in Run(run).held_out()] == saved


def test_a_training_that_cannot_go_on_says_exactly_why(tmp_path, capsys):
    a, b, run = pictures(tmp_path / "a", 5), pictures(tmp_path / "b", 2, 50), tmp_path / "run"
    assert train(a, b, run) == 0
    assert train(a, b, run, "--rate", "0.5") == 2
    assert "other settings (settings.rate was 0.0002, not 0.5): repeat" in capsys.readouterr().err
    held_out = Run(run).description()["held_out"][0]
    (tmp_path / held_out).unlink()
    assert train(a, b, run) == 2
    assert f"the run holds out are gone: {held_out}; put them back" in capsys.readouterr().err


def test_a_run_that_does_not_say_what_it_held_out_keeps_to_its_pictures(tmp_path, capsys):
    a, b, run = pictures(tmp_path / "a", 5), pictures(tmp_path / "b", 2, 50), tmp_path / "run"
    assert train(a, b, run) == 0
    file = run / "run.json"
    known = json.loads(file.read_text())
    file.write_text(json.dumps({k: v for k, v in known.items() if k != "held_out"}))
    assert train(a, b, run) == 0
    pictures(a, 1, 9)
    assert train(a, b, run) == 2
    assert "(data.0.pictures was 5, not 6)" in capsys.readouterr().err


def test_the_same_pictures_are_not_both_sides(tmp_path, capsys):
    a = pictures(tmp_path / "testA", 4)
    pictures(tmp_path / "testB", 4, 10)
    assert train(tmp_path, tmp_path, tmp_path / "run") == 2
    assert "holds the parts testA, testB of a set" in capsys.readouterr().err
    assert train(a, a, tmp_path / "run") == 2
    assert "4 pictures are in both sets, such as" in capsys.readouterr().err
    assert not (tmp_path / "run").exists()


def test_pairs_of_different_shape_are_named_before_the_first_step(tmp_path, capsys):
    a, b = pictures(tmp_path / "a", 5), pictures(tmp_path / "b", 5)
    for name in ("p01.png", "p03.png"):
        write_rgb(b / name, np.zeros((48, 40, 3), np.uint8))
    words = f"train pix2pix --a {a} --b {b} --run {tmp_path / 'run'} --crop 32 --load 32"
    assert main(words.split()) == 2
    said = capsys.readouterr().err
    assert "2 pairs differ in shape" in said and "p01.png" in said and "p03.png" in said
