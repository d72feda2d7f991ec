"""The gallery: what is kept, for how long, and what a crash leaves."""

import os
import sqlite3
import stat
from contextlib import closing

import pytest

from server.gallery.gallery import SCHEMA, Gallery
from server.values import Artwork, Made

A, B = "a" * 32, "b" * 32


@pytest.fixture
def gallery(tmp_path):
    opened = Gallery(tmp_path / "gallery")
    yield opened
    opened.close()


def artwork(id: str = A, visit: str = "visit", created: float = 1.0) -> Artwork:
    return Artwork(
        id=id,
        visit=visit,
        engine="monet",
        capture=f"{id}.capture.png",
        scene="bloom",
        mixture={"happy": 0.75, "sad": 0.25},
        seed=2**32 - 1,
        created=created,
    )


def names(folder) -> set[str]:
    return {file.name for file in folder.iterdir() if not file.name.startswith("gallery.sqlite")}


def test_an_artwork_is_kept_as_it_was(gallery, tmp_path):
    gallery.open_visit("visit")
    gallery.add(artwork(), b"capture")
    assert gallery.get(A) == artwork()
    assert gallery.unfinished() == [artwork()]
    done = gallery.finish(A, 5.0, Made(b"picture", b"reference", {"sad": 1.0}, b"look"))
    assert gallery.get(A) == done
    assert (done.finished, done.scores, done.expires) == (5.0, {"sad": 1.0}, None)
    assert [gallery.read(n) for n in (done.capture, done.image, done.reference, done.look)] == [
        b"capture",
        b"picture",
        b"reference",
        b"look",
    ]
    assert gallery.unfinished() == []
    assert gallery.of("visit") == [done]
    assert gallery.of("another") == []
    mode = stat.S_IMODE
    assert mode((tmp_path / "gallery").stat().st_mode) == 0o700
    assert {
        mode((tmp_path / "gallery" / n).stat().st_mode) for n in names(tmp_path / "gallery")
    } == {0o600}


def test_deleting_leaves_nothing(gallery, tmp_path):
    gallery.open_visit("visit")
    gallery.add(artwork(), b"capture")
    gallery.finish(A, 5.0, Made(b"picture", b"reference", {"sad": 1.0}, b"look"))
    assert len(names(tmp_path / "gallery")) == 4
    gallery.delete(A)
    gallery.delete(A)
    assert gallery.get(A) is None
    assert names(tmp_path / "gallery") == set()
    assert gallery.finish(A, 5.0, Made(b"picture")) is None


def test_a_gallery_of_an_earlier_version_goes_on(tmp_path):
    """Its table lacks what the critic says and sees."""
    (tmp_path / "old").mkdir()
    with closing(sqlite3.connect(tmp_path / "old" / "gallery.sqlite")) as table:
        table.executescript(SCHEMA.replace(", scores TEXT, look TEXT", ""))
    for _start in range(2):
        gallery = Gallery(tmp_path / "old")
        gallery.open_visit("visit")
        gallery.add(artwork(), b"capture")
        assert gallery.finish(A, 5.0, Made(b"picture", look=b"look")).look
        gallery.delete(A)
        gallery.close()


def test_a_visit_expires_with_its_pictures_alone(gallery, tmp_path):
    gallery.open_visit("visit")
    gallery.open_visit("other")
    gallery.add(artwork(), b"capture")
    gallery.add(artwork(B, "other"), b"capture")
    gallery.close_visit("visit", expires=10.0, over=False)
    assert gallery.get(A).expires == 10.0
    assert gallery.expire(now=9.0) == []
    assert gallery.expire(now=10.0) == ["visit"]
    assert not gallery.may_go_on("visit")
    assert names(tmp_path / "gallery") == {f"{B}.capture.png"}


def test_a_visit_that_goes_on_does_not_expire(gallery):
    gallery.open_visit("visit")
    gallery.add(artwork(), b"capture")
    gallery.close_all(expires=10.0)
    gallery.open_visit("visit")
    assert gallery.expire(now=1e12) == []
    assert gallery.get(A).expires is None


def test_a_visit_that_is_over_cannot_go_on(gallery):
    gallery.open_visit("visit")
    assert gallery.may_go_on("visit")
    gallery.close_visit("visit", 10.0, over=False)
    assert gallery.may_go_on("visit")
    gallery.close_visit("visit", 10.0, over=True)
    assert not gallery.may_go_on("visit")
    assert not gallery.may_go_on("another")


def test_nothing_is_kept_of_a_visit_that_is_not_there(gallery, tmp_path):
    with pytest.raises(OSError, match="cannot be written"):
        gallery.add(artwork(), b"capture")
    assert names(tmp_path / "gallery") == set()


def test_a_picture_that_cannot_be_kept_leaves_no_file(gallery, tmp_path, monkeypatch):
    gallery.open_visit("visit")
    gallery.add(artwork(), b"capture")

    def full(*_change):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(gallery, "_change", full)
    with pytest.raises(OSError, match="No space"):
        gallery.finish(A, 2.0, Made(b"picture", b"reference"))
    assert names(tmp_path / "gallery") == {f"{A}.capture.png"}


def test_the_next_start_finds_all_and_sweeps_what_a_crash_has_left(tmp_path):
    folder = tmp_path / "gallery"
    first = Gallery(folder)
    first.open_visit("visit")
    first.add(artwork(), b"capture")
    first.close()
    (folder / f"{B}.image.png").write_bytes(b"its row was never written")
    (folder / "tmpa8f_2").write_bytes(b"half")
    (folder / "notes.txt").write_text("not ours")
    again = Gallery(folder)
    assert again.unfinished() == [artwork()]
    assert names(folder) == {f"{A}.capture.png", "notes.txt"}
    again.close()


def test_a_full_disk_is_said_and_leaves_no_half_files(gallery, tmp_path, monkeypatch):
    gallery.open_visit("visit")

    def full(_handle):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        gallery.add(artwork(), b"capture")
    assert gallery.get(A) is None
    assert names(tmp_path / "gallery") == set()


def test_a_file_that_is_no_gallery_is_named(tmp_path):
    (tmp_path / "gallery.sqlite").write_bytes(b"something else entirely" * 100)
    with pytest.raises(OSError, match="move it away"):
        Gallery(tmp_path)


def test_deleted_rows_are_overwritten(gallery, tmp_path):
    gallery.open_visit("visit")
    gallery.add(artwork(), b"capture")
    gallery.delete(A)
    gallery.close_visit("visit", 0.0, over=True)
    gallery.expire(1.0)
    with sqlite3.connect(tmp_path / "gallery" / "gallery.sqlite") as table:
        table.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    table.close()
    assert A.encode() not in (tmp_path / "gallery" / "gallery.sqlite").read_bytes()
