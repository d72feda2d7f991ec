"""The workshop without sockets: what is kept, files in and out, versions, publishing."""

from __future__ import annotations

import contextlib
import resource
import signal
import threading
import time
from dataclasses import asdict, replace

import numpy as np
import pytest

from datasets.gestures import BrokenCsv, read_csv
from models import registry
from models.pose.geometry import features_many
from models.pose.take import NONE, TAUGHT
from models.pose.taught import WINDOW
from models.pose.train import fit
from models.pose.window import FEATURES
from models.registry import ModelError
from server.process import Supervisor
from server.stage import Trigger, harmless, initial, load_mappings, with_triggers
from server.values import Command, Guess, Landmarks, Reading
from server.workshop import csv_form, job, poses, takes, versions, workshop
from server.workshop.poses import Pose, WorkshopError
from tests.running import wait_until
from tests.unit.stage_readings import Play, expression, reading
from tests.unit.taught_takes import take

SOURCE = {"name": "made", "what": "numbers", "origin": "here", "licence": "none"}
FIGURE = {side: {"elbow": [0.2, -0.5], "wrist": [0.3, -1.0], "moves": False}
          for side in ("left", "right")}  # fmt: skip


@contextlib.contextmanager
def full_disk(room: int = 500):
    """The system refuses to write more than so many bytes to a file."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)


def files_in(folder) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def keep(folder, pose, person, number=0):
    made = take(pose, person, number)
    fresh = takes.new_take(pose, person, made.times, made.bodies, made.aspect)
    return takes.keep(folder, fresh)


def add_version(folder, *learnt: Pose, figures=None) -> int:
    """A version of a model that knows these poses, and nothing about them."""
    names = [NONE, *(one.name for one in learnt)]
    table = np.random.default_rng(0).normal(0, 1, (40, len(FEATURES)))
    pipeline = fit(table, np.resize(names, 40), np.ones(40), 0, 1)
    about = dict.fromkeys(registry.CARD_FIELDS, "said") | {
        "data": [SOURCE],
        "window": WINDOW,
        "metrics": figures or {},
        "poses": [{**asdict(one), "figure": FIGURE} for one in learnt],
        "takes": [],
        "people": 1,
    }  # fmt: skip
    return versions.add(
        folder, lambda new: registry.save_pipeline(TAUGHT, pipeline, about, "", new)
    )


# -- poses -----------------------------------------------------------------------


@pytest.mark.parametrize("name", ["Tree", "  Tree  of   life ", "Äpfel", "O’Hara", "Dr. No", "7"])
def test_a_name_is_as_people_write_it(name):
    assert poses.checked_pose_name(name) == " ".join(name.split())


@pytest.mark.parametrize(
    "name",
    ["", " ", "x" * 33, "<b>", "a_b", "__proto__", "a\nb\u202e", "-a", None, 3, ["a"], "a,b"],
)
def test_anything_else_is_no_name(name):
    with pytest.raises(WorkshopError, match="name of a pose"):
        poses.checked_pose_name(name)


def test_what_ships_cannot_be_taught_unless_nobody_real_has_shown_it():
    for name in ("arms_up", "Arms up", "WAVE", "neutral", "Victory"):
        with pytest.raises(WorkshopError):
            poses.checked_pose_name(name)
    assert poses.checked_pose_name("hands_on_hips") == "hands_on_hips"
    assert poses.checked_pose_name("Hands on hips") == "hands_on_hips"


@pytest.mark.parametrize(
    "data",
    [
        None, {}, {"name": "Tree"}, {"name": "Tree", "action": "cancel", "hold": 1},
        {"name": "Tree", "action": "clear", "hold": 0.1},
        {"name": "Tree", "action": "", "hold": 99},
        {"name": "Tree", "action": "clear", "hold": True},
        {"name": "Tree", "action": "clear", "hold": float("nan")},
    ],
)  # fmt: skip
def test_a_pose_that_is_none_is_refused(data):
    with pytest.raises(WorkshopError):
        poses.checked_pose(data)


def test_poses_come_back_as_they_were_and_a_broken_file_is_named(tmp_path):
    assert poses.read(tmp_path) == []
    some = [Pose("Tree", "clear", 1.5), Pose("clap", "", 1.0)]
    poses.write(tmp_path, some)
    assert poses.read(tmp_path) == some
    (tmp_path / poses.FILE).write_text('{"poses": [{"name": "<b>"}]}')
    with pytest.raises(WorkshopError, match="poses.json"):
        poses.read(tmp_path)


# -- recordings ------------------------------------------------------------------


def test_a_recording_comes_back_as_it_was(tmp_path):
    kept = keep(tmp_path, "teapot", "Ana")
    [(back, made)], problems = takes.load_all(tmp_path)
    again = take("teapot", "Ana")
    assert problems == [] and abs(made - time.time()) < 60
    assert (back.id, back.pose, back.person) == (kept.id, "teapot", "Ana")
    assert np.allclose(back.bodies, again.bodies) and back.aspect == again.aspect
    assert kept.seconds == 4.9 and kept.frames == 75


def test_a_file_that_is_no_recording_is_named_and_left_out(tmp_path):
    keep(tmp_path, "teapot", "Ana")
    folder = takes.folder_of(tmp_path)
    (folder / "1-bad.npz").write_bytes(b"no recording")
    np.savez(folder / "2-bad.npz", pose="x", person="y", made=0, aspect=1, time=[0, 1],
             body=np.full((2, 33, 4), np.nan))  # fmt: skip
    np.savez(folder / "3-bad.npz", pose=np.array([object()]))
    found, problems = takes.load_all(tmp_path)
    assert len(found) == 1 and len(problems) == 3


def test_a_full_disk_leaves_what_was_there(tmp_path):
    poses.write(tmp_path, [Pose("Tree", "clear", 1.0)])
    add_version(tmp_path, Pose("Tree", "", 1.0))
    versions.publish(tmp_path, 1)
    before = files_in(tmp_path)
    many = [Pose(f"Pose number {n}", "clear", 1.0) for n in range(20)]
    with full_disk():
        with pytest.raises(OSError):
            keep(tmp_path, "teapot", "Ana")
        with pytest.raises(OSError):
            poses.write(tmp_path, many)
        with pytest.raises(OSError):
            add_version(tmp_path, Pose("Tree", "", 1.0))
    with full_disk(room=3), pytest.raises(OSError):
        versions.publish(tmp_path, None)
    assert files_in(tmp_path) == before
    assert poses.read(tmp_path) == [Pose("Tree", "clear", 1.0)]
    assert versions.published(tmp_path) == 1


# -- files in and out --------------------------------------------------------------


def text_of(*some) -> str:
    lines = [",".join(csv_form.HEADER) + "\n"]
    for one in some:
        lines += csv_form.rows_of(one)
    return "".join(lines)


def rows_with(changes: dict[tuple[int, int], str], pose="teapot") -> str:
    """A good CSV but for some cells (row as in a file, column from 1)."""
    table = [line.split(",") for line in text_of(take(pose, "Ana"), take(NONE, "Ana")).splitlines()]
    for (row, column), text in changes.items():
        table[row - 1][column - 1] = text
    return "\n".join(",".join(row) for row in table) + "\n"


def test_what_goes_out_comes_in_again(tmp_path):
    wide = replace(take("teapot", "Ana"), aspect=16 / 9)
    wide.bodies[..., 1] *= 16 / 9 / take("teapot", "Ana").aspect
    file = tmp_path / "poses.csv"
    file.write_text(text_of(wide, take(NONE, "Ana"), take("teapot", "Ana", 1)))
    read = read_csv(file)
    assert set(read.classes) == {"teapot", NONE} and read.bodies.shape[1:] == (33, 4)
    back, merged = csv_form.takes_in(file, "poses.csv", "Ana")
    assert merged == {}
    assert [one.pose for one in back] == ["teapot", NONE, "teapot"]
    assert {one.person for one in back} == {"Ana"}
    sent = (wide, take(NONE, "Ana"), take("teapot", "Ana", 1))
    for one, original in zip(back, sent, strict=True):
        length = min(len(one.times), len(original.times))
        assert length >= len(original.times) - 1
        ours = features_many(one.bodies, one.aspect)[:length]
        theirs = features_many(original.bodies, original.aspect)[:length]
        assert np.allclose(ours, theirs, atol=0.02)


def test_recordings_of_one_pose_are_kept_apart_on_the_way_out(tmp_path):
    for number in range(2):
        for name in ("teapot", NONE):
            keep(tmp_path, name, "Ana", number)
    kept = [takes.about(one, made) for one, made in takes.load_all(tmp_path)[0]]
    order = [one.pose for one in takes.in_order_of_export(kept)]
    assert order == [NONE, "teapot", NONE, "teapot"]


HOSTILE = [
    ("", "row 1"),
    ("class,x1\n", "row 1: 2 columns"),
    (text_of(), "row 2, column 'class': there is a header but no row"),
    (rows_with({(1, 7): "q2"}), "row 1, column 7: 'q2' where 'y2' belongs"),
    (rows_with({(1, 2): "x1" * 400}), "row 1, column 2"),
    (rows_with({(5, 9): "nan"}), "row 5, column 'v2': 'nan'"),
    (rows_with({(6, 2): "inf"}), "row 6, column 'x1': 'inf'"),
    (rows_with({(7, 3): "1e30"}), "row 7, column 'y1': '1e30'"),
    (rows_with({(8, 4): "left"}), "row 8, column 'z1': 'left'"),
    (rows_with({(9, 133): ""}), "row 9, column 'v33': ''"),
    (rows_with({(3, 133): "0.5,0.5"}), "row 3: 134 columns.*column 134"),
    (rows_with({(3, 1): "<b>"}), "row 3, column 'class': The name"),
    (rows_with({(2, 1): "arms_up"}), "row 2, column 'class': .*reads already"),
    (text_of(take("teapot", "Ana")), "rows 2 to 76, column 'class': all are 'teapot'"),
    (rows_with({(20, 1): "neutral"}), "row 20, column 'class': 'neutral' stands in 1 row one"),
    ("\x00" * 200, "row 1"),
    (b"\xff\xfe\x00\x01" * 50, "row 1"),
    (text_of()[:-1] + "\n" + '"' + "x" * 200_000, "row 2, column"),
]  # fmt: skip


@pytest.mark.parametrize(("content", "said"), HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_csv_is_refused_by_row_and_column_and_changes_nothing(tmp_path, content, said):
    folder = tmp_path / "workshop"
    keep(folder, "teapot", "Ana")
    poses.write(folder, [Pose("teapot", "", 1.0)])
    before = files_in(folder)
    file = tmp_path / "sent.csv"
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(BrokenCsv, match=f"theirs.csv, {said}" if said else "theirs"):
        job.import_csv(folder, file, "theirs.csv", "Ana")
    assert files_in(folder) == before


def test_a_million_rows_are_refused_at_the_first_that_is_too_many(tmp_path):
    head, row = text_of(take("teapot", "Ana")).splitlines(keepends=True)[:2]
    file = tmp_path / "large.csv"
    with file.open("w") as output:
        output.write(head)
        for _ in range(csv_form.MOST_ROWS + 2):
            output.write(row)
    said = rf"row {csv_form.MOST_ROWS + 2}, column 'class': more than {csv_form.MOST_ROWS} rows"
    with pytest.raises(BrokenCsv, match=said):
        job.import_csv(tmp_path, file, "large.csv", "Ana")


def test_a_good_csv_brings_its_poses(tmp_path):
    file = tmp_path / "sent.csv"
    file.write_text(text_of(take("teapot", "Ana"), take(NONE, "Ana")).replace("neutral", "None"))
    assert job.import_csv(tmp_path, file, "sent.csv", "Ben") == {"takes": 2, "merged": {}}
    assert poses.read(tmp_path) == [Pose("teapot", "", 1.0)]
    found, _ = takes.load_all(tmp_path)
    assert {(one.pose, one.person) for one, _ in found} == {("teapot", "Ben"), (NONE, "Ben")}
    with pytest.raises(WorkshopError, match="name of the person"):
        job.import_csv(tmp_path, file, "sent.csv", "<script>")
    poses.write(tmp_path, [Pose("Teapot", "", 1.0)])
    with pytest.raises(WorkshopError, match="‘Teapot’"):
        job.import_csv(tmp_path, file, "sent.csv", "Ben")


def test_a_disk_that_fills_up_while_importing_leaves_nothing(tmp_path):
    file = tmp_path / "sent.csv"
    file.write_text(text_of(take("teapot", "Ana"), take(NONE, "Ana")))
    folder = tmp_path / "workshop"
    with full_disk(), pytest.raises(OSError) as raised:
        job.import_csv(folder, file, "sent.csv", "Ben")
    assert files_in(folder) == []
    assert "Nothing has been changed" in job.message_of(raised.value)


# -- versions ----------------------------------------------------------------------


def test_versions_are_published_and_left_again(tmp_path):
    assert versions.published(tmp_path) is None
    assert add_version(tmp_path, Pose("Tree", "", 1.0)) == 1
    assert add_version(tmp_path, Pose("Tree", "", 1.0)) == 2
    for number in (1, 2, 1, None):
        versions.publish(tmp_path, number)
        assert versions.published(tmp_path) == number
    versions.publish(tmp_path, 2)
    (tmp_path / versions.PUBLISHED).write_text("{")
    assert versions.published(tmp_path) is None


def test_a_version_that_is_not_whole_is_not_published(tmp_path):
    add_version(tmp_path, Pose("Tree", "", 1.0))
    file = versions.path(tmp_path, 1) / f"{TAUGHT}.skops"
    file.write_bytes(file.read_bytes() + b"!")
    with pytest.raises(ModelError, match="sha256"):
        versions.publish(tmp_path, 1)
    assert versions.published(tmp_path) is None and versions.usable(tmp_path, 1) is None


def test_the_oldest_versions_go_and_never_the_published_one(tmp_path, monkeypatch):
    monkeypatch.setattr(versions, "MOST", 4)
    for number in range(1, 8):
        assert add_version(tmp_path, Pose("Tree", "", 1.0)) == number
        if number == 2:
            versions.publish(tmp_path, 2)
    assert versions.numbers(tmp_path) == [2, 5, 6, 7]
    versions.remove(tmp_path, 7)
    assert versions.numbers(tmp_path) == [2, 5, 6]


def test_training_makes_a_version_that_says_what_it_is(tmp_path):
    """The real training, in this process."""
    poses.write(tmp_path, [Pose("teapot", "clear", 1.0), Pose("Tree", "", 1.0)])
    told = []
    with pytest.raises(WorkshopError, match="Record a pose first"):
        job.train(tmp_path, lambda *news: None)
    for number in range(2):
        keep(tmp_path, "teapot", "Ana", number)
        keep(tmp_path, NONE, "Ana", number)
    assert job.train(tmp_path, lambda what, share: told.append(share)) == {"version": 1}
    assert told == sorted(told) and told[-1] == 1.0 and len(told) > 5
    card = versions.card(tmp_path, 1)
    assert [one["name"] for one in card["poses"]] == ["teapot"]
    assert card["poses"][0]["action"] == "clear" and card["poses"][0]["recordings"] == 2
    assert card["people"] == 1 and len(card["takes"]) == 4
    assert card["metrics"]["recording"]["right"]["teapot"] > 0.7
    assert "Ana" not in (versions.path(tmp_path, 1) / f"{TAUGHT}.card.json").read_text()
    assert (
        "set off by ordinary behaviour"
        in (versions.path(tmp_path, 1) / f"{TAUGHT}.card.md").read_text()
    )
    versions.publish(tmp_path, 1)


# -- what destroys -----------------------------------------------------------------


def test_what_no_real_person_has_shown_destroys_nothing():
    triggers = {
        "hands_on_hips": Trigger(Command("clear"), 1.0),
        "clap": Trigger(Command("more"), 1.0),
        "arms_crossed": Trigger(Command("clear"), 1.0),
    }
    assert set(harmless(triggers, {"hands_on_hips", "clap"})) == {"clap", "arms_crossed"}
    assert harmless(triggers, ()) == triggers


def test_a_scene_that_runs_learns_new_triggers_and_goes_on():
    play = Play(initial())
    tree = reading(expression("neutral"), Guess({"Tree": 0.95, "neutral": 0.05}, 1.0))
    play.show(tree, 3.0)
    living = len(play.state.memory.living)
    assert living and play.state.countdown is None
    triggers = {"Tree": Trigger(Command("clear"), 1.0)}
    play.state = with_triggers(play.state, triggers)
    assert len(play.state.memory.living) == living
    states = play.show(tree, 2.0)
    assert [action.name for state in states for action in state.actions] == ["clear"]


# -- the service -------------------------------------------------------------------


class FakePerception:
    def __init__(self) -> None:
        self.free, self.taught = 1, []

    def lend(self, _page):
        self.free -= 1
        if self.free < 0:
            self.free = 0
            return False
        return True

    def give_back(self, _page):
        self.free += 1

    def is_ready(self, _page):
        return True

    def teach(self, taught, draft):
        self.taught.append((taught and taught.name, draft and draft.name))


def start_task(act, *words):
    threading.Thread(target=act, args=words).start()


class House:
    """A workshop without sockets and workers."""

    def __init__(self, folder, triggers=None) -> None:
        self.sent: list[tuple] = []
        self.published: list[tuple] = []
        self.places_free = 0
        self.perception = FakePerception()
        self.workshop = workshop.Workshop(
            folder,
            load_mappings().triggers if triggers is None else triggers,
            self.perception,
            Supervisor(start_task, time.sleep),
            on_published=lambda *news: self.published.append(news),
            on_place_free=self.place_free,
            send=lambda page, event, *payload: self.sent.append((page, event, *payload)),
            tell=lambda event, *payload: self.sent.append(("all", event, *payload)),
            start_task=start_task,
            sleep=lambda seconds: time.sleep(max(seconds, 0)),
        )

    def place_free(self):
        self.places_free += 1

    def heard(self, event):
        return [payload[0] for _page, name, *payload in list(self.sent) if name == event]


@pytest.fixture
def house(tmp_path):
    return House(tmp_path / "workshop")


def body_at(now: float, row: int = 0) -> Reading:
    landmarks = Landmarks(time=now, body=take("teapot", "Ana").bodies[row % 75], aspect=4 / 3)
    return Reading(1, landmarks, pose=Guess({"neutral": 0.9, "wave": 0.1}, 0.8))


def show_for(house, page, seconds):
    end, row = time.monotonic() + seconds, 0
    while time.monotonic() < end:
        house.workshop.on_reading(page, body_at(time.monotonic(), row))
        row += 1
        time.sleep(0.02)


def test_a_recording_is_counted_down_to_and_kept(house, monkeypatch):
    monkeypatch.setattr(workshop, "COUNTDOWN", 0.1)
    monkeypatch.setattr(workshop, "LENGTH", 1.0)
    act = house.workshop
    act.arrive("page")
    with pytest.raises(WorkshopError, match="camera"):
        act.record("page", NONE, "Ana")
    act.camera("page", True)
    assert house.heard("status") == [{"state": "ready"}]
    for wrong in ("Tree", None, {}):
        with pytest.raises(WorkshopError, match="Choose a pose"):
            act.record("page", wrong, "Ana")
    with pytest.raises(WorkshopError, match="person"):
        act.record("page", NONE, "")
    act.set_pose({"name": "teapot", "action": "clear", "hold": 1})
    act.record("page", "teapot", "Ana")
    with pytest.raises(WorkshopError, match="going on"):
        act.record("page", "teapot", "Ana")
    show_for(house, "page", 1.8)
    [told] = wait_until(lambda: house.heard("recorded"), "the end of the recording")
    assert told["kept"], told
    [kept] = act.state()["takes"]
    assert (kept["pose"], kept["person"]) == ("teapot", "Ana")
    seen = house.heard("seen")[-1]
    assert set(seen) == {"beliefs", "confidence"}, "nothing is read of the face"
    assert not set(seen["beliefs"]) & {"happy", "sad", "angry"}

    act.record("page", "teapot", "Ana")
    act.cancel("page")
    act.record("page", "teapot", "Ben")
    wait_until(lambda: len(house.heard("recorded")) == 3, "the end of a recording of nobody")
    told = house.heard("recorded")[-1]["message"]
    assert told.startswith("Nothing came from the camera for 1 seconds"), told
    assert len(act.state()["takes"]) == 1


@pytest.mark.parametrize("in_view", [True, False])
def test_a_slow_machine_is_named_and_not_the_person(house, monkeypatch, in_view):
    monkeypatch.setattr(workshop, "COUNTDOWN", 0.0)
    monkeypatch.setattr(workshop, "LENGTH", 1.0)
    act = house.workshop
    act.arrive("page")
    act.camera("page", True)
    act.set_pose({"name": "teapot", "action": "clear", "hold": 1})
    act.record("page", "teapot", "Ana")
    found = 0.0
    for number in range(20):  # the body is found three times, or is not there
        now = time.monotonic()
        found = found if number % 7 else now
        seen = body_at(now)
        body = seen.landmarks.body if in_view else None
        landmarks = replace(seen.landmarks, body=body, body_age=now - found)
        act.on_reading("page", replace(seen, landmarks=landmarks))
        time.sleep(0.03)
    [told] = wait_until(lambda: house.heard("recorded"), "the end of the recording")
    assert not told["kept"]
    assert ("too slow" in told["message"]) is in_view
    assert ("Too little was seen" in told["message"]) is not in_view


def test_who_leaves_while_recording_leaves_nothing_and_frees_the_place(house, monkeypatch):
    monkeypatch.setattr(workshop, "COUNTDOWN", 0.0)
    monkeypatch.setattr(workshop, "LENGTH", 0.5)
    act = house.workshop
    for page in ("one", "two"):
        act.arrive(page)
        act.camera(page, True)
    assert [status["state"] for status in house.heard("status")] == ["ready", "full"]
    act.record("one", NONE, "Ana")
    act.leave("one")
    assert house.places_free == 1
    act.camera("two", True)
    assert house.heard("status")[-1] == {"state": "ready"}
    show_for(house, "one", 1.0)
    assert act.state()["takes"] == []


def test_a_person_a_recording_and_a_pose_can_be_removed(tmp_path):
    folder = tmp_path / "workshop"
    poses.write(folder, [Pose("teapot", "", 1.0)])
    for person in ("Ana", "Ben"):
        keep(folder, "teapot", person)
        keep(folder, NONE, person)
    act = House(folder).workshop
    act.remove_person("Ana")
    assert {one["person"] for one in act.state()["takes"]} == {"Ben"}
    assert len(list(takes.folder_of(folder).iterdir())) == 2
    act.remove_take(act.state()["takes"][0]["id"])
    act.remove_take("../../poses")
    assert len(act.state()["takes"]) == 1 and (folder / poses.FILE).exists()
    act.remove_pose("teapot")
    assert act.state()["poses"] == []
    with pytest.raises(WorkshopError):
        act.remove_pose("teapot")


def test_publishing_tells_the_workers_and_the_stage_and_goes_back(tmp_path):
    folder = tmp_path / "workshop"
    add_version(folder, Pose("Tree", "freeze", 2.0), Pose("Cactus", "", 1.0))
    add_version(folder, Pose("Tree", "more", 1.0))
    house = House(folder)
    assert house.perception.taught == [(None, "0002")], "the newest is what the workshop looks at"
    assert set(house.published[-1][0]) == set(load_mappings().triggers)

    house.workshop.publish(1)
    assert house.perception.taught[-1] == ("0001", "0002")
    triggers, public = house.published[-1]
    assert triggers["Tree"] == Trigger(Command("freeze"), 2.0) and "Cactus" not in triggers
    assert triggers["arms_crossed"].command.name == "clear", "what ships stays"
    assert [one["name"] for one in public] == ["Tree", "Cactus"]
    assert set(public[0]) == {"name", "action", "hold", "figure"}
    for wrong in (7, "1", True, [1]):
        with pytest.raises(WorkshopError, match="no such version"):
            house.workshop.publish(wrong)

    again = House(folder)
    assert again.perception.taught == [("0001", "0002")], "a restart changes nothing"
    again.workshop.publish(None)
    assert again.published[-1] == (load_mappings().triggers, [])
    assert versions.published(folder) is None


def test_the_version_in_use_cannot_be_removed(tmp_path):
    folder = tmp_path / "workshop"
    add_version(folder, Pose("Tree", "", 1.0))
    act = House(folder).workshop
    act.publish(1)
    with pytest.raises(WorkshopError, match="in use"):
        act.remove_version(1)
    act.publish(None)
    act.remove_version(1)
    assert act.state()["versions"] == []


def test_a_damaged_version_is_said_and_mien_goes_on_without(tmp_path):
    folder = tmp_path / "workshop"
    add_version(folder, Pose("Tree", "clear", 1.0))
    House(folder).workshop.publish(1)
    file = versions.path(folder, 1) / f"{TAUGHT}.skops"
    file.write_bytes(b"\x80\x04pickle")
    house = House(folder)
    assert house.perception.taught == [(None, "0001")]
    assert "Tree" not in house.published[-1][0] and house.published[-1][1] == []
    with pytest.raises(ModelError):
        house.workshop.publish(1)
    (versions.path(folder, 1) / f"{TAUGHT}.card.json").write_text("{")
    [shown] = house.workshop.state()["versions"]
    assert "broken" in shown


def test_recording_a_synthetic_only_pose_lifts_its_rule(tmp_path):
    folder = tmp_path / "workshop"
    clears = load_mappings().triggers | {"hands_on_hips": Trigger(Command("clear"), 1.0)}
    house = House(folder, clears)
    assert "hands_on_hips" not in house.published[-1][0], "nobody real has shown it"
    add_version(folder, Pose("Tree", "clear", 1.0))
    house.workshop.publish(1)
    assert "Tree" in house.published[-1][0] and "hands_on_hips" not in house.published[-1][0]
    add_version(folder, Pose("hands_on_hips", "clear", 2.0))
    house.workshop.publish(2)
    assert house.published[-1][0]["hands_on_hips"] == Trigger(Command("clear"), 2.0)
    house.workshop.publish(None)
    assert "hands_on_hips" not in house.published[-1][0]


def test_there_is_one_long_work_at_a_time(house):
    with pytest.raises(WorkshopError, match="Record a pose first"):
        house.workshop.train()
    house.workshop._progress = {"what": "training", "share": 0.5}
    with pytest.raises(WorkshopError, match="Wait until"):
        house.workshop.import_csv(house.workshop.folder / "x.csv", "x.csv", "Ana")
    with pytest.raises(WorkshopError, match="Wait until"):
        house.workshop.remove_person("Ana")


def test_what_was_being_written_when_the_power_failed_is_gone_at_the_next_start(tmp_path):
    folder = tmp_path / "workshop"
    keep(folder, "teapot", "Ana")
    (takes.folder_of(folder) / ".17-x.new.npz").write_bytes(b"half a recording")
    (folder / versions.FOLDER / ".new-x").mkdir(parents=True)
    House(folder)
    add_version(folder, Pose("Tree", "", 1.0))
    assert not [name for name in files_in(folder) if ".new" in name]
    assert [path.name for path in (folder / versions.FOLDER).iterdir()] == ["0001"]
