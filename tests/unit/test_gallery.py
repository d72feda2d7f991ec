"""The gallery: what is kept, for how long, and what crashes, full disks and set dates leave."""

import errno
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from server.clock import Clock
from server.gallery.gallery import Gallery
from server.gallery.sealed import key_of
from server.values import Artwork, Made

A, B = "a" * 32, "b" * 32
KEY = key_of("token")
MADE = Made(b"the picture", b"the reference", {"sad": 0.515625}, b"the look")
SECRETS = (
    b"the capture",
    b"the picture",
    b"the reference",
    b"the look",
    b"happy",
    b"0.7656",
    b"sad",
)


class Hands:
    """A clock that a test turns."""

    def __init__(self) -> None:
        self.steady, self.date = 1000.0, 1_800_000_000.0
        self.clock = Clock(lambda: self.steady, lambda: self.date)

    def pass_by(self, seconds: float) -> None:
        self.steady += seconds
        self.date += seconds


@pytest.fixture
def hands():
    return Hands()


@pytest.fixture
def gallery(tmp_path, hands):
    opened = Gallery(tmp_path / "gallery", hands.clock)
    opened.open_visit("visit", KEY)
    return opened


def artwork(id: str = A, visit: str = "visit", created: float = 1.0) -> Artwork:
    mixture = {"happy": 0.765625, "sad": 0.234375}
    return Artwork(id, visit, "monet", "bloom", mixture, 2**32 - 1, created)


def files(folder: Path) -> set[str]:
    found = (file for file in (folder / "gallery").rglob("*") if file.is_file())
    return {file.name for file in found if file.name != "age.json"}


def readable(folder: Path) -> list[bytes]:
    """Those of the secrets that any file holds in plain."""
    whole = b"".join(file.read_bytes() for file in folder.rglob("*") if file.is_file())
    return [secret for secret in (*SECRETS, A.encode(), B.encode(), b"monet") if secret in whole]


def test_an_artwork_is_kept_as_it_was_and_nobody_else_can_read_it(gallery, tmp_path):
    gallery.add(artwork(), b"the capture")
    assert gallery.get(A) == artwork()
    assert gallery.read(artwork(), "capture") == b"the capture"
    done = gallery.finish(A, 5.0, MADE)
    assert gallery.get(A) == done
    assert (done.finished, done.scores, done.capture) == (5.0, {"sad": 0.515625}, False)
    assert tuple(gallery.read(done, part) for part in ("image", "reference", "look")) == (
        MADE.png, MADE.reference, MADE.look
    )  # fmt: skip
    assert gallery.of("visit") == [done] and gallery.of("another") == []
    assert readable(tmp_path) == []
    mode = stat.S_IMODE
    found = list((tmp_path / "gallery").rglob("*"))
    assert {mode(one.stat().st_mode) for one in found if one.is_dir()} == {0o700}
    assert {mode(one.stat().st_mode) for one in found if one.is_file()} == {0o600}


def test_what_it_was_made_of_goes_when_it_is_made(gallery, tmp_path):
    gallery.add(artwork(), b"the capture")
    gallery.finish(A, 5.0, Made(b"the picture"))
    assert files(tmp_path) == {f"{A}.row", f"{A}.image"}


def test_strokes_come_before_the_picture_and_stay_with_it(gallery, tmp_path):
    gallery.add(artwork(), b"the capture")
    gallery.begin(A, SECRETS[0])
    assert files(tmp_path) == {f"{A}.row", f"{A}.capture", f"{A}.strokes"}
    done = gallery.finish(A, 5.0, Made(b"the picture"))
    assert done.strokes and gallery.read(done, "strokes") == SECRETS[0]
    assert readable(tmp_path) == []
    gallery.delete(A)
    gallery.begin(A, b"of nobody")
    assert files(tmp_path) == set()


def test_deleting_leaves_nothing(gallery, tmp_path):
    gallery.add(artwork(), b"the capture")
    done = gallery.finish(A, 5.0, MADE)
    assert len(files(tmp_path)) == 4
    gallery.delete(A)
    gallery.delete(A)
    assert gallery.get(A) is None
    assert files(tmp_path) == set()
    assert gallery.finish(A, 5.0, MADE) is None
    with pytest.raises(OSError):
        gallery.read(done, "image")


def test_a_visit_that_is_over_leaves_nothing(gallery, tmp_path):
    gallery.open_visit("other", key_of("another"))
    gallery.add(artwork(), b"the capture")
    gallery.add(artwork(B, "other"), b"the capture")
    gallery.end_visit("visit")
    assert files(tmp_path) == {f"{B}.row", f"{B}.capture"}
    assert gallery.get(A) is None and not gallery.may_go_on("visit")
    with pytest.raises(FileNotFoundError):
        gallery.add(artwork(), b"the capture")
    gallery.end()
    assert files(tmp_path) == set()


@pytest.mark.parametrize("date", [-3600.0, 0.0, 86_400.0])
def test_who_stays_away_is_forgotten_whatever_the_date_says(gallery, hands, tmp_path, date):
    gallery.add(artwork(), b"the capture")
    gallery.close_visit("visit", 20.0)
    hands.date += date
    hands.pass_by(19.0)
    assert gallery.expire() == [] and gallery.may_go_on("visit")
    hands.pass_by(1.0)
    assert gallery.expire() == ["visit"]
    assert files(tmp_path) == set() and not gallery.may_go_on("visit")


def test_a_visit_that_goes_on_does_not_expire(gallery, hands):
    gallery.add(artwork(), b"the capture")
    gallery.close_all(10.0)
    assert gallery.open_visit("visit", KEY) == []
    hands.pass_by(1e6)
    assert gallery.expire() == []


def test_a_start_after_a_crash_can_read_only_with_the_token(gallery, hands, tmp_path):
    gallery.add(artwork(created=2.0), b"the capture")
    gallery.add(artwork(B), b"the capture")
    finished = gallery.finish(B, 5.0, MADE)
    again = Gallery(tmp_path / "gallery", hands.clock)  # the first one was killed
    assert again.may_go_on("visit") and again.of("visit") == []
    with pytest.raises(OSError):
        again.read(finished, "image")
    assert again.open_visit("visit", KEY) == [artwork(created=2.0)]
    assert again.of("visit") == [finished, artwork(created=2.0)]
    assert again.read(finished, "image") == b"the picture"
    assert again.open_visit("visit", KEY) == []


def test_a_start_after_a_crash_forgets_who_does_not_come_back(gallery, hands, tmp_path):
    gallery.add(artwork(), b"the capture")
    hands.date -= 36_000
    again = Gallery(tmp_path / "gallery", hands.clock)
    again.close_all(30.0)
    hands.pass_by(30.0)
    assert again.expire() == ["visit"]
    assert files(tmp_path) == set()


def test_a_row_that_a_power_failure_has_cut_is_lost_and_the_others_are_not(
    gallery, hands, tmp_path
):
    for id in (A, B):
        gallery.add(artwork(id), b"the capture")
    row = tmp_path / "gallery" / "visits" / "visit" / f"{A}.row"
    row.write_bytes(row.read_bytes()[:20])
    again = Gallery(tmp_path / "gallery", hands.clock)
    assert again.open_visit("visit", KEY) == [artwork(B)]
    assert files(tmp_path) == {f"{B}.row", f"{B}.capture"}


def test_what_earlier_versions_kept_is_deleted(tmp_path):
    folder = tmp_path / "gallery"
    folder.mkdir()
    old = ("gallery.sqlite", "gallery.sqlite-wal", f"{A}.capture.png", f"{A}.look.png", "tmpa8f_2")
    for name in (*old, "notes.txt"):
        (folder / name).write_bytes(b"the picture")
    (folder / ".ended" / "visit").mkdir(parents=True)
    (folder / ".ended" / "visit" / f"{B}.row").write_bytes(b"a stop was killed")
    Gallery(folder)
    assert files(tmp_path) == {"notes.txt"}


# -- a disk in trouble ---------------------------------------------------------

ON_A_FULL_DISK = """
import sys
from pathlib import Path
from server.gallery.gallery import Gallery
from tests.unit.test_gallery import A, B, KEY, MADE, artwork, files

folder = Path(sys.argv[1])
gallery = Gallery(folder / "gallery")
gallery.open_visit("visit", KEY)
gallery.open_visit("other", KEY)
gallery.add(artwork(), bytes(100_000))
gallery.add(artwork(B, "other"), bytes(100_000))
fill = (folder / "fill").open("wb", buffering=0)
try:
    while True:
        fill.write(bytes(4096))
except OSError:
    pass
for act in (
    lambda: gallery.add(artwork("c" * 32), bytes(100_000)),
    lambda: gallery.finish(A, 5.0, MADE._replace(png=bytes(100_000))),
):
    try:
        act()
    except OSError as error:
        assert "a" * 32 not in str(error) and "c" * 32 not in str(error)
    else:
        raise SystemExit("the disk is not full")
assert files(folder) == {f"{i}.{part}" for i in (A, B) for part in ("row", "capture")}
gallery.delete(A)
assert files(folder) == {f"{B}.row", f"{B}.capture"}
gallery.end_visit("other", keep=0)
assert files(folder) == set()
"""


def test_a_full_disk_keeps_nothing_that_is_deleted(tmp_path):
    """On a real one of 1 MB, in a namespace of its own."""
    disk, program = tmp_path / "disk", tmp_path / "on_a_full_disk.py"
    disk.mkdir()
    program.write_text(ON_A_FULL_DISK)
    mount = (
        f"mount -t tmpfs -o size=1m tmpfs {disk} || exit 77; exec {sys.executable} {program} {disk}"
    )
    try:
        ended = subprocess.run(
            ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", mount],
            capture_output=True,
            text=True,
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        )
    except FileNotFoundError:
        pytest.skip("this system has no unshare")
    if ended.returncode == 77 or "unshare failed" in ended.stderr:
        pytest.skip("this system lets nobody mount a small disk")
    assert ended.returncode == 0, ended.stderr


def test_what_a_disk_does_not_let_go_of_is_out_of_reach_and_removed_later(
    gallery, tmp_path, monkeypatch
):
    gallery.add(artwork(), b"the capture")
    done = gallery.finish(A, 5.0, MADE)
    with monkeypatch.context() as read_only:

        def refuse(*_path, **_options):
            raise OSError(errno.EROFS, "Read-only file system")

        for module, name in ((Path, "unlink"), (os, "unlink"), (os, "rmdir")):
            read_only.setattr(module, name, refuse)
        gallery.delete(A)
        with pytest.raises(FileNotFoundError):
            gallery.finish(A, 5.0, MADE) or gallery.read(artwork(B), "image")
        gallery.end_visit("visit")
        with pytest.raises(FileNotFoundError):
            gallery.read(done, "image")
        assert files(tmp_path)
    assert readable(tmp_path) == []
    gallery.expire()
    assert files(tmp_path) == set()


# -- after the visit -----------------------------------------------------------


def kept(folder: Path) -> list[bytes]:
    return [file.read_bytes() for file in (folder / "gallery" / "kept").glob("*.png")]


def test_where_staff_want_it_the_picture_alone_stays(gallery, hands, tmp_path):
    gallery.add(artwork(), b"the capture")
    gallery.add(artwork(B), b"the capture")
    gallery.finish(A, 5.0, MADE)
    gallery.end_visit("visit", keep=600)
    assert kept(tmp_path) == [b"the picture"]
    assert readable(tmp_path) == [b"the picture"]
    hands.pass_by(598)
    gallery.expire()
    assert kept(tmp_path)
    hands.date -= 3600
    hands.pass_by(2)
    gallery.expire()
    assert not kept(tmp_path)


@pytest.mark.parametrize("date", [-3600.0, 0.0])
@pytest.mark.parametrize("reboot", [False, True])
def test_its_time_goes_on_over_a_restart(gallery, hands, tmp_path, date, reboot):
    """The date is set back, the steady clock begins anew: the more of both counts."""
    gallery.add(artwork(), b"the capture")
    gallery.finish(A, 5.0, MADE)
    gallery.end_visit("visit", keep=600)
    hands.pass_by(400)
    gallery.expire()  # what is noted every minute
    hands.pass_by(190)
    hands.date += date
    if reboot:
        hands.steady = 0.0
    again = Gallery(tmp_path / "gallery", hands.clock)
    again.expire()
    assert kept(tmp_path)
    hands.pass_by(200)  # 190 s of which could have been lost, where both clocks are wrong
    again.expire()
    assert not kept(tmp_path)


def test_without_a_note_of_its_time_nothing_stays(gallery, hands, tmp_path):
    gallery.add(artwork(), b"the capture")
    gallery.finish(A, 5.0, MADE)
    gallery.end_visit("visit", keep=600)
    (tmp_path / "gallery" / "kept" / "age.json").write_text("{")
    Gallery(tmp_path / "gallery", hands.clock)
    assert not kept(tmp_path)
