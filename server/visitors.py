"""Everybody at the installation: who may send frames, who waits, what each one sees.

Knows perception and the stage, but no sockets: `send(visitor, event, *payload)`
is all it needs to reach a browser.
"""

from __future__ import annotations

import logging
import secrets
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from itertools import cycle

import numpy as np

from server.clock import MACHINE, Clock
from server.perception.packet import pack_mask, pack_points
from server.perception.recording import Recorder, Recording, to_bytes
from server.perception.service import Perception
from server.settings import Settings
from server.stage import Trigger, initial, recent_mixture, step, to_json, with_reset, with_triggers
from server.values import Command, Reading, SceneState
from server.visit_state import CONSENTED, Times, VisitState, after, waited

log = logging.getLogger(__name__)

GLANCE = 0.2
"""Seconds between two looks at who has waited long enough."""

MOST_SENT = 4
"""Recordings that developers have sent are kept in memory; the oldest goes first."""

MOST_COSTLY = 3
"""Costly frames after which a connection is closed."""

PERFORMER = "performer"
"""Who plays the recordings that all unattended pages show; no browser has this name."""


class Visitor:
    """One browser.

    `turn` is held while its visit state changes and what follows is done; `lock` guards
    `scene` and `visit_state` for a moment: readings and commands come from different tasks.
    """

    def __init__(self, at_rest: SceneState, seed: int | None, clock: Clock) -> None:
        self._clock = clock
        self.turn = threading.RLock()
        self.lock = threading.Lock()
        self.seat = "none"
        """none, waiting (in line), camera (may send frames) or replay."""
        self.visit_state = VisitState(since=clock.monotonic())
        self.token: str | None = None
        """What the page showed with its consent, when it goes on after a lost connection."""
        self.costly = 0
        """Frames that took long, or would have."""
        self.at_rest = at_rest
        self._fixed_seed = seed
        self.begin()

    def begin(self) -> None:
        """Forget everything and start a session."""
        self.seed = secrets.randbits(32) if self._fixed_seed is None else self._fixed_seed
        self.started = time.monotonic()
        """As frames have it; waits go by the clock."""
        self.seen = self._clock.monotonic()
        self.scene = self.at_rest
        self.recent_mixture: Mapping[str, float] | None = None
        self.crop: np.ndarray | None = None
        self.recorder: Recorder | None = None

    def now(self) -> float:
        return time.monotonic() - self.started


class Visitors:
    """The visitors' sessions.  Also the listener of `Perception`."""

    def __init__(
        self,
        settings: Settings,
        perception: Perception,
        recordings: dict[str, Recording],
        send: Callable,
        start_task: Callable,
        sleep: Callable,
        on_visit: Callable[[str, str, str | None], None] = lambda *_: None,
        clock: Clock = MACHINE,
        send_away: Callable[[str], None] = lambda _: None,
    ) -> None:
        """`on_visit(visitor, what, token)` hears that a visit `begins`, `ends`, or goes `away`
        with its connection; `send_away(visitor)` closes it."""
        self._send_away = send_away
        self._settings = settings
        self._on_visit = on_visit
        self._clock = clock
        self._times = Times(
            alone=settings.attract_after,
            absence=settings.absence,
            capture=settings.capture_time,
            goodbye=settings.goodbye_time,
        )
        self._at_rest = initial(emotion=settings.emotion)
        self._perception = perception
        self._recordings = recordings
        self._sent: dict[str, Recording] = {}
        self._times_sent = 0
        self._send = send
        self._start_task = start_task
        self._sleep = sleep
        self._visitors: dict[str, Visitor] = {}
        self._line: list[str] = []
        self._lock = threading.Lock()
        """Guards seats and the line."""
        self._performer = Visitor(self._at_rest, settings.seed, clock)
        self._performing = False
        self._visits = 0
        self._poses: list[dict] = []

    def start(self) -> None:
        """Look after everybody's visit state from now on."""
        self._start_task(self._watch)

    # -- what browsers do ------------------------------------------------------

    def arrive(self, visitor: str) -> None:
        self.leave(visitor)  # nobody of this name is there; if anybody were, nothing would be lost
        self._visitors[visitor] = Visitor(self._at_rest, self._settings.seed, self._clock)
        self._send(visitor, "poses", {"poses": self._poses})

    def leave(self, visitor: str) -> None:
        """The connection is gone."""
        session = self._visitors.pop(visitor, None)
        if session is not None:
            with session.turn:
                self._unseat(visitor, session)
            if session.visit_state.state in CONSENTED:
                self._on_visit(visitor, "away", None)

    def touch(self, visitor: str) -> None:
        """Somebody is at the page."""
        self._change(visitor, lambda old: after(old, "touch", self._clock.monotonic()))

    def consent(self, visitor: str, token: str | None = None) -> None:
        """The visitor has agreed to the camera: give a tracker set or a place in the line.

        `token` is that of the visit that goes on after a lost connection.
        """
        self._visitors[visitor].token = token
        self._change(visitor, lambda old: after(old, "consent", self._clock.monotonic()))
        self._tell_status(visitor)

    def stop(self, visitor: str) -> None:
        """The visitor has had enough: forget them and let the next one in."""
        self._change(visitor, lambda old: after(old, "stop", self._clock.monotonic()))

    def mixture_and_seed(self, visitor: str) -> tuple[Mapping[str, float] | None, int]:
        """The mixture of the last seconds, and the seed of what is drawn by lot in the scene."""
        session = self._visitors[visitor]
        return session.recent_mixture, session.seed

    def expression_in(self, png: bytes) -> Mapping[str, float] | None:
        """Share of each expression of the nearest face in a picture of the visitor's own; None
        without a face, and where no expression is read.  Raises UnreadablePicture."""
        if not self._settings.emotion:
            return None
        guess = self._perception.expression_in(png)
        return guess and guess.probabilities

    def may_send_frames(self, visitor: str) -> bool:
        return self._visitors[visitor].seat == "camera"

    def see(self, visitor: str, number: int, jpeg: bytes, crop: bool, mask: bool) -> None:
        self._perception.see(visitor, number, jpeg, crop, mask)

    def command(self, visitor: str, command: Command) -> None:
        """Do it, where there is a scene of one's own: in play, capture and replay."""
        session = self._visitors[visitor]
        if session.visit_state.state in (*CONSENTED, "replay"):
            with session.lock:
                self._show(visitor, session, command, session.now())

    def replay(self, visitor: str, name: str) -> None:
        """Play a recording to this visitor, over and over, until they do something else.

        Raises KeyError for an unknown name.
        """
        recording = self.recordings[name]
        session = self._visitors[visitor]
        with session.turn:
            self._change(visitor, lambda old: after(old, "replay", self._clock.monotonic()))
            visit_state = session.visit_state

        def goes_on() -> bool:
            return session.visit_state is visit_state and self._visitors.get(visitor) is session

        self._start_task(self._play, visitor, [recording], goes_on)

    @property
    def recordings(self) -> dict[str, Recording]:
        """What can be replayed, by name: those that come with Mien, and those sent."""
        return {**self._recordings, **self._sent}

    def keep(self, recording: Recording) -> str:
        """Keep a recording that a developer has sent; returns the name to replay it by."""
        with self._lock:
            self._times_sent += 1
            name = f"sent-{self._times_sent}"
            self._sent = dict(list(self._sent.items())[1 - MOST_SENT :] + [(name, recording)])
        return name

    def record(self, visitor: str, on: bool) -> None:
        """Begin to record this visitor's landmarks, or hand over what was recorded."""
        session = self._visitors[visitor]
        with session.lock:
            recorder, session.recorder = session.recorder, Recorder() if on else None
        if recorder is not None and not on:
            self._hand_over(visitor, recorder)

    # -- what perception says --------------------------------------------------

    def on_taken(self, visitor: str, number: int, outcome: str) -> None:
        self._send(visitor, "next", {"number": number, "outcome": outcome})

    def on_bad_frame(self, visitor: str, number: int, reason: str) -> None:
        self._send(visitor, "problem", {"code": "bad-frame", "message": reason})

    def on_costly_frame(self, visitor: str) -> None:
        """Frames that take everybody's time: whoever sends them again and again is sent away."""
        session = self._visitors.get(visitor)
        if session is None:
            return
        session.costly += 1
        if session.costly == MOST_COSTLY:
            log.warning("a visitor whose frames take too long is sent away")
            self._send_away(visitor)

    def on_reading(self, visitor: str, reading: Reading) -> None:
        if visitor == PERFORMER:
            self._show_performance(reading)
            return
        session = self._visitors.get(visitor)
        if session is None or session.seat not in ("camera", "replay"):
            return  # left while the frame was being read
        with session.lock:
            now = reading.time - session.started
            if now < 0:
                return  # a frame of the visitor before
            if reading.present:
                session.seen = self._clock.monotonic()
            if reading.crop is not None:
                session.crop = reading.crop
            full = None
            if session.recorder is not None:
                session.recorder.add(reading.landmarks)
                if session.recorder.is_full:
                    full, session.recorder = session.recorder, None
            self._show(visitor, session, reading, now)
        if full is not None:
            self._hand_over(visitor, full)

    def on_paused(self, visitors: list[str]) -> None:
        for visitor in visitors:
            self._tell_status(visitor)

    def on_resumed(self, visitors: list[str]) -> None:
        for visitor in visitors:
            self._tell_status(visitor)

    # -- for staff -------------------------------------------------------------

    def health(self) -> dict:
        """How many browsers there are, by what they do, and how many visits there were."""
        sessions = list(self._visitors.values())
        seats = [session.seat for session in sessions]
        return {
            "connected": len(sessions),
            **{name: seats.count(name) for name in ("camera", "waiting", "replay")},
            "attract": sum(session.visit_state.state == "attract" for session in sessions),
            "visits": self._visits,
        }

    def seats(self) -> tuple[dict[str, str], list[str]]:
        """The seat of every visitor, and the line."""
        with self._lock:
            return {name: one.seat for name, one in self._visitors.items()}, list(self._line)

    # -- what staff teach ------------------------------------------------------

    def teach(self, triggers: Mapping[str, Trigger], poses: list[dict]) -> None:
        """From now on held poses do this; `poses` are what every page is told of the taught
        ones.  Whoever is playing plays on."""
        self._poses = poses
        self._at_rest = with_triggers(self._at_rest, triggers)
        for session in (*list(self._visitors.values()), self._performer):
            with session.lock:
                session.at_rest = self._at_rest
                session.scene = with_triggers(session.scene, triggers)
        for visitor in list(self._visitors):
            self._send(visitor, "poses", {"poses": poses})

    # -- the visit state -------------------------------------------------------

    def _watch(self) -> None:
        while True:
            self._sleep(GLANCE)
            for visitor, session in list(self._visitors.items()):
                try:
                    self._look_at(visitor, session)
                except Exception:  # one visitor's trouble must not keep the others waiting
                    log.exception("the way of a visitor could not go on")

    def _look_at(self, visitor: str, session: Visitor) -> None:
        now = self._clock.monotonic()
        paused = session.seat == "camera" and not self._perception.is_ready(visitor)
        if session.seat == "waiting" or paused:
            session.seen = now  # nobody can be seen at all: absence does not count
        self._change(visitor, lambda old: waited(old, session.seen, now, self._times))

    def _change(self, visitor: str, change: Callable[[VisitState], VisitState]) -> None:
        """Change a visitor's state, do what follows from it, and tell the page."""
        session = self._visitors.get(visitor)
        if session is None:
            return
        with session.turn:
            if self._visitors.get(visitor) is not session:
                return  # left in this moment
            with session.lock:
                old, session.visit_state = session.visit_state, change(session.visit_state)
                new = session.visit_state.state
            if session.visit_state is old:
                return
            stays = old.state in CONSENTED and new in CONSENTED
            if not stays:
                self._unseat(visitor, session)
                if new == "play":
                    self._seat(visitor, session)
                elif new == "replay":
                    session.seat = "replay"
            self._send(visitor, "way", {"state": new})
            if not stays and old.state in CONSENTED:
                self._on_visit(visitor, "ends", None)
            if not stays and new == "play":
                self._on_visit(visitor, "begins", session.token)
            if new == "attract":
                self._tell_whole_scene(visitor, self._performer)
                self._perform()
            elif not stays and old.state != new or new == "replay":
                self._tell_whole_scene(visitor, session)

    def _seat(self, visitor: str, session: Visitor) -> None:
        self._visits += 1
        with self._lock:
            session.seat = "camera" if self._perception.lend(visitor) else "waiting"
            if session.seat == "waiting":
                self._line.append(visitor)

    def _unseat(self, visitor: str, session: Visitor) -> None:
        """Give everything back and forget who was there."""
        with self._lock:
            seat, session.seat = session.seat, "none"
            if visitor in self._line:
                self._line.remove(visitor)
            if seat != "none":
                self._perception.give_back(visitor)
        with session.lock:
            session.begin()
        if seat != "none":
            self._send(visitor, "status", {"state": "stopped", "place": 0})
            self.advance_line()

    def advance_line(self) -> None:
        """A tracker set may have become free: the next in line gets it."""
        moved: list[str] = []
        with self._lock:
            while self._line and self._perception.lend(self._line[0]):
                visitor = self._line.pop(0)
                session = self._visitors.get(visitor)
                if session is None:  # left in this moment
                    self._perception.give_back(visitor)
                    continue
                with session.lock:
                    session.begin()
                session.seat = "camera"
                moved.append(visitor)
            moved += self._line
        for visitor in moved:
            self._tell_status(visitor)

    # -- what the page is told -------------------------------------------------

    def _show(self, visitor: str, session: Visitor, what: Reading | Command, now: float) -> None:
        """The next scene, with `session.lock` held."""
        before, session.scene = session.scene, step(session.scene, what, now, session.seed)
        packets = ()
        if isinstance(what, Reading):
            dt = session.scene.time - before.time
            session.recent_mixture = recent_mixture(session.recent_mixture, session.scene, dt)
            packets = (pack_points(what.landmarks),)
            if what.mask is not None:
                packets += (pack_mask(what.mask),)
        self._send(visitor, "scene", to_json(session.scene), *packets)
        if any(action.name == "capture" for action in session.scene.actions):
            visit_state = after(session.visit_state, "capture", self._clock.monotonic())
            if visit_state is not session.visit_state:
                session.visit_state = visit_state
                self._send(visitor, "way", {"state": visit_state.state})

    def _hand_over(self, visitor: str, recorder: Recorder) -> None:
        recording = recorder.recording()
        content = b"" if recording is None else to_bytes(recording)
        length = 0.0 if recording is None else recording.length
        self._send(visitor, "recorded", {"seconds": round(length, 1)}, content)

    def _tell_status(self, visitor: str) -> None:
        session = self._visitors.get(visitor)
        if session is None:
            return
        place = 0
        with self._lock:
            seat = session.seat
            if seat == "waiting":
                place = self._line.index(visitor) + 1
        if seat == "waiting":
            state = "waiting"
        elif seat == "camera":
            state = "ready" if self._perception.is_ready(visitor) else "paused"
        else:
            return
        self._send(visitor, "status", {"state": state, "place": place})

    def _tell_whole_scene(self, visitor: str, of: Visitor) -> None:
        with of.lock:
            self._send(visitor, "scene", to_json(with_reset(of.scene)))

    # -- recordings ------------------------------------------------------------

    def _perform(self) -> None:
        """Play to the unattended pages, unless that is going on."""
        with self._lock:
            starts, self._performing = not self._performing, True
        if starts:
            self._start_task(self._play_performance)

    def _play_performance(self) -> None:
        # One performance for all pages: a hundred of them cost as much as one.
        while True:
            recordings = list(self._recordings.values())
            first = secrets.randbelow(len(recordings))
            self._play(PERFORMER, recordings[first:] + recordings[:first], self._is_watched)
            self._perception.give_back(PERFORMER)
            with self._lock:
                if not self._is_watched():
                    self._performing = False
                    return

    def _is_watched(self) -> bool:
        return any(s.visit_state.state == "attract" for s in list(self._visitors.values()))

    def _show_performance(self, reading: Reading) -> None:
        performer = self._performer
        with performer.lock:
            now = reading.time - performer.started
            performer.scene = step(performer.scene, reading, now, performer.seed)
            # nobody is there who would want the picture
            actions = tuple(a for a in performer.scene.actions if a.name != "capture")
            scene = to_json(replace(performer.scene, actions=actions, countdown=None))
            points = pack_points(reading.landmarks)
            for visitor, session in list(self._visitors.items()):
                if session.visit_state.state == "attract":
                    self._send(visitor, "scene", scene, points)

    def _play(
        self, visitor: str, recordings: Iterable[Recording], goes_on: Callable[[], bool]
    ) -> None:
        """Have recordings read as if this visitor were seen, one after the other."""
        number, started = 0, time.monotonic()
        for recording in cycle(recordings):
            for landmarks in recording.played_at(started):
                self._sleep(max(landmarks.time - time.monotonic(), 0.0))
                if not goes_on():
                    return
                number += 1
                self._perception.replay(visitor, number, landmarks)
            started += recording.length
