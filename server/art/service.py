"""The server's side of art: the queue of jobs, and the worker processes that do them.

Workers on other hosts would come in here: `_Worker` is all that `Art` knows of a worker
(ready, idle, `send`, and the messages of worker.py that come back).  With Celery, `send`
would be `paint.apply_async` on a queue with the broker's address as a setting, the
messages back would be the task's `update_state` and result, read from the result backend,
and cancelling `revoke`; `JobQueue`, the gallery and the page stay as they are.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, Protocol

from server.art.dreaming import ENLARGED, NONE, SMALL
from server.art.emotion_engines import CRITIC, UPSCALER
from server.art.engines import LIVE_FORM, has_live, is_usable
from server.art.generation_requests import GenerationRequest, GenerationRequests
from server.art.jobs import Job, JobQueue
from server.art.task import JUDGES
from server.art.throttle import Throttle
from server.process import Child, Process, Supervisor
from server.settings import Settings
from server.values import Made

log = logging.getLogger(__name__)

MOST_PIXELS = 4096 * 2304
"""Of a capture."""
MOST_JOBS, MOST_OF_ADDRESS, MOST_OF_VISIT = 24, 12, 3
"""In the queue; of one address beyond the first of each visit; and of one visit."""
TIMEOUT = 120.0
"""Seconds after which a job that is still worked on is given up."""
SILENT = 15.0
"""Seconds a working worker may do nothing before it is replaced."""
HOPELESS = 3
"""Starts in vain after which the jobs that wait have failed."""
GLANCE = 0.5
"""Seconds between two looks at jobs that take too long."""
STALE = 0.5
"""Seconds after which a picture for the living canvas is worth nothing any more."""


class Capture(NamedTuple):
    """What a picture is made of."""

    png: bytes
    mixture: Mapping[str, float] | None
    """The visitor's; None where no expression is read."""
    seed: int


class Listener(Protocol):
    """Who keeps captures and pictures.  Called from background tasks."""

    def capture_of(self, job: Job) -> Capture:
        """What the job is about.  Raises OSError when it is gone."""

    def on_strokes(self, job: Job, strokes: bytes) -> None:
        """Keep what the picture will be made of.  Raises OSError when there is no room."""

    def on_picture(self, job: Job, made: Made) -> None:
        """Keep the finished picture.  Raises OSError when there is no room."""

    def on_job(self, job: Job, place: int) -> None:
        """State, progress or place of a job have changed."""

    def on_live(self, visitor: str, number: int, jpeg: bytes | None) -> None:
        """A picture of the living canvas; None when it was dropped."""


OnDream = Callable[[str, str, dict, bytes | None], None]
"""Told of dreams: page, event, what about it, and the file of a picture; docs/protocol.md has the
events.  Called from background tasks."""


@dataclass(frozen=True, slots=True)
class LivePicture:
    """The newest picture of one visitor's living canvas."""

    number: int
    engine: str
    jpeg: bytes
    time: float


class Art:
    """The queue, and one worker process per GPU, or one on the processor."""

    def __init__(
        self,
        settings: Settings,
        engines: Sequence[str],
        start_task: Callable,
        sleep: Callable,
        supervisor: Supervisor,
        delay: Callable[[], float | None],
        dreams: bool = False,
    ) -> None:
        """`delay()` is how many seconds a Reading takes just now; None while nobody is tracked.
        `dreams`: the workers can dream, too."""
        self.engines = tuple(engines)
        self._delay = delay
        self._spared = settings.perception_workers
        self._start_task, self._sleep = start_task, sleep
        places = gpus() if engines or dreams else []
        self._workers = [
            _Worker(index, gpu, engines, dreams, settings, self) for index, gpu in enumerate(places)
        ]
        self._queue = JobQueue(MOST_JOBS, MOST_OF_ADDRESS, MOST_OF_VISIT)
        self._lock = threading.RLock()
        """Guards the queue, the living canvases, the requests and what each worker does."""
        self._live: dict[str, LivePicture] = {}
        self._requests = GenerationRequests()
        self._dreamt = False
        """The last of the two was a dream, not a living canvas."""
        self._throttle = Throttle()
        self._last_live = self._next_live = self._last_dream = 0.0
        self._made = 0
        self._supervisor = supervisor
        self._listener: Listener
        self._on_dream: OnDream

    def start(self, listener: Listener, on_dream: OnDream = lambda *_: None) -> None:
        """Start every worker."""
        self._listener, self._on_dream = listener, on_dream
        for worker in self._workers:
            self._supervisor.start(worker.process)
        if self._workers:
            self._start_task(self._watch)
            self._start_task(self._paint_live)
            self._start_task(self._dream_on)

    def add(self, job: Job) -> None:
        """A job joins the queue; the listener hears of it from now on.  Raises QueueFull."""
        with self._lock:
            self._queue.add(job)
        self._listener.on_job(job, self._place(job))
        self._go_on()

    def has_room(self, visit: str, address: str) -> None:
        """Raises QueueFull where `add` would."""
        with self._lock:
            self._queue.check(visit, address)

    def job(self, id: str) -> tuple[Job, int] | None:
        """A job that is not over, and its place."""
        with self._lock:
            job = self._queue.get(id)
            return job and (job, self._queue.place(id))

    def before(self, job: str) -> int:
        """How many pictures of other visits are made before this one."""
        with self._lock:
            return self._queue.before(job)

    def cancel(self, job: str) -> None:
        """Nobody wants this picture any more; what a worker still makes of it is dropped."""
        with self._lock:
            cancelled = self._queue.end(job, "cancelled")
        if cancelled:
            self._tell(cancelled)

    def forget(self, visit: str) -> None:
        """The visit is over: nobody is told of its jobs any more."""
        with self._lock:
            for job in self._queue.of(visit):
                self._queue.end(job.id, "cancelled")
        self._tell_places()

    def paint_live(self, visitor: str, number: int, engine: str, jpeg: bytes) -> None:
        """Translate one small picture; a newer one takes the place of one that waits."""
        picture = LivePicture(number, engine, jpeg, time.monotonic())
        with self._lock:
            before = self._live.get(visitor)
            self._live[visitor] = picture
            self._last_live = picture.time
        if before:
            self._listener.on_live(visitor, before.number, None)

    def generate(self, page: str, request: GenerationRequest, address: str = "") -> None:
        """Make the pictures of a request, one by one; the newest of a page takes the place of
        what it has wanted before."""
        with self._lock:
            self._last_dream = time.monotonic()
            self._requests.put(page, request, self._last_dream, address)

    def stop_generating(self, page: str) -> None:
        """The page wants nothing any more."""
        with self._lock:
            self._requests.forget(page)

    def health(self) -> dict:
        """For `/health` and the desk."""
        with self._lock:
            waiting = len(self._queue)
        workers = [worker.health() for worker in self._workers]
        return {"workers": workers, "jobs": waiting, "made": self._made}

    # -- what is done next -----------------------------------------------------

    def _go_on(self) -> None:
        """Give the next jobs to the workers that have nothing to do."""
        while begun := self._begin_next():
            worker, job = begun
            self._tell(job)
            try:
                capture = self._listener.capture_of(job)
            except OSError as error:
                log.warning("a capture is gone: %s", error)
                worker.done()
                self._end(job.id, "failed", "capture-lost")
                continue
            about = {"id": job.id, "engine": job.engine, "threads": self._threads()}
            worker.send({"kind": "job", **about, **capture._asdict()})

    def _begin_next(self) -> tuple[_Worker, Job] | None:
        with self._lock:
            worker = next((worker for worker in self._workers if worker.idle), None)
            job = self._queue.begin_next(time.monotonic()) if worker else None
            if job is None:
                return None
            worker.begin(job.id)
            return worker, job

    def _paint_live(self) -> None:
        """Pass the living canvases' pictures on, while there is time for them."""
        while True:
            self._sleep(0.005 if time.monotonic() - self._last_live < STALE else 0.1)
            now = time.monotonic()
            with self._lock:
                late = {v: p for v, p in self._live.items() if now - p.time > STALE}
                for visitor in late:
                    del self._live[visitor]
                worker = next((worker for worker in self._workers if worker.idle), None)
                free = worker and now >= self._next_live and not self._queue.waiting()
                free = free and not (self._requests and not self._dreamt)
                chosen = next(iter(self._live), None) if free else None
                if chosen is not None:
                    picture = self._live.pop(chosen)
                    worker.begin(None)
                    self._begin_small(now, dream=False)
            for visitor, picture_late in late.items():
                self._listener.on_live(visitor, picture_late.number, None)
            if chosen is not None:
                worker.send(
                    {
                        "kind": "live",
                        "visitor": chosen,
                        "number": picture.number,
                        "engine": picture.engine,
                        "threads": self._threads(),
                        "jpeg": picture.jpeg,
                    }
                )

    def _dream_on(self) -> None:
        """Make what is dreamt of when no job waits, turn about with the living canvases."""
        while True:
            lively = self._requests or time.monotonic() - self._last_dream < STALE
            self._sleep(0.005 if lively else 0.1)
            now = time.monotonic()
            with self._lock:
                late = self._requests.late(now)
                worker = next((worker for worker in self._workers if worker.idle), None)
                free = worker and now >= self._next_live and not self._queue.waiting()
                free = free and not (self._live and self._dreamt)
                taken = self._requests.begin_next() if free else None
                if taken is not None:
                    page, request, number = taken
                    worker.begin(None, (page, request.id))
                    self._begin_small(now, dream=True)
            for waiting, id in late:
                self._on_dream(waiting, "waiting", {"id": id}, None)
            if taken is not None:
                about = {"kind": "dream", "page": page, "id": request.id, "number": number}
                worker.send({**about, "threads": self._threads(), **request.message(number)})

    def _begin_small(self, now: float, dream: bool) -> None:
        """A worker begins with something small; the next such thing may be begun after a pause
        that leaves the tracker its time."""
        self._dreamt = dream
        self._throttle.learn(self._delay() or 0.0)
        self._next_live = now + self._throttle.pause

    def _threads(self) -> int:
        """Processor threads of a worker: all, or what perception leaves while it watches."""
        spared = 0 if self._delay() is None else self._spared
        return max(cores() - spared, 1)

    # -- what workers say ------------------------------------------------------

    def lost(self, worker: _Worker) -> None:
        """A worker has ended: its job waits once more, or has failed, and its dream, too."""
        job, dream = worker.job, worker.dream
        worker.done()
        if job is not None:
            with self._lock:
                lost = self._queue.lost(job)
            if lost:
                self._tell(lost)
        if dream is not None:
            with self._lock:
                failed = self._requests.lost(*dream)
            if failed:
                self._on_dream(dream[0], "failed", {"id": dream[1]}, None)
        hopeless = worker.process.in_vain >= HOPELESS
        if hopeless and not any(worker.process.ready for worker in self._workers):
            with self._lock:
                waiting, dreams = self._queue.waiting(), self._requests.clear()
            for one in waiting:
                self._end(one.id, "failed", "engine-failed")
            for page, id in dreams:
                self._on_dream(page, "failed", {"id": id}, None)

    def hear(self, worker: _Worker, message: dict) -> None:
        """A worker says something."""
        match message["kind"]:
            case "ready":
                log.info("%s is ready on the %s", worker.process.child.name, message["device"])
            case "progress":
                with self._lock:
                    job = self._queue.report(message["id"], message["share"])
                if job:
                    self._listener.on_job(job, 0)
                return
            case "strokes":
                self._keep_strokes(message["id"], message["strokes"])
                return
            case "done":
                worker.done()
                self._keep(message)
            case "failed":
                worker.done()
                log.warning("a picture failed (%s): %s", message["code"], message["reason"])
                self._end(message["id"], "failed", message["code"])
            case "painted":
                worker.done()
                self._listener.on_live(message["visitor"], message["number"], message["jpeg"])
            case "dreamt":
                worker.done()
                self._show(message)
        self._go_on()

    def _show(self, message: dict) -> None:
        """Hand on what was dreamt, unless its page has turned to something else."""
        page, id, file = message["page"], message["id"], message["file"]
        with self._lock:
            request = self._requests.end_answer(page, id, time.monotonic())
            if request and file is None:
                self._requests.forget(page)
        if request is None:
            return
        if file is None:
            self._on_dream(page, "failed", {"id": id}, None)
            return
        about = {"id": id, "number": message["number"], "of": request.length}
        self._on_dream(page, "dreamt", {**about, "form": request.form}, file)

    def _keep_strokes(self, id: str, strokes: bytes) -> None:
        with self._lock:
            job = self._queue.get(id)
        if job is None:
            return  # cancelled, or its visit is over
        try:
            self._listener.on_strokes(job, strokes)
        except OSError as error:  # the picture comes all the same, or says so itself
            log.error("strokes could not be kept: %s", error)
        else:
            self._listener.on_job(job, 0)

    def _keep(self, message: dict) -> None:
        with self._lock:
            job = self._queue.get(message["id"])
        if job is None:
            return  # cancelled, or its visit is over
        try:
            self._listener.on_picture(job, Made(*(message[part] for part in Made._fields)))
        except OSError as error:
            log.error("a picture could not be kept: %s", error)
            self._end(job.id, "failed", "no-space")
            return
        self._made += 1
        log.info("a picture by %s in %.1f s", job.engine, message["seconds"])
        self._end(job.id, "done")

    def _watch(self) -> None:
        """Give up what takes too long."""
        while True:
            self._sleep(GLANCE)
            with self._lock:
                overdue = self._queue.overdue(time.monotonic(), TIMEOUT)
                ended = [self._queue.end(job.id, "expired", "timeout") for job in overdue]
                late = [w for w in self._workers if any(w.job == job.id for job in overdue)]
            for worker in late:
                worker.process.kill()
            for job in ended:
                self._tell(job)

    # -- what the listener hears -----------------------------------------------

    def _end(self, job: str, state: str, code: str = "") -> None:
        with self._lock:
            ended = self._queue.end(job, state, code)
        if ended:
            self._tell(ended)

    def _tell(self, job: Job) -> None:
        """This job has changed, and with it perhaps the places of those that wait."""
        self._listener.on_job(job, self._place(job))
        self._tell_places(but=job.id)

    def _tell_places(self, but: str = "") -> None:
        with self._lock:
            waiting = list(enumerate(self._queue.waiting(), 1))
        for place, job in waiting:
            if job.id != but:
                self._listener.on_job(job, place)

    def _place(self, job: Job) -> int:
        with self._lock:
            return self._queue.place(job.id)


class _Worker:
    """One child process at a time."""

    def __init__(
        self,
        index: int,
        gpu: str,
        engines: Sequence[str],
        dreams: bool,
        settings: Settings,
        art: Art,
    ) -> None:
        self.busy = False
        self.job: str | None = None
        """What it works on, when that is a job."""
        self.dream: tuple[str, int] | None = None
        """Page and dream, when it is one."""
        self._device = ""
        self._art = art
        words = [str(settings.weights), str(MOST_PIXELS), str(settings.picture_size)]
        enlarged = ENLARGED if is_usable(settings, UPSCALER) else SMALL
        # without expressions nobody's picture is called sad, either
        judges = settings.emotion and is_usable(settings, CRITIC)
        words += [enlarged if dreams else NONE, JUDGES if judges else NONE, *engines]
        words += [name + LIVE_FORM for name in engines if has_live(settings, name)]
        child = Child(
            f"art worker {index}",
            "server.art.worker",
            tuple(words),
            {"CUDA_VISIBLE_DEVICES": gpu} if gpu else {},
            silent=SILENT,
            longest=2 * TIMEOUT * cores(),
        )
        self.process = Process(child, self)

    @property
    def idle(self) -> bool:
        return self.process.ready and not self.busy

    def begin(self, job: str | None, dream: tuple[str, int] | None = None) -> None:
        self.busy, self.job, self.dream = True, job, dream

    def done(self) -> None:
        self.busy, self.job, self.dream = False, None, None

    def send(self, message: dict) -> None:
        self.process.send(message)

    def on_begun(self) -> None:
        """It prepares itself."""

    def on_message(self, message: dict) -> None:
        self._device = message.get("device", self._device)
        self._art.hear(self, message)

    def on_lost(self) -> None:
        self._art.lost(self)

    def health(self) -> dict:
        return {**self.process.health(), "device": self._device, "busy": self.busy}


def cores() -> int:
    """Processors that this process may use."""
    affinity = hasattr(os, "sched_getaffinity")
    return len(os.sched_getaffinity(0)) if affinity else os.cpu_count() or 1


def gpus() -> list[str]:
    """One place for a worker per NVIDIA GPU, named for CUDA_VISIBLE_DEVICES; else one without."""
    chosen = os.environ.get("CUDA_VISIBLE_DEVICES")
    if chosen is not None:
        return [name for name in chosen.split(",") if name] or [""]
    count = len(list(Path("/proc/driver/nvidia/gpus").glob("*")))
    return [str(number) for number in range(count)] or [""]
