"""Whose pictures they are, and for how long: the studio with a real gallery and a painter that
does what the test says."""

import time

import pytest

from server import studio
from server.art.jobs import Job, QueueFull
from server.gallery.gallery import Gallery
from server.settings import Settings
from server.studio import Studio, VisitOver, hash_of
from server.values import Made
from tests.unit.test_gallery import Hands, files


class Painter:
    """Art's part: keeps the jobs and starts nothing."""

    engines = ("monet",)

    def __init__(self) -> None:
        self.jobs: dict[str, Job] = {}
        self.full = False

    def has_room(self, _visit: str, _address: str) -> None:
        if self.full:
            raise QueueFull("full", "full")

    def add(self, job: Job) -> None:
        self.has_room(job.visit, job.address)
        self.jobs[job.id] = job

    def job(self, id: str):
        return (self.jobs[id], 1) if id in self.jobs else None

    def before(self, _id: str) -> int:
        return 0

    def cancel(self, id: str) -> None:
        self.jobs.pop(id, None)

    def forget(self, visit: str) -> None:
        self.jobs = {id: job for id, job in self.jobs.items() if job.visit != visit}


class House:
    """A studio and what it has sent."""

    def __init__(self, folder, **settings) -> None:
        self.sent: list[tuple] = []
        self.painter = Painter()
        self.hands = Hands()
        self.gallery = Gallery(folder / "gallery", self.hands.clock)
        self.studio = Studio(
            Settings(data_folder=folder, **settings),
            self.painter,
            self.gallery,
            send=lambda *message: self.sent.append(message),
            start_task=lambda *_: None,
            sleep=time.sleep,
            clock=self.hands.clock,
        )

    def begin(self, visitor: str, token: str | None = None) -> str:
        self.studio.on_visit(visitor, "begins", token)
        return next(m[2]["token"] for m in reversed(self.sent) if m[:2] == (visitor, "visit"))

    def take(self, token: str) -> str:
        visit = self.studio.visit_of_token(token)
        return self.studio.add_capture(visit, "monet", b"capture", "bloom", None, 7)

    def finish(self, id: str) -> None:
        job = self.painter.jobs.pop(id)
        made = Made(b"picture", b"reference", {"happy": 1.0}, b"look")
        self.studio.on_picture(job, made)
        self.studio.on_job(Job(id, job.visit, "monet", "done", 1.0), 0)

    def told(self, visitor: str) -> list[dict]:
        return [m[2] for m in self.sent if m[:2] == (visitor, "art")]


@pytest.fixture
def house(tmp_path):
    return House(tmp_path)


def test_a_picture_from_the_capture_to_its_end(house):
    token = house.begin("anna")
    visit = hash_of(token)
    id = house.take(token)
    capture = house.studio.capture_of(house.painter.jobs[id])
    assert (capture.png, capture.mixture) == (b"capture", None)
    assert capture == house.studio.capture_of(house.painter.jobs[id])
    assert house.studio.read(visit, id, "image") is None
    assert house.told("anna") == [] and house.studio.read(visit, id, "strokes") is None
    house.studio.on_strokes(house.painter.jobs[id], b"strokes")
    house.studio.on_job(house.painter.jobs[id], 0)
    assert house.told("anna")[-1]["strokes"] == f"/art/strokes/{id}.bin"
    assert house.told("anna")[-1]["urls"] is None and house.told("anna")[-1]["hand"] == "neutral"
    house.finish(id)
    assert house.told("anna")[-1]["strokes"] == f"/art/strokes/{id}.bin"
    assert house.studio.read(visit, id, "strokes") == b"strokes"
    assert house.told("anna")[-1]["urls"] == {
        "picture": f"/art/pictures/{id}.png",
        "reference": f"/art/references/{id}.jpg",
        "look": f"/art/looks/{id}.png",
    }
    assert house.studio.read(visit, id, "image") == b"picture"
    assert house.studio.read(visit, id, "reference") == b"reference"
    assert house.studio.read(visit, id, "look") == b"look"
    house.studio.on_visit("anna", "ends", None)
    assert house.gallery.get(id) is None
    assert house.studio.visit_of_token(token) is None


def test_others_reach_nothing(house):
    anna, ben = house.begin("anna"), house.begin("ben")
    assert anna != ben
    id = house.take(anna)
    other = hash_of(ben)
    assert house.studio.read(other, id, "image") is None
    assert not house.studio.cancel(other, id)
    assert not house.studio.delete(other, id)
    house.finish(id)
    assert house.told("ben") == []


def test_a_lost_connection_goes_on_with_its_token(house):
    token = house.begin("anna")
    done, waiting = house.take(token), house.take(token)
    house.finish(done)
    house.studio.on_visit("anna", "away", None)
    assert house.studio.visit_of_token(token) is None
    assert house.begin("anna again", token) == token
    assert house.sent[-3][2]["pictures"] == [done, waiting]
    assert [art["state"] for art in house.told("anna again")] == ["done", "queued"]


def test_a_page_comes_back_before_its_old_connection_is_missed(house):
    token = house.begin("anna")
    assert house.begin("anna again", token) == token
    house.studio.on_visit("anna", "away", None)
    assert house.studio.visitor_of(hash_of(token)) == "anna again"


def test_who_is_away_too_long_is_forgotten(tmp_path):
    house = House(tmp_path, absence=1)
    token = house.begin("anna")
    house.finish(house.take(token))
    house.studio.on_visit("anna", "away", None)
    house.hands.pass_by(1)
    assert house.gallery.expire() == [hash_of(token)]
    assert house.begin("anna again", token) != token


def test_pictures_are_kept_as_long_as_the_house_says_but_nobody_reaches_them(tmp_path):
    house = House(tmp_path, keep_pictures=10)
    token = house.begin("anna")
    done, unfinished = house.take(token), house.take(token)
    house.finish(done)
    house.studio.on_visit("anna", "ends", None)
    (kept,) = files(tmp_path)
    assert kept.endswith(f"-{done}.png")
    assert house.gallery.get(done) is None and house.gallery.get(unfinished) is None
    assert house.begin("somebody", token) != token
    house.hands.pass_by(601)
    house.gallery.expire()
    assert files(tmp_path) == set()


def test_a_restart_goes_on_with_the_line_when_the_page_is_back(tmp_path):
    house = House(tmp_path)
    token = house.begin("anna")
    id = house.take(token)
    again = House(tmp_path)
    again.studio.start()
    assert not again.painter.jobs
    assert again.begin("anna", token) == token
    assert list(again.painter.jobs) == [id]
    again.finish(id)
    assert again.told("anna")[-1]["state"] == "done"


@pytest.mark.parametrize("change", ["engine", "line"])
def test_what_cannot_go_on_after_a_restart_has_failed(tmp_path, monkeypatch, change):
    house = House(tmp_path)
    token = house.begin("anna")
    id = house.take(token)
    again = House(tmp_path)
    if change == "engine":
        monkeypatch.setattr(Painter, "engines", ("landscape",))
    again.painter.full = change == "line"
    again.studio.start()
    again.begin("anna", token)
    assert (again.told("anna")[-1]["id"], again.told("anna")[-1]["state"]) == (id, "failed")
    assert not again.painter.jobs and files(tmp_path) == set()


def test_nobody_who_stays_away_after_a_restart_is_painted(tmp_path):
    house = House(tmp_path, absence=40)
    house.take(house.begin("anna"))
    again = House(tmp_path, absence=40)
    again.studio.start()
    again.hands.pass_by(40)
    again.gallery.expire()
    assert not again.painter.jobs and files(tmp_path) == set()


def test_a_picture_can_be_deleted_while_it_is_made(house):
    token = house.begin("anna")
    id = house.take(token)
    job = house.painter.jobs[id]
    assert house.studio.delete(hash_of(token), id)
    assert house.told("anna")[-1]["state"] == "deleted"
    house.studio.on_picture(job, Made(b"picture"))
    assert house.gallery.get(id) is None
    assert not house.studio.delete(hash_of(token), id)


def test_a_failure_is_told_in_words_and_its_capture_goes(house):
    token = house.begin("anna")
    id = house.take(token)
    house.studio.on_job(Job(id, hash_of(token), "monet", "failed", code="no-memory"), 0)
    told = house.told("anna")[-1]
    assert (told["code"], told["urls"]) == ("no-memory", None)
    assert "memory" in told["message"]
    assert house.gallery.get(id) is None


def test_a_full_line_keeps_no_capture(house):
    token = house.begin("anna")
    house.painter.full = True
    with pytest.raises(QueueFull):
        house.take(token)
    assert house.gallery.of(hash_of(token)) == []


@pytest.mark.parametrize("keep", [0, 10])
def test_who_leaves_while_a_picture_is_looked_at_leaves_nothing_behind(tmp_path, monkeypatch, keep):
    house = House(tmp_path, keep_pictures=keep)
    token = house.begin("anna")
    visit = hash_of(token)
    add = house.gallery.add

    def leave() -> None:
        house.studio.on_visit("anna", "ends", None)

    def leave_and_add(*given) -> None:
        leave()
        add(*given)

    monkeypatch.setattr(house.gallery, "add", leave_and_add)
    with pytest.raises((VisitOver, OSError)):
        house.studio.add_capture(visit, "monet", b"capture", "own", None, 7)
    with pytest.raises(VisitOver):
        house.studio.add_capture(visit, "monet", b"capture", "own", None, 7)
    assert house.gallery.of(visit) == [] and not house.painter.jobs
    assert files(tmp_path) == set()


def test_nobody_fills_the_disk(house, monkeypatch):
    monkeypatch.setattr(studio, "MOST_KEPT", 2)
    token = house.begin("anna")
    for _ in range(2):
        house.finish(house.take(token))
    with pytest.raises(QueueFull, match="2 pictures are enough"):
        house.take(token)
    house.take(house.begin("ben"))


def test_a_gallery_that_cannot_be_written_does_not_end_the_visit(house, tmp_path, monkeypatch):
    def full(*_file):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(house.gallery, "_write", full)
    token = house.begin("anna")
    with pytest.raises(OSError, match="No space"):
        house.take(token)
    house.studio.on_visit("anna", "ends", None)
    assert house.studio.visit_of_token(token) is None
    assert not house.painter.jobs and files(tmp_path) == set()
