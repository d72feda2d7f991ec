"""Jobs, and the queue they wait in: rules alone, without threads, clocks or sockets.

queued ─begin──▶ working ──▶ done
  │  ▲              │  └───▶ failed
  │  └──lost once───┘
  └──────────▶ cancelled ◀──┘      expired: it was worked on for too long
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace

TRIES = 2
"""How often a job is begun: once more when its worker died."""
OVER = ("done", "failed", "cancelled", "expired")
"""A job in one of these states changes no more."""


class QueueFull(Exception):
    """There is no room for another job; `code` is `full`, or `enough` for this visit alone."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class Job:
    """A capture on its way to become a picture."""

    id: str
    """The Artwork's, too: 32 hexadecimal digits."""
    visit: str
    """Who waits for it."""
    engine: str
    state: str = "queued"
    """queued, working, done, failed, cancelled or expired."""
    progress: float = 0.0
    """0 to 1, as the worker tells."""
    tries: int = 0
    """How often it was begun."""
    began: float = 0.0
    """When it was last begun, in seconds of the caller's clock."""
    code: str = ""
    """Why it failed: a word of docs/protocol.md."""
    address: str = ""
    """Where it came from; turns are fair between addresses, and there between visits."""


class JobQueue:
    """The jobs that wait and those that are worked on.

    Fair: of all addresses that wait, the one served longest ago is next, and of its visits the one
    served longest ago, however many jobs the others have; a job whose worker died goes first.
    Nobody can fill it: an address has its own limit, and a visit without a job always gets in,
    unless its own address alone has as many as the whole queue should.
    """

    def __init__(self, most: int, most_of_address: int, most_of_visit: int) -> None:
        self._most, self._most_of_address = most, most_of_address
        self._most_of_visit = most_of_visit
        self._jobs: dict[str, Job] = {}
        self._served: dict[str, int] = {}
        """When each visit, and each address, was last served, in turns."""
        self._turns = 0

    def check(self, visit: str, address: str = "") -> None:
        """Raises QueueFull when there is no room for another job of this visit."""
        own = len(self.of(visit))
        near = sum(job.address == address for job in self._jobs.values())
        if own >= self._most_of_visit:
            raise QueueFull("enough", f"{self._most_of_visit} pictures at a time are enough.")
        is_full = len(self._jobs) >= self._most or near >= self._most_of_address
        if near >= self._most if own == 0 else is_full:
            raise QueueFull("full", "Many pictures are being made just now. Try again in a minute.")

    def add(self, job: Job) -> None:
        """Raises QueueFull."""
        self.check(job.visit, job.address)
        self._jobs[job.id] = job

    def get(self, job: str) -> Job | None:
        return self._jobs.get(job)

    def waiting(self) -> list[Job]:
        """The queued jobs in the order in which they will be taken."""
        queued = [job for job in self._jobs.values() if job.state == "queued"]
        by_visit = self._in_turns(queued, lambda job: job.visit)
        return self._in_turns(by_visit, lambda job: f"at {job.address}")

    def _in_turns(self, jobs: list[Job], whose: Callable[[Job], str]) -> list[Job]:
        """One of each owner after the other, the one served longest ago first."""
        rounds: Counter[str] = Counter()
        keyed = []
        for order, job in enumerate(jobs):
            owner = whose(job)
            turn = (job.tries == 0, rounds[owner], self._served.get(owner, 0), order)
            rounds[owner] += 1
            keyed.append((turn, job))
        return [job for _, job in sorted(keyed, key=lambda one: one[0])]

    def working(self) -> list[Job]:
        return [job for job in self._jobs.values() if job.state == "working"]

    def place(self, job: str) -> int:
        """1 is next, and so on; 0 when it does not wait."""
        return next((n for n, one in enumerate(self.waiting(), 1) if one.id == job), 0)

    def before(self, job: str) -> int:
        """How many jobs of other visits are worked on or will be before this one; 0 when it does
        not wait."""
        place = self.place(job)
        if not place:
            return 0
        ahead = [*self.working(), *self.waiting()[: place - 1]]
        return sum(one.visit != self._jobs[job].visit for one in ahead)

    def begin_next(self, now: float) -> Job | None:
        """The next job, from now on worked on."""
        waiting = self.waiting()
        if not waiting:
            return None
        job = waiting[0]
        self._turns += 1
        self._served[job.visit] = self._served[f"at {job.address}"] = self._turns
        return self._change(job, state="working", tries=job.tries + 1, began=now, progress=0.0)

    def report(self, job: str, progress: float) -> Job | None:
        """The worker tells how far it is; None when nobody wants to know any more."""
        one = self._jobs.get(job)
        if one is None or one.state != "working" or progress <= one.progress:
            return None
        return self._change(one, progress=min(progress, 1.0))

    def end(self, job: str, state: str, code: str = "") -> Job | None:
        """The job leaves the queue as `state`, one of OVER; None when it has left before."""
        if state not in OVER:
            raise ValueError(f"a job ends as {', '.join(OVER)}, not as {state!r}")
        one = self._jobs.pop(job, None)
        if one is None:
            return None
        if all(other.visit != one.visit for other in self._jobs.values()):
            self._served.pop(one.visit, None)
        if all(other.address != one.address for other in self._jobs.values()):
            self._served.pop(f"at {one.address}", None)
        return replace(one, state=state, code=code, progress=1.0 if state == "done" else 0.0)

    def lost(self, job: str) -> Job | None:
        """Its worker died: it waits once more, or has failed."""
        one = self._jobs.get(job)
        if one is None:
            return None
        if one.tries < TRIES:
            return self._change(one, state="queued", progress=0.0)
        return self.end(job, "failed", "worker-lost")

    def overdue(self, now: float, most: float) -> list[Job]:
        """Jobs that have been worked on for more than `most` seconds."""
        return [job for job in self.working() if now - job.began > most]

    def of(self, visit: str) -> list[Job]:
        return [job for job in self._jobs.values() if job.visit == visit]

    def __len__(self) -> int:
        return len(self._jobs)

    def _change(self, job: Job, **news: object) -> Job:
        self._jobs[job.id] = replace(job, **news)
        return self._jobs[job.id]
