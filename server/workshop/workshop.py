"""The workshop's service: who records, what is kept, training, publishing and going back.

Knows no sockets: `send(page, event, *payload)` reaches one page, and `tell(event, *payload)`
all of them.  A page is the connection of somebody from staff.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from datasets.tables import cleaned
from models.pose.take import NONE
from models.registry import ModelError
from server.perception.packet import pack_points
from server.perception.service import Perception
from server.process import Child, Process, Supervisor
from server.stage import Trigger, harmless
from server.values import Landmarks, Reading
from server.workshop import csv_form, poses, takes, versions
from server.workshop.poses import Pose, WorkshopError

log = logging.getLogger(__name__)

COUNTDOWN = 3.0
"""Seconds from the button to the recording."""
LENGTH = 5.0
"""Seconds of one recording."""
LEAST_SEEN, LEAST_FRAMES = 0.6, 8
"""Share of a recording, and how many of its frames, in which the body must be in view."""
LONGEST_WORK = 4 * 3600.0
"""Seconds of processor time between two steps of a training."""
ENVIRONMENT = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


@dataclass
class Session:
    """One page of staff."""

    seated: bool = False
    """It has a tracker set."""
    recording: Session.Recording | None = None

    @dataclass
    class Recording:
        pose: str
        person: str
        begins: float
        """Seconds of the monotonic clock, as frames have them."""
        times: list[float] = field(default_factory=list)
        bodies: list[np.ndarray] = field(default_factory=list)
        aspect: float = 4 / 3
        read: int = 0
        """Pictures that were read meanwhile."""
        in_view: int = 0
        """Those in which the body was in view."""

        def add(self, landmarks: Landmarks) -> None:
            if not self.begins <= landmarks.time <= self.begins + LENGTH:
                return
            self.read += 1
            if landmarks.body is None:
                return
            self.in_view += 1
            found = landmarks.time - landmarks.body_age
            if found >= self.begins and (not self.times or found > self.times[-1]):
                self.times.append(found)
                self.bodies.append(landmarks.body)
                self.aspect = landmarks.aspect


class Job:
    """What is heard of long work."""

    def __init__(self, report: Callable[[str, float], None]) -> None:
        self.last = {"kind": "failed", "message": "It ended before it was done. Try again."}
        self._report = report

    def on_begun(self) -> None:
        """It says when it gets on."""

    def on_message(self, message: dict) -> None:
        if message["kind"] == "progress":
            self._report(message["what"], message["share"])
        elif message["kind"] in ("done", "failed"):
            self.last = message

    def on_lost(self) -> None:
        """What it said last holds."""


class Workshop:
    """Also a listener of `Perception`, for the pages that look into the camera."""

    def __init__(
        self,
        folder: Path,
        triggers: Mapping[str, Trigger],
        perception: Perception,
        supervisor: Supervisor,
        on_published: Callable[[dict[str, Trigger], list[dict]], None],
        on_place_free: Callable[[], None],
        send: Callable,
        tell: Callable,
        start_task: Callable,
        sleep: Callable,
    ) -> None:
        """`triggers` are those of the poses that ship.  Raises OSError when the folder cannot be
        made, WorkshopError when what is in it cannot be used."""
        self.folder = folder
        self.recordings = takes.folder_of(folder)
        self.recordings.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.chmod(0o700)
        for unfinished in self.recordings.glob(".*"):
            unfinished.unlink()  # written when the power failed
        versions.sweep(folder)
        self._shipped = triggers
        self._perception = perception
        self._supervisor = supervisor
        self._on_published = on_published
        self._on_place_free = on_place_free
        self._send = send
        self._tell = tell
        self._start_task = start_task
        self._sleep = sleep
        self._sessions: dict[str, Session] = {}
        self._lock = threading.RLock()
        """Guards what is kept and published."""
        self._poses = poses.read(folder)
        self._kept: dict[str, takes.Kept] = {}
        self._look_again()
        self._progress: dict | None = None
        self._apply()

    # -- pages and their camera ------------------------------------------------

    def arrive(self, page: str) -> None:
        self._sessions[page] = Session()
        with self._lock:
            self._send(page, "state", self.state())

    def leave(self, page: str) -> None:
        """The connection is gone; what was being recorded is not kept."""
        self.camera(page, False)
        self._sessions.pop(page, None)

    def camera(self, page: str, on: bool) -> None:
        """Take a tracker set, as a visitor does, or give it back."""
        session = self._sessions.get(page)
        if session is None:
            return
        if on and not session.seated:
            session.seated = self._perception.lend(page)
        if not on and session.seated:
            session.seated, session.recording = False, None
            self._perception.give_back(page)
            self._on_place_free()
        self._tell_status(page, on)

    def seated(self) -> set[str]:
        """Pages that have taken a tracker set."""
        return {page for page, session in list(self._sessions.items()) if session.seated}

    def may_send_frames(self, page: str) -> bool:
        session = self._sessions.get(page)
        return session is not None and session.seated

    def see(self, page: str, number: int, jpeg: bytes) -> None:
        self._perception.see(page, number, jpeg, workshop=True)

    def _tell_status(self, page: str, wanted: bool = True) -> None:
        session = self._sessions.get(page)
        if session is None:
            return
        if session.seated:
            state = "ready" if self._perception.is_ready(page) else "paused"
        else:
            state = "full" if wanted else "off"
        self._send(page, "status", {"state": state})

    # -- what perception says --------------------------------------------------

    def on_taken(self, page: str, number: int, outcome: str) -> None:
        if page in self._sessions:
            self._send(page, "next", {"number": number, "outcome": outcome})

    def on_bad_frame(self, page: str, _number: int, reason: str) -> None:
        if page in self._sessions:
            self._send(page, "problem", {"message": reason})

    def on_costly_frame(self, page: str) -> None:
        """Staff are told what is wrong with it, and stay."""

    def on_reading(self, page: str, reading: Reading) -> None:
        session = self._sessions.get(page)
        if session is None or not session.seated:
            return
        landmarks, recording = reading.landmarks, session.recording
        if recording is not None:
            recording.add(landmarks)
        body = Landmarks(time=landmarks.time, body=landmarks.body, aspect=landmarks.aspect)
        believed = {} if reading.pose is None else reading.pose.probabilities
        news = {
            "beliefs": {name: round(share, 3) for name, share in believed.items() if share > 0.004},
            "confidence": 0.0 if reading.pose is None else round(reading.pose.confidence, 3),
        }
        self._send(page, "seen", news, pack_points(body))

    def on_paused(self, pages: list[str]) -> None:
        for page in pages:
            self._tell_status(page)

    on_resumed = on_paused

    # -- recording -------------------------------------------------------------

    def record(self, page: str, pose: object, person: object) -> None:
        """Count down, then keep LENGTH seconds of the body; raises WorkshopError."""
        session = self._sessions[page]
        label = poses.checked_name(person, "The name of the person")
        pose = cleaned(pose) if isinstance(pose, str) else pose
        if not poses.is_recorded(pose, self._poses):
            raise WorkshopError("Choose a pose, or ordinary behaviour, first.")
        if not session.seated:
            raise WorkshopError("Turn the camera on first.")
        if session.recording is not None:
            raise WorkshopError("A recording is going on.")
        if len(self._kept) >= takes.MOST:
            raise WorkshopError(f"{takes.MOST} recordings are there already. Remove some first.")
        recording = Session.Recording(pose, label, time.monotonic() + COUNTDOWN)
        session.recording = recording
        news = {"pose": pose, "person": label, "countdown": COUNTDOWN, "length": LENGTH}
        self._send(page, "recording", news)
        self._start_task(self._finish, page, session, recording)

    def cancel(self, page: str) -> None:
        """The recording that is going on is not kept."""
        session = self._sessions[page]
        if session.recording is not None:
            session.recording = None
            self._send(page, "recorded", {"kept": False, "message": "Nothing was kept."})

    def _finish(self, page: str, session: Session, recording: Session.Recording) -> None:
        # A little longer: the last frame is still being read.
        self._sleep(recording.begins + LENGTH + 0.3 - time.monotonic())
        if session.recording is not recording:
            return
        session.recording = None
        message = self._keep(recording)
        self._send(page, "recorded", {"kept": not message, "message": message or "Kept."})
        self._tell_state()

    def _keep(self, recording: Session.Recording) -> str:
        """What is wrong; empty when it has been kept."""
        seen = recording.times[-1] - recording.times[0] if recording.times else 0.0
        if len(recording.times) < LEAST_FRAMES or seen < LEAST_SEEN * LENGTH:
            if recording.read == 0:
                return (
                    f"Nothing came from the camera for {LENGTH:.0f} seconds, or this machine could"
                    " not read it. Look whether you see yourself, and try again. Nothing was kept."
                )
            if recording.in_view < LEAST_SEEN * recording.read:
                return (
                    "Too little was seen: head, shoulders and arms must be in the picture. Nothing"
                    " was kept."
                )
            return (
                f"This machine is too slow just now: it read the body {len(recording.times)} times "
                f"in {LENGTH:.0f} seconds. Try again when fewer people play. Nothing was kept."
            )
        take = takes.new_take(
            recording.pose,
            recording.person,
            recording.times,
            np.array(recording.bodies),
            recording.aspect,
        )
        with self._lock:
            if not poses.is_recorded(take.pose, self._poses):
                return "The pose has been removed meanwhile. Nothing was kept."
            try:
                self._kept[take.id] = takes.keep(self.folder, take)
            except OSError as error:
                log.error("a recording could not be kept: %s", error)
                return f"It could not be kept: {os.strerror(error.errno or 0)}."
        return ""

    # -- what is kept ----------------------------------------------------------

    def set_pose(self, data: object) -> None:
        """A new pose, or what a known one does from the next training on; raises WorkshopError
        and OSError."""
        pose = poses.checked_pose(data)
        with self._lock:
            self._not_while_working()  # an import writes poses, too
            same = poses.same(self._poses, pose.name)
            if same is not None and same.name != pose.name:
                raise WorkshopError(f"There is ‘{same.name}’ already.")
            if same is None and len(self._poses) >= poses.MOST:
                raise WorkshopError(f"There are {poses.MOST} poses already. Remove one first.")
            others = [pose if one is same else one for one in self._poses]
            self._set_poses(others if same else [*others, pose])
        self._tell_state()

    def remove_pose(self, name: object) -> None:
        """Forget a pose with its recordings."""
        with self._lock:
            if not any(pose.name == name for pose in self._poses):
                raise WorkshopError("There is no such pose.")
            self._remove(lambda take: take.pose == name)
            self._set_poses([pose for pose in self._poses if pose.name != name])
        self._tell_state()

    def remove_person(self, label: object) -> None:
        """Forget everything that was recorded of somebody."""
        with self._lock:
            self._remove(lambda take: take.person == label)
        self._tell_state()

    def remove_take(self, name: object) -> None:
        with self._lock:
            self._remove(lambda take: take.id == name)
        self._tell_state()

    def _remove(self, wanted: Callable[[takes.Kept], bool]) -> None:
        self._not_while_working()
        gone = [take.id for take in self._kept.values() if wanted(take)]
        if not gone:
            return
        for name in gone:
            takes.remove(self.folder, name)
            del self._kept[name]

    def _set_poses(self, new: list[Pose]) -> None:
        poses.write(self.folder, new)
        self._poses = new

    def _look_again(self) -> None:
        """Read what is in the folder."""
        self._poses = poses.read(self.folder)
        loaded, problems = takes.load_all(self.folder)
        for problem in problems:
            log.error("%s", problem)
        self._kept = {take.id: takes.about(take, made) for take, made in loaded}

    def export(self, person: str | None) -> Iterator[str]:
        """The lines of a Body Language Decoder CSV, of everybody or one person."""
        yield ",".join(csv_form.HEADER) + "\n"
        kept = [one for one in self._kept.values() if person in (None, one.person)]
        for one in takes.in_order_of_export(kept):
            try:
                take, _ = takes.load(takes.folder_of(self.folder) / f"{one.id}.npz")
            except WorkshopError as error:  # removed meanwhile
                log.warning("%s", error)
                continue
            yield "".join(csv_form.rows_of(take))

    # -- long work -------------------------------------------------------------

    def train(self) -> None:
        """Train a new version in the background; raises WorkshopError."""
        if not any(take.pose != NONE for take in self._kept.values()):
            raise WorkshopError("Record a pose first.")
        self._begin_job(["train", str(self.folder)], "Training begins")

    def import_csv(self, file: Path, name: str, person: str) -> dict:
        """Import a CSV, waiting until that is done: {"kind": "done", "takes", "merged"} or
        {"kind": "failed", "message"}; raises WorkshopError."""
        poses.checked_name(person, "The name of the person")
        ended: list[dict] = []
        command = ["import", str(self.folder), str(file), name, person]
        self._begin_job(command, f"Reading {name}", ended.append)
        while not ended:
            self._sleep(0.05)
        return ended[0]

    def _not_while_working(self) -> None:
        if self._progress is not None:
            raise WorkshopError("Wait until what is going on has ended.")

    def _begin_job(
        self, words: list[str], what: str, ended: Callable[[dict], None] = lambda message: None
    ) -> None:
        with self._lock:
            self._not_while_working()
            self._progress = {"what": what, "share": 0.0}
        self._start_task(self._work, words, ended)
        self._tell("progress", self._progress)

    def _work(self, words: list[str], ended: Callable[[dict], None]) -> None:
        job = Job(self._report)
        child = Child(
            "the workshop's work",
            "server.workshop.job",
            tuple(words),
            ENVIRONMENT,
            longest=LONGEST_WORK,
            replaced=False,
        )
        self._supervisor.run(Process(child, job))
        message = job.last
        with self._lock:
            self._progress = None
            self._look_again()
        if message["kind"] == "done" and "version" in message:
            self._apply()
        if message["kind"] == "failed":
            log.warning("the workshop: %s", message["message"])
        ended(message)
        self._tell("progress", None)
        if words[0] == "train":
            self._tell("trained", message)
        self._tell_state()

    def _report(self, what: str, share: float) -> None:
        self._progress = {"what": what, "share": share}
        self._tell("progress", self._progress)

    # -- versions --------------------------------------------------------------

    def publish(self, number: object) -> None:
        """Have the installation use a version from now on, or with None the model that ships
        alone; raises WorkshopError, ModelError and OSError, and then nothing has changed."""
        with self._lock:
            if number is not None:
                self._require_version(number)
            versions.publish(self.folder, number)
            self._apply()
        log.info("published: %s", "the model that ships" if number is None else number)
        self._tell_state()

    def remove_version(self, number: object) -> None:
        with self._lock:
            self._require_version(number)
            if number == versions.published(self.folder):
                raise WorkshopError("This version is in use: publish another one first.")
            versions.remove(self.folder, number)
            self._apply()
        self._tell_state()

    def _require_version(self, number: object) -> None:
        if type(number) is not int or number not in versions.numbers(self.folder):
            raise WorkshopError("There is no such version.")

    def _apply(self) -> None:
        """Tell the workers and the stage what is published."""
        live = versions.published(self.folder)
        card = versions.usable(self.folder, live)
        if live is not None and card is None:
            log.error("version %d of the taught poses cannot be used; Mien goes on without", live)
        newest = max(versions.numbers(self.folder), default=None)
        self._perception.teach(
            None if card is None else versions.path(self.folder, live),
            None if newest is None else versions.path(self.folder, newest),
        )
        taught = [] if card is None else card["poses"]
        triggers = {**self._shipped}
        for entry in taught:
            trigger = Pose(entry["name"], entry["action"], entry["hold"]).trigger
            triggers.pop(entry["name"], None)
            if trigger is not None:
                triggers[entry["name"]] = trigger
        recorded = {entry["name"] for entry in taught}
        allowed = harmless(triggers, set(poses.unproven()) - recorded)
        for pose in set(triggers) - set(allowed):
            log.warning("%s destroys nothing until the workshop has recorded it", pose)
        public = [
            {key: entry[key] for key in ("name", "action", "hold", "figure")} for entry in taught
        ]
        self._on_published(allowed, public)

    # -- what pages are told ---------------------------------------------------

    def _tell_state(self) -> None:
        with self._lock:  # or an older state might come last
            self._tell("state", self.state())

    def state(self) -> dict[str, Any]:
        """Everything but the live view; docs/protocol.md describes it."""
        with self._lock:
            kept = list(self._kept.values())
            live = versions.published(self.folder)
            return {
                "poses": [asdict(pose) for pose in self._poses],
                "teachable": list(poses.unproven()),
                "takes": [asdict(take) for take in kept],
                "versions": [self._version(n, live) for n in versions.numbers(self.folder)],
                "live": live,
                "progress": self._progress,
            }

    def _version(self, number: int, live: int | None) -> dict[str, Any]:
        try:
            card = versions.card(self.folder, number)
            return {
                "number": number,
                "live": number == live,
                "made": (versions.path(self.folder, number)).stat().st_mtime,
                "poses": card["poses"],
                "people": card["people"],
                "takes": len(card["takes"]),
                "gone": sum(take not in self._kept for take in card["takes"]),
                "figures": card["metrics"],
            }
        except (ModelError, OSError, KeyError) as error:
            return {"number": number, "live": number == live, "broken": str(error)}
