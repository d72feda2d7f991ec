"""`python -m server.captures`, with a real Chromium and the built page."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from PIL import Image

from datasets.folders import pictures
from server.captures import __main__ as command
from server.captures import render
from server.captures.render import CapturesError, Plan, make

pytestmark = pytest.mark.browser

COUNT = 8
PLAN = Plan(scene="landscape", seed=5, size=64, level="minimal")


def apart(work, *args, **options):
    """Done in another thread: in this one the tests' own browser has an event loop already."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(work, *args, **options).result()


def read(folder, number: int) -> np.ndarray:
    with Image.open(folder / f"{number:06d}.png") as picture:
        return np.asarray(picture.convert("RGB"))


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    folder = tmp_path_factory.mktemp("captures") / "whole"
    assert apart(make, PLAN, COUNT, folder, workers=2) == (COUNT, [])
    return folder


def test_captures_are_pictures_with_what_they_show(whole):
    shown = [json.loads(line) for line in (whole / "states.jsonl").read_text().splitlines()]
    assert [one["number"] for one in shown] == list(range(COUNT))
    for one in shown:
        picture = read(whole, one["number"])
        assert picture.shape == (64, 64, 3)
        assert picture.std() > 5, "nothing is to be seen"
        assert {"seed", "mixture", "valence", "arousal", "pose", "form"} <= one.keys()
    # other seeds are other views
    assert np.abs(read(whole, 0).astype(int) - read(whole, 1)).mean() > 5
    assert len(pictures(whole).files) == COUNT
    assert "landscape" in pictures(whole).about.what


def test_a_folder_says_of_itself_what_trainings_were_told(whole):
    """Or one that was begun with it would not go on."""
    about = whole / "about.json"
    before = about.read_text().replace("python -m server.captures", "an older command")
    about.write_text(before)
    assert apart(make, PLAN, COUNT, whole, workers=1) == (0, [])
    assert about.read_text() == before


@pytest.mark.slow
def test_an_interrupted_run_goes_on_and_gives_the_same_pictures(whole, tmp_path, monkeypatch):
    written = render.write_whole

    def until_the_fourth(path, write):
        if path.name == "000003.png":
            raise KeyboardInterrupt
        written(path, write)

    folder = tmp_path / "interrupted"
    monkeypatch.setattr(render, "write_whole", until_the_fourth)
    with pytest.raises(KeyboardInterrupt):
        apart(make, PLAN, COUNT, folder, workers=1)
    monkeypatch.undo()
    assert sorted(path.name for path in folder.glob("*.png")) == [f"00000{n}.png" for n in range(3)]
    # what a sudden end leaves of a line
    with (folder / "states.jsonl").open("a") as lines:
        lines.write('{"number": 7, "pict')

    kept = (folder / "000001.png").stat().st_mtime_ns
    assert apart(make, PLAN, COUNT, folder, workers=1) == (COUNT - 3, [])
    assert (folder / "000001.png").stat().st_mtime_ns == kept
    assert (folder / "states.jsonl").read_text() == (whole / "states.jsonl").read_text()
    for number in range(COUNT):
        assert np.array_equal(read(folder, number), read(whole, number)), number
    assert apart(make, PLAN, COUNT, folder, workers=1) == (0, [])


@pytest.mark.parametrize("scene", ["bloom", "primitives"])
def test_any_scene_can_be_captured(scene, tmp_path):
    plan = Plan(scene, 1, 48, "minimal")
    assert apart(make, plan, 1, tmp_path / "one", workers=1) == (1, [])
    assert apart(make, plan, 1, tmp_path / "again", workers=1) == (1, [])
    assert read(tmp_path / "one", 0).std() > 5
    assert np.array_equal(read(tmp_path / "one", 0), read(tmp_path / "again", 0))


def test_a_picture_that_cannot_be_drawn_ends_no_others(tmp_path, monkeypatch, capsys):
    draw = render.to_json
    monkeypatch.setattr(render, "to_json", lambda state: {} if state is bad else draw(state))
    drawn = render.draw
    bad = drawn(0, 1)
    monkeypatch.setattr(render, "draw", lambda seed, n: bad if n == 1 else drawn(seed, n))
    words = ["--scene", "bloom", "--count", "3", "--size", "48", "--level", "minimal"]
    words += ["--workers", "1", "--out", str(tmp_path / "some")]
    monkeypatch.setattr(render, "describe", lambda plan, number, state: {"number": number})
    assert apart(command.main, words) == 1
    said = capsys.readouterr()
    assert "2 captures in" in said.out and "1 of 3 were not drawn:\n  000001.png: " in said.err
    assert sorted(p.name for p in (tmp_path / "some").glob("*.png")) == ["000000.png", "000002.png"]
    monkeypatch.setattr(render, "to_json", draw)
    assert apart(command.main, words) == 0
    assert "3 captures in" in capsys.readouterr().out
    (tmp_path / "some" / "states.jsonl").write_text('{"number": 0}\nhello\n')
    assert apart(command.main, words) == 1
    assert "states.jsonl, line 2: not what a capture shows" in capsys.readouterr().err


def test_mistakes_say_what_to_do(whole, tmp_path, monkeypatch, capsys):
    with pytest.raises(CapturesError, match="no scene 'seascape'; there are .*landscape"):
        apart(make, Plan("seascape", 0, 64, "minimal"), 1, tmp_path / "sea", workers=1)
    with pytest.raises(CapturesError, match=r"holds other captures \(seed 5 there, 6 asked for\)"):
        apart(make, Plan("landscape", 6, 64, "minimal"), 1, whole, workers=1)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "diary.txt").touch()
    with pytest.raises(CapturesError, match="not empty and holds no captures; name another"):
        apart(make, PLAN, 1, tmp_path / "mine", workers=1)
    monkeypatch.setattr(render, "find_chromium", lambda: str(tmp_path / "none"))
    out = str(tmp_path / "out")
    assert apart(command.main, ["--count", "1", "--out", out]) == 1
    assert "no Chromium starts; install one" in capsys.readouterr().err
    monkeypatch.setattr(render, "DIST", tmp_path)
    assert apart(command.main, ["--count", "1", "--out", out]) == 1
    assert "not built; run:  make build" in capsys.readouterr().err
    with pytest.raises(SystemExit, match="2"):
        apart(command.main, ["--level", "best", "--out", out])
    assert "'best' (choose from" in capsys.readouterr().err
