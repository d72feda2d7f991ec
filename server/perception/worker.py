"""The perception process: `python -m server.perception.worker FD SETS PIXELS EMOTION`.

Started by `service.py` with one end of a socket pair.  It imports no torch.

Messages in
    give_back         visitor (whoever sends a frame is lent a tracker set)
    frame             visitor, number, time, jpeg, crop, mask, workshop
    landmarks         visitor, number, time, landmarks (a recording plays)
    portrait          id, png: a picture of the visitor's own, whose expression is asked for
    teach             taught, draft: folders of taught poses from now on, or ""; always the first
Messages out
    alive             between two frames
    ready             sets (built so far)
    taken, dropped    visitor, number
    bad               visitor, number, reason, costly (it took long, or would have)
    reading           visitor, reading
    portrait          id, expression (None: no face, or none is read), bad (why it is no picture)
    taught            taught, draft: what is used now; problems
"""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from models.pose.taught import TaughtClassifier
from models.registry import ModelError
from server.channel import Server
from server.markers import CostlyPicture
from server.perception.latest_frames import Frame, LatestFrames
from server.perception.picture import BadPicture, decode
from server.perception.segmenter import Segmenter
from server.perception.trackers import TrackerSet
from server.perception.wire import pack_reading, unpack_landmarks

if TYPE_CHECKING:
    from server.perception.portrait import Portraits
    from server.perception.reader import Classifiers


def main(descriptor: int, sets: int, most_pixels: int, emotion: bool) -> None:
    silence_trackers()
    worker = Worker(descriptor, most_pixels)
    threading.Thread(target=worker.build, args=(sets,), daemon=True).start()
    worker.work(emotion)


def silence_trackers() -> None:
    """MediaPipe's C++ writes dozens of lines to stderr; keep Python's own errors."""
    sys.stderr = os.fdopen(os.dup(2), "w", buffering=1)
    with open(os.devnull, "w") as nowhere:
        os.dup2(nowhere.fileno(), 2)


class Worker:
    """Reads the newest frames of its visitors, in fair turns."""

    def __init__(self, descriptor: int, most_pixels: int) -> None:
        self._most_pixels = most_pixels
        self._frames = LatestFrames(self._dropped)
        self._free: list[TrackerSet] = []
        self._lent: dict[str, TrackerSet] = {}
        self._readers: dict = {}
        self._segmenter: Segmenter | None = None
        self._given_back: list[str] = []
        self._shown: list[dict] = []
        """Portraits that wait."""
        self._portraits: Portraits | None = None
        self._classifiers: Classifiers | None = None
        self._classifiers_loaded = threading.Event()
        self._taught, self._built = threading.Event(), threading.Event()
        """For the first time."""
        self._teacher = ThreadPoolExecutor(1)
        """Loads taught poses while frames go on being read."""
        self._server = Server(descriptor, self._hear)

    def _hear(self, message: dict) -> None:
        kind, visitor = message["kind"], message.get("visitor", "")
        if kind == "teach":
            self._teacher.submit(self._teach, message["taught"], message["draft"])
        elif kind == "portrait":
            self._shown.append(message)
            self._frames.wake()
        elif kind == "give_back":
            self._frames.forget(visitor)
            self._given_back.append(visitor)
            self._frames.wake()
        else:
            self._frames.put(Frame(**{k: v for k, v in message.items() if k != "kind"}))

    def build(self, sets: int) -> None:
        """Build the pool; the first set serves while the others are made."""
        aside = ThreadPoolExecutor(1)
        for built in range(1, sets + 1):
            self._free.append(TrackerSet(aside))
            self._frames.wake()
            self._taught.wait()
            self._server.send({"kind": "ready", "sets": built})
            self._built.set()

    def work(self, emotion: bool) -> None:
        from server.perception.reader import Classifiers, Reader

        self._classifiers = Classifiers(emotion)
        self._classifiers_loaded.set()
        self._built.wait()
        while True:
            self._server.alive()
            self._take_back()
            self._look_at_portraits()
            frame = self._frames.wait_next(time.monotonic, self._can_read)
            if frame is None:
                continue
            self._server.send({"kind": "taken", "visitor": frame.visitor, "number": frame.number})
            if frame.visitor not in self._readers:
                self._readers[frame.visitor] = Reader(self._classifiers, frame.workshop)
            self._read(frame, self._readers[frame.visitor])

    def _teach(self, taught: str, draft: str) -> None:
        """Load taught poses; where that is not possible, those that ship go on alone."""
        problems = []
        self._classifiers_loaded.wait()

        def load(folder: str) -> TaughtClassifier | None:
            try:
                return TaughtClassifier.load(Path(folder)) if folder else None
            except (ModelError, OSError) as error:
                problems.append(str(error))
                return None

        live = load(taught)
        newest = live if draft == taught else load(draft)
        self._classifiers.taught, self._classifiers.draft = live, newest
        news = {"taught": taught if live else "", "draft": draft if newest else ""}
        self._server.send({"kind": "taught", **news, "problems": problems})
        self._taught.set()

    def _can_read(self, frame: Frame) -> bool:
        return bool(frame.landmarks or frame.visitor in self._lent or self._free)

    def _read(self, frame: Frame, reader) -> None:
        picture = mask = None
        if frame.landmarks is not None:
            landmarks = unpack_landmarks(frame.landmarks)
        else:
            try:
                picture = decode(frame.jpeg, self._most_pixels)
            except BadPicture as error:
                costly = isinstance(error, CostlyPicture)
                self._answer(frame, {"kind": "bad", "reason": str(error), "costly": costly})
                return
            if frame.visitor not in self._lent:
                self._lent[frame.visitor] = self._free.pop()
            landmarks = self._lent[frame.visitor].track(picture, frame.time)
            if frame.mask:
                self._segmenter = self._segmenter or Segmenter()
                mask = self._segmenter.mask(picture)
        reading = reader.read(frame.number, landmarks, picture, frame.crop, mask)
        self._answer(frame, {"kind": "reading", "reading": pack_reading(reading)})

    def _look_at_portraits(self) -> None:
        from server.perception.portrait import Portraits

        while self._shown:
            message = self._shown.pop(0)
            self._portraits = self._portraits or Portraits(self._classifiers)
            expression, bad = None, ""
            try:
                expression = self._portraits.read(message["png"])
            except BadPicture as error:
                bad = str(error)
            about = {"id": message["id"], "bad": bad}
            self._server.send(
                {"kind": "portrait", **about, "expression": expression and asdict(expression)}
            )

    def _answer(self, frame: Frame, message: dict) -> None:
        self._server.send({"visitor": frame.visitor, "number": frame.number, **message})

    def _dropped(self, frame: Frame) -> None:
        self._answer(frame, {"kind": "dropped"})

    def _take_back(self) -> None:
        while self._given_back:
            visitor = self._given_back.pop()
            self._readers.pop(visitor, None)
            trackers = self._lent.pop(visitor, None)
            if trackers is not None:
                trackers.forget()
                self._free.append(trackers)


def start(words: Sequence[str]) -> None:
    descriptor, sets, most_pixels, emotion = words
    main(int(descriptor), int(sets), int(most_pixels), emotion == "emotion")


if __name__ == "__main__":
    start(sys.argv[1:])
