"""The art process: `python -m server.art.worker FD WEIGHTS PIXELS SIZE DREAMS CRITIC ENGINE …`.

DREAMS is `none`, `small`, or `enlarged` where there are weights for it that may be used.  CRITIC
is `judges` where it looks at every picture, or `none`.  ENGINE is a name, or `NAME/live` for its
form for the living canvas.
Started by `service.py` with one end of a socket pair.  It does one thing at a time.  Only here
is torch loaded.

Messages in
    job               id, engine, threads, png, mixture (by name, or None), seed
    live              visitor, number, engine, threads, jpeg
    dream             page, id, number, threads, style, mixture, count, seed, picture, format
Messages out
    alive             between two things, and once a second
    ready             device
    progress          id, share (0 to 1); several a second while a job is worked on
    strokes           id, strokes (Painting.to_bytes): decided, before the picture is made of them
    done              id, png, seconds; or None: reference (a JPEG), scores (by name), look (a PNG)
    failed            id, code, reason
    painted           visitor, number, jpeg (None: that picture could not be read)
    dreamt            page, id, number, file (None: it could not be made)
"""

from __future__ import annotations

import logging
import os
import queue
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from PIL import Image

from datasets.folders import pictures
from datasets.pictures import BadPicture, read_rgb
from server import logs
from server.art.dreaming import ENLARGED, NONE, Dreaming
from server.art.emotion_engines import Judge
from server.art.engines import ENGINES, LIVE_FORM
from server.art.hands import Hands, longer_side
from server.art.mixtures import array_of
from server.art.picture import decode, encode, fitted
from server.art.task import JUDGES, Judged, Paint, Task
from server.channel import ALIVE, BEAT, Server

log = logging.getLogger("server.art.worker")

TICK = 0.25
"""Seconds between two reports of progress."""
ALMOST = 0.95
"""As far as an estimate may go."""
LIVE = 256
"""Pixels a side of the living canvas."""
NOBODY = array_of(None)
"""The living canvas follows nobody's mixture."""
DUSK = 0.15
"""Light that is left where the critic finds nothing."""
MOST_BYTES = 15_000_000
"""Of a finished picture: what the channel takes, and a little for what comes with it."""
LOOK = 160
"""Pixels of the longer side of what the critic has seen, which has no edges."""
NICENESS = 5
"""The visitors' movements come first."""


def main(
    descriptor: int,
    weights: Path,
    most_pixels: int,
    size: int,
    dreams: str,
    judges: bool,
    engines: list[str],
) -> None:
    logs.set_up("info")
    os.nice(NICENESS)
    messages: queue.SimpleQueue[dict] = queue.SimpleQueue()
    server = Server(descriptor, messages.put)
    worker = Worker(server, weights, most_pixels, size)
    worker.prepare(engines, dreams, judges)
    while True:
        try:
            message = messages.get(timeout=BEAT)
        except queue.Empty:
            server.alive()
        else:
            worker.do(message)
            server.alive()


class Worker:
    """Makes one picture after the other."""

    def __init__(self, server: Server, weights: Path, most_pixels: int, size: int) -> None:
        self._server = server
        self._weights = weights
        self._most_pixels = most_pixels
        self._size = size
        self._made: dict[tuple[str, bool], Paint] = {}
        self._pace: dict[tuple[str, int], float] = {}
        """Seconds that a megapixel takes, by engine and threads."""
        self._dreaming: Dreaming | None = None
        self._judge: Judge | None = None
        self._hands: Hands | None = None

    def prepare(self, engines: list[str], dreams: str = NONE, judges: bool = False) -> None:
        """Make the hands, every engine, the live forms that are named, what dreams and what judges.

        One that cannot be made is no reason to do without the others: whoever asks for it is
        told that it has failed.
        """
        with self._preparing("the hands"):
            self._hands = Hands()
        for name in engines:
            with self._preparing(name):
                self._engine(name.removesuffix(LIVE_FORM), live=name.endswith(LIVE_FORM))
        if dreams != NONE:
            with self._preparing("dreams"):
                self._dreaming = Dreaming(self._weights, enlarges=dreams == ENLARGED)
        if judges:
            with self._preparing("the critic"):
                self._judge = Judge(self._weights)
        self._server.send({"kind": "ready", "device": device()})

    @contextmanager
    def _preparing(self, what: str) -> Iterator[None]:
        try:
            yield
        except Exception:  # an engine, and its weights, may be anybody's
            log.exception("%s cannot be made; the others go on", what)
        self._server.send(ALIVE)

    def do(self, message: dict) -> None:
        act = {"job": self._paint, "live": self._paint_live, "dream": self._dream}[message["kind"]]
        act(**{k: v for k, v in message.items() if k != "kind"})

    def _paint(
        self,
        id: str,
        engine: str,
        threads: int,
        png: bytes,
        mixture: dict[str, float] | None,
        seed: int,
    ) -> None:
        began = time.monotonic()
        try:
            capture = fitted(decode(png, "PNG", self._most_pixels), self._size)
            with Ticker(self._server, id, self._expected(engine, threads, capture)) as ticker:
                task = Task(array_of(mixture), seed, threads, ticker.report)
                made = self._engine(engine, live=False)(capture, task)
                if ENGINES[engine].painted:
                    made = self._painted(id, made, capture, task)
                picture, scores, look = self._judged(made, threads)
            answer = encode(picture, "PNG", compress_level=4)
            seen = {"scores": scores, "look": None if look is None else shade(look)}
            if len(answer) > MOST_BYTES:
                raise ValueError(f"{len(answer)} bytes for a picture; {MOST_BYTES} is the most")
        except BadPicture as error:
            self._fail(id, "bad-capture", str(error))
        except MemoryError as error:
            self._fail(id, "no-memory", str(error))
        except RuntimeError as error:
            code = "no-memory" if is_out_of_memory(error) else "engine-failed"
            log.exception("the engine %s failed", engine)
            give_memory_back()
            self._fail(id, code, str(error))
        except Exception as error:  # an engine may be anybody's
            log.exception("the engine %s failed", engine)
            self._fail(id, "engine-failed", str(error))
        else:
            seconds = time.monotonic() - began
            self._pace[engine, threads] = seconds / capture[..., 0].size * 1e6
            reference = reference_for(id, ENGINES[engine].target, picture.shape[:2])
            done = {"kind": "done", "id": id, "png": answer, "seconds": seconds}
            self._server.send({**done, "reference": reference, **seen})

    def _painted(self, id: str, picture: np.ndarray, capture: np.ndarray, task: Task) -> np.ndarray:
        """The picture of the strokes laid over `picture`; the strokes travel first."""
        if self._hands is None:  # why was said at the start
            raise RuntimeError("there are no hands to paint with")
        painting = self._hands.strokes(picture, capture, task)
        self._server.send({"kind": "strokes", "id": id, "strokes": painting.to_bytes()})
        return painting.render(longer_side(painting))

    def _judged(
        self, made: np.ndarray | Judged, threads: int
    ) -> tuple[np.ndarray, Mapping[str, float] | None, np.ndarray | None]:
        """Picture, scores and look: an engine's own, or the critic's where there is one."""
        if isinstance(made, Judged):
            return made
        if self._judge is None:
            return made, None, None
        try:
            return self._judge(made, threads)
        except Exception:  # such as no memory: the picture is made all the same
            log.exception("the critic failed")
            give_memory_back()
            return made, None, None

    def _fail(self, id: str, code: str, reason: str) -> None:
        self._server.send({"kind": "failed", "id": id, "code": code, "reason": reason[:300]})

    def _paint_live(
        self, visitor: str, number: int, engine: str, threads: int, jpeg: bytes
    ) -> None:
        try:
            picture = decode(jpeg, "JPEG", LIVE * LIVE)
            if picture.shape != (LIVE, LIVE, 3):
                raise BadPicture(f"the living canvas is {LIVE}×{LIVE}")
            painted = self._engine(engine, live=True)(picture, Task(NOBODY, 0, threads))
            answer = encode(painted, "JPEG", quality=88)
        except BadPicture:
            answer = None
        except Exception:  # an engine may be anybody's
            log.exception("the live form of the engine %s failed", engine)
            answer = None
        message = {"kind": "painted", "visitor": visitor, "number": number, "jpeg": answer}
        self._server.send(message)

    def _dream(self, page: str, id: int, number: int, **asked: object) -> None:
        try:
            # None: why it could not be made was said at the start, and not again for each wish
            file = self._dreaming and self._dreaming(**asked)
        except Exception:  # such as no memory: the page is told, and asks again
            log.exception("a dream failed")
            give_memory_back()
            file = None
        message = {"kind": "dreamt", "page": page, "id": id, "number": number, "file": file}
        self._server.send(message)

    def _engine(self, name: str, live: bool) -> Paint:
        if (name, live) not in self._made:
            engine = ENGINES[name]
            self._made[name, live] = (engine.live if live else engine.make)(self._weights)
        return self._made[name, live]

    def _expected(self, engine: str, threads: int, capture: np.ndarray) -> float:
        """Seconds that this job will take, by the last one like it; at first, a guess."""
        return self._pace.get((engine, threads), 8.0) * capture[..., 0].size / 1e6


class Ticker:
    """Tells how far a job is several times a second: what the engine says, or an estimate."""

    def __init__(self, server: Server, job: str, expected: float) -> None:
        self._server, self._job, self._expected = server, job, max(expected, 0.05)
        self._told = 0.0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._tick, daemon=True)

    def report(self, share: float) -> None:
        self._told = max(self._told, min(share, ALMOST))

    def __enter__(self) -> Ticker:
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._over.set()
        self._thread.join()

    def _tick(self) -> None:
        began = time.monotonic()
        while not self._over.wait(TICK):
            estimate = min((time.monotonic() - began) / self._expected, 1.0) * ALMOST
            share = self._told or estimate
            self._server.send({"kind": "progress", "id": self._job, "share": share})


def reference_for(job: str, target: str | None, shape: tuple[int, int]) -> bytes | None:
    """One picture of the target set, as a JPEG no larger than the picture of `shape`; drawn by
    the job's id, so that it stays the same.  None where the set is not on this machine."""
    if target is None:
        return None
    try:
        files = pictures(target).files
        image = Image.fromarray(read_rgb(files[int(job, 16) % len(files)]))
        image.thumbnail((shape[1], shape[0]))
        return encode(np.asarray(image), "JPEG", quality=90)
    except (OSError, ValueError) as error:
        log.info("no reference picture: %s", error)
        return None


def shade(look: np.ndarray) -> bytes:
    """Where the critic has looked, [h, w] from 0 to 1, as a PNG to be laid over the picture:
    black, and opaque where there is nothing to see."""
    alpha = Image.fromarray((255 * (1 - DUSK) * (1 - look)).astype(np.uint8))
    alpha.thumbnail((LOOK, LOOK))
    return encode(np.asarray(Image.merge("LA", (Image.new("L", alpha.size), alpha))), "PNG")


def device() -> str:
    """Where networks run; where there are none, torch need not be loaded to know."""
    torch = sys.modules.get("torch")
    return torch.cuda.get_device_name(0) if torch and torch.cuda.is_available() else "processor"


def is_out_of_memory(error: RuntimeError) -> bool:
    """torch says it by its own class on a GPU, and in words on the processor."""
    import torch

    words = ("out of memory", "allocate memory", "bad_alloc", "not enough memory")
    return isinstance(error, torch.OutOfMemoryError) or any(w in str(error) for w in words)


def give_memory_back() -> None:
    import torch

    if torch.cuda.is_available():
        torch.cuda.empty_cache()


def start(words: Sequence[str]) -> None:
    descriptor, weights, most_pixels, size, dreams, judges, *engines = words
    numbers = int(descriptor), Path(weights), int(most_pixels), int(size)
    main(*numbers, dreams, judges == JUDGES, engines)


if __name__ == "__main__":
    start(sys.argv[1:])
