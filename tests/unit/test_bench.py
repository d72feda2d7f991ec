"""The benches' own parts: goals, tables, JSON, exit status, and the page of figures."""

import argparse
import json
import subprocess
import sys
from collections import Counter
from pathlib import Path
from types import ModuleType

import numpy as np
import psutil
import pytest

from bench import __main__ as command
from bench import figures, frames, machine, soak
from bench.person import Wish
from bench.rows import COLUMNS, Row, all_met, at_least, at_most, table, write_json
from bench.soak import Held, Told
from server.perception.picture import decode

FAST = Row("frame → SceneState p95", 41.26, "ms", 43.0, at_most(58))
SLOW = Row("Readings per second", 22.7, "/s", 25.0, at_least(25))
PLAIN = Row("threads", 31, "")


def test_goals():
    assert FAST.met is True
    assert SLOW.met is False
    assert PLAIN.met is None
    assert Row("exactly", 20, "ms", goal=at_most(20)).met
    assert not Row("nothing came back", float("nan"), "ms", goal=at_most(20)).met
    assert not Row("nothing came back", float("nan"), "/s", goal=at_least(20)).met


def test_a_row_without_a_goal_fails_nothing():
    assert all_met([FAST, PLAIN])
    assert all_met([])
    assert not all_met([FAST, SLOW, PLAIN])


def test_the_table_has_every_column_and_lines_numbers_up():
    lines = table([FAST, SLOW, PLAIN]).splitlines()
    assert lines[0].split() == list(COLUMNS)
    assert lines[1].split()[-3:] == ["≤", "58", "yes"]
    assert lines[2].endswith("≥ 25  no")
    assert lines[3].split() == ["threads", "31"]
    assert lines[1].index("41.3") + 4 == lines[2].index("22.7") + 4 == lines[3].index("31") + 2


def test_json_holds_plain_rows(tmp_path):
    file = tmp_path / "figures" / "stream.json"
    write_json([FAST, SLOW, PLAIN], file)
    assert json.loads(file.read_text(encoding="utf-8")) == [
        {
            "name": "frame → SceneState p95",
            "value": 41.3,
            "unit": "ms",
            "baseline": 43.0,
            "goal": "≤ 58",
            "met": True,
        },
        {
            "name": "Readings per second",
            "value": 22.7,
            "unit": "/s",
            "baseline": 25.0,
            "goal": "≥ 25",
            "met": False,
        },
        {
            "name": "threads",
            "value": 31,
            "unit": "",
            "baseline": None,
            "goal": None,
            "met": None,
        },
    ]
    assert list(file.parent.iterdir()) == [file]


def test_figures_of_numpy_are_figures(tmp_path):
    """What is measured is often one of its numbers."""
    row = Row("p95", np.percentile([18.0, 19.0], 95), "ms", np.median([18.0]), at_most(20))
    write_json([row], tmp_path / "x")
    (read,) = json.loads((tmp_path / "x").read_text(encoding="utf-8"))
    assert read["met"] is True and read["baseline"] == 18


def test_what_was_never_measured_is_null_in_json(tmp_path):
    write_json([Row("nothing came back", float("nan"), "ms", goal=at_most(20))], tmp_path / "x")
    assert json.loads((tmp_path / "x").read_text(), parse_constant=pytest.fail)[0]["value"] is None


def test_a_failed_write_leaves_the_old_file(tmp_path):
    file = tmp_path / "stream.json"
    write_json([FAST], file)
    before = file.read_text()
    with pytest.raises(TypeError):
        write_json([Row("broken", object(), "ms")], file)
    assert file.read_text() == before
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.parametrize(("rows", "status"), [([FAST, PLAIN], 0), ([FAST, SLOW], 1)])
def test_the_exit_status_says_whether_goals_are_met(rows, status, monkeypatch, capsys, tmp_path):
    bench = ModuleType("bench.example")
    bench.SECTIONS = {"one": None}
    bench.measure = lambda sections, quick, tell: iter(rows)
    monkeypatch.setitem(sys.modules, "bench.example", bench)
    file = tmp_path / "example.json"
    options = argparse.Namespace(name="example", only=None, quick=True, json=file)
    assert command.run(options) == status
    printed = capsys.readouterr().out
    assert all(row.name in printed for row in rows)
    assert "load average" in printed
    assert [row["name"] for row in json.loads(file.read_text())][-len(rows) :] == [
        row.name for row in rows
    ]


def test_every_bench_is_there_and_names_its_sections():
    for name in command.BENCHES:
        options = argparse.Namespace(name=name, only=["tea"], quick=True, json=None)
        with pytest.raises(SystemExit, match=r"No section tea: there are \w+"):
            command.run(options)


def test_whoever_else_works_is_named():
    spin = "import time; end = time.monotonic() + 60\nwhile time.monotonic() < end: pass"
    start = (
        "import subprocess, sys\n"
        "nowhere = subprocess.DEVNULL\n"
        f"spin = [sys.executable, '-c', {spin!r}]\n"
        "print(subprocess.Popen(spin, stdout=nowhere, stderr=nowhere).pid)"
    )
    # its parent ends at once: it is none of our children
    found = subprocess.run([sys.executable, "-c", start], capture_output=True, check=True)
    other = psutil.Process(int(found.stdout))
    try:
        assert other.name() in machine.others(2.0)
        assert "others use" in machine.warnings(2.0)[0]
    finally:
        other.kill()


@pytest.mark.parametrize("hands", [True, False])
def test_clips_are_camera_pictures(hands):
    clip = frames.clip(hands)
    assert decode(clip.at(0), 640 * 480).shape == (480, 640, 3)
    assert clip.at(0) != clip.at(0.5)
    assert clip.at(len(clip.jpegs) / frames.RATE) == clip.at(0)
    assert clip.sample(15, 1) == [clip.jpegs[number] for number in range(0, 30, 2)]


def test_without_the_shared_videos_the_astronaut_is_moved(monkeypatch, tmp_path):
    monkeypatch.setenv("MIEN_DATA", str(tmp_path))
    clip = frames.clip(hands=True)
    assert "no hands in view" in clip.name and "astronaut" in clip.name
    assert len(set(clip.jpegs)) > 20


def test_the_page_has_the_figures_of_the_files():
    text = figures.PAGE.read_text(encoding="utf-8")
    assert figures.with_tables(text) == text, "write them: python -m bench figures"


def test_figures_are_written_between_the_markers(tmp_path):
    before = f"# Mien\n\n{figures.BEGIN}\nold\n{figures.END}\n\nand so on\n"
    write_json([FAST, SLOW, PLAIN], tmp_path / "stream.json")
    after = figures.with_tables(before, tmp_path)
    assert after.startswith("# Mien\n") and after.endswith("\n\nand so on\n")
    assert "old" not in after
    assert "`python -m bench stream" in after and "1 of 2 goals met" in after
    assert "all 3 figures" in after and after.count("| threads | 31 |") == 1
    assert "| Readings per second | 22.7 | /s | 25 | ≥ 25 | no |" in after
    assert figures.with_tables(after, tmp_path) == after


def test_a_page_without_markers_is_told_what_it_needs():
    with pytest.raises(ValueError, match="figures"):
        figures.with_tables("# Mien\n")


def test_a_section_that_fails_loses_no_rows_and_overwrites_nothing(monkeypatch, capsys, tmp_path):
    def measure(_sections, _quick, _tell):
        yield FAST
        raise TimeoutError("what is timed did not happen")

    bench = ModuleType("bench.example")
    bench.SECTIONS, bench.measure = {"one": None}, measure
    monkeypatch.setitem(sys.modules, "bench.example", bench)
    file = tmp_path / "example.json"
    with pytest.raises(TimeoutError):
        command.run(argparse.Namespace(name="example", only=None, quick=True, json=file))
    assert FAST.name in capsys.readouterr().out
    assert not file.exists()


# -- a day's soak --------------------------------------------------------------


def held(memory: int, pid: int = 1, **files: int) -> Held:
    pids = {"server": frozenset({pid})}
    return Held(pids, {"server": memory}, {"server": Counter(log=1, **files)}, {"server": 9})


def soaked(
    *fates: str,
    broken: tuple[float, ...] = (),
    memory: tuple[int, ...] = (100, 100, 104),
    moments: tuple[Held, ...] = (),
):
    """Names of the goals that a run with these captures has missed."""
    wishes = [Wish("token", began=1000.0 * n, ended=1000.0 * n + 9) for n in range(len(fates))]
    for wish, fate in zip(wishes, fates, strict=True):
        wish.fate = fate
    told = Told(visits=3, wishes=wishes, broken=list(broken))
    moments = moments or tuple(map(held, memory))
    return [row.name for row in soak.rows(told, moments, 12.0) if row.met is False]


def test_a_soak_that_went_well():
    assert soaked("done", "done", "left", "failed", broken=(2995.0,)) == []
    assert soaked("done", memory=(50, 100, 96, 104)) == []


def test_a_soak_counts_no_starved_painter_as_a_result():
    assert "pictures made" in " ".join(soaked("visit-over", "visit-over", broken=(5.0, 1005.0)))
    assert any("nothing was broken" in name for name in soaked("done", "done", "expired"))
    assert any("nothing was heard" in name for name in soaked("done", "lost"))


def test_a_soak_sees_memory_grow_after_the_first_tenth():
    (missed,) = soaked("done", memory=(50, 100, 106, 100))
    assert "memory of the server" in missed


def test_a_soak_compares_processes_with_themselves_when_they_have_warmed_up():
    older = (held(300, pid=1), held(300, pid=1))
    own = tuple(held(memory, pid=2) for memory in (60, 100, 103, 98))
    assert soaked("done", moments=(*older, *own)) == []
    (missed,) = soaked("done", moments=(*older, *own, held(107, pid=2)))
    assert "memory of the server after its warm-up" in missed
    (missed,) = soaked("done", moments=(*older, *own, held(300, pid=3)))
    assert "quiet moments of the same processes" in missed, "nothing to compare is no success"


def test_a_soak_names_the_file_that_is_open_once_more():
    moments = (held(100), held(100, new=1), held(100, new=3))
    (missed,) = soaked("done", moments=moments)
    assert "files more" in missed
    assert soak.opened_since(moments) == {"server": Counter(new=2)}
    file = Path(__file__)
    before = soak.open_files(psutil.Process())
    with file.open():
        more = soak.open_files(psutil.Process()) - before
    assert more in (Counter({str(file): 1}), Counter({"not named": 1}))


def test_a_picture_that_failed_long_after_something_broke_is_no_excuse():
    assert soaked("done", "failed", broken=(900.0,))
