"""The pictures of every visit: from a capture to an Artwork, and until it is forgotten.

Knows art and the gallery, but no sockets: `send(visitor, event, *payload)` reaches a page.

A visit has a token, which the server gives to its page in play and to nobody
else; whoever shows it may send captures and fetch, cancel and delete this
visit's pictures.  Kept is only the token's hash; the gallery's key, made of the token, is in
memory while the visit goes on.
"""

from __future__ import annotations

import hashlib
import logging
import secrets
import threading
import zlib
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace

from server.art.engines import ENGINES
from server.art.jobs import Job, QueueFull
from server.art.service import Art, Capture
from server.clock import MACHINE, Clock
from server.gallery.gallery import Gallery
from server.gallery.sealed import key_of
from server.settings import Settings
from server.values import Artwork, Made

log = logging.getLogger(__name__)

GLANCE = 1.0
"""Seconds between two looks at what has expired."""
GRACE = 30.0
"""Seconds that a page may take to find the server again after a restart."""

MOST_KEPT = 100
"""Pictures of one visit; the page keeps fewer."""

FAILURES = {
    "bad-capture": "That capture cannot be read. Take another one.",
    "capture-lost": "That capture is not there any more. Take another one.",
    "no-memory": "That picture needs more memory than there is. Staff can make pictures smaller.",
    "no-space": "There is no room for another picture. Please tell the staff.",
    "engine-failed": "That picture could not be made. Try another one.",
    "worker-lost": "That picture could not be made, twice. Try another one.",
    "timeout": "That picture took too long. Try another one.",
}
"""What the page is told besides the code; English, as every `problem`."""


class VisitOver(Exception):
    """Nothing is kept for a visit that is over."""


class Studio:
    """Also the listener of `Art`."""

    def __init__(
        self,
        settings: Settings,
        art: Art,
        gallery: Gallery,
        send: Callable,
        start_task: Callable,
        sleep: Callable,
        clock: Clock = MACHINE,
    ) -> None:
        self._settings, self._clock = settings, clock
        self._keep = 60.0 * settings.keep_pictures
        self._art, self._gallery = art, gallery
        self._send, self._start_task, self._sleep = send, start_task, sleep
        self._lock = threading.Lock()
        """Guards the two tables below."""
        self._visits: dict[str, str] = {}
        """Visit by visitor: those that go on."""
        self._visitors: dict[str, str] = {}
        """Visitor by visit."""

    def start(self) -> None:
        """Forget what expires.  What a restart has interrupted goes on when its page is back: only
        then can it be read."""
        self._gallery.close_all(max(self._settings.absence, GRACE))
        self._start_task(self._watch)

    # -- visits ----------------------------------------------------------------

    def on_visit(self, visitor: str, what: str, token: str | None) -> None:
        """A visit `begins` (or goes on, with a `token`), `ends`, or is `away`."""
        if not self._art.engines:
            return
        if what == "begins":
            self._begin(visitor, token)
        elif what == "ends":
            self._end(visitor)
        else:
            self._go_away(visitor)

    def _begin(self, visitor: str, token: str | None) -> None:
        with self._lock:
            if token is None or not self._gallery.may_go_on(hash_of(token)):
                token = secrets.token_urlsafe(24)
            visit = hash_of(token)
            # the old connection of a page that came back may not have been missed yet
            self._visits.pop(self._visitors.pop(visit, None), None)
            interrupted = self._gallery.open_visit(visit, key_of(token))
            self._visits[visitor], self._visitors[visit] = visit, visitor
        artworks = self._gallery.of(visit)
        known = [artwork.id for artwork in artworks]
        self._send(visitor, "visit", {"token": token, "pictures": known})
        for artwork in artworks:
            if artwork.image:
                job = Job(artwork.id, visit, artwork.engine, "done")
                self._tell(visit, art_message(job, artwork))
            elif job := self._art.job(artwork.id):
                self.on_job(*job)
        for artwork in interrupted:
            # nobody remembers where it came from: every visit has turns of its own
            self._go_on_with(Job(artwork.id, visit, artwork.engine, address=visit))

    def _go_on_with(self, job: Job) -> None:
        """A restart has interrupted it: it joins the queue again, or has failed."""
        if job.engine in self._art.engines:  # staff may have taken it away
            with suppress(QueueFull):
                self._art.add(job)
                return
        self.on_job(replace(job, state="failed", code="engine-failed"), 0)

    def _end(self, visitor: str) -> None:
        """Its pictures are not made any more, and forgotten."""
        visit = self._leave(visitor)
        if visit is not None:
            # over first: a capture that comes in this moment finds it so
            self._gallery.end_visit(visit, self._keep)
            self._art.forget(visit)

    def _go_away(self, visitor: str) -> None:
        """The connection is lost; the page may find back as long as anybody may be away."""
        visit = self._leave(visitor)
        if visit is not None:
            self._gallery.close_visit(visit, self._settings.absence)

    def visit_of_token(self, token: str) -> str | None:
        """The visit that goes on with this token."""
        visit = hash_of(token)
        return visit if visit in self._visitors else None

    def visitor_of(self, visit: str) -> str | None:
        return self._visitors.get(visit)

    def visit_of_visitor(self, visitor: str) -> str | None:
        return self._visits.get(visitor)

    # -- what visitors do ------------------------------------------------------

    def add_capture(
        self,
        visit: str,
        engine: str,
        png: bytes,
        scene: str,
        mixture: Mapping[str, float] | None,
        seed: int,
        address: str = "",
    ) -> str:
        """Keep a capture and let it become a picture; the id of both.

        Raises QueueFull, VisitOver when the visitor has gone meanwhile, and OSError when there is
        no room on the disk.
        """
        if not self._gallery.may_go_on(visit):
            raise VisitOver
        self._art.has_room(visit, address)
        if len(self._gallery.of(visit)) >= MOST_KEPT:
            raise QueueFull("enough", f"{MOST_KEPT} pictures are enough. Delete some of them.")
        id = secrets.token_hex(16)
        artwork = Artwork(id, visit, engine, scene, mixture, seed, self._clock.wall())
        try:
            self._gallery.add(artwork, png)
        except FileNotFoundError:
            raise VisitOver from None
        try:
            self._art.add(Job(id, visit, engine, address=address))
        except Exception:
            self._gallery.delete(id)
            raise
        if not self._gallery.may_go_on(visit):
            self._art.cancel(id)
            self._gallery.delete(id)
            raise VisitOver
        return id

    def cancel(self, visit: str, id: str) -> bool:
        """False where the visit has no such picture in the making."""
        artwork = self._own(visit, id)
        if artwork is None or artwork.image:
            return False
        self._art.cancel(id)
        return True

    def delete(self, visit: str, id: str) -> bool:
        """Forget a picture at once, made or not; False where the visit has none of that id."""
        artwork = self._own(visit, id)
        if artwork is None:
            return False
        self._art.cancel(id)
        self._gallery.delete(id)
        self._tell(visit, art_message(Job(id, visit, artwork.engine, "deleted"), None))
        return True

    def read(self, visit: str, id: str, part: str) -> bytes | None:
        """`strokes`, `image`, `reference` or `look` of a picture of this visit, or None."""
        artwork = self._own(visit, id)
        if artwork is None or not getattr(artwork, part):
            return None
        return self._gallery.read(artwork, part)

    def paint_live(self, visitor: str, number: int, engine: str, jpeg: bytes) -> None:
        """Translate a picture of the living canvas; the answer is `painted`."""
        self._art.paint_live(visitor, number, engine, jpeg)

    # -- what art says ---------------------------------------------------------

    def capture_of(self, job: Job) -> Capture:
        artwork = self._gallery.get(job.id)
        if artwork is None:
            raise FileNotFoundError("it has been deleted")
        png = self._gallery.read(artwork, "capture")
        # each is painted by strokes of its own; its row has all that makes them again
        return Capture(png, artwork.mixture, zlib.crc32(job.id.encode(), artwork.seed))

    def on_strokes(self, job: Job, strokes: bytes) -> None:
        self._gallery.begin(job.id, strokes)

    def on_picture(self, job: Job, made: Made) -> None:
        self._gallery.finish(job.id, self._clock.wall(), made)

    def on_job(self, job: Job, place: int) -> None:
        if job.state in ("failed", "cancelled", "expired"):
            self._gallery.delete(job.id)
        before = self._art.before(job.id)
        self._tell(job.visit, art_message(job, self._gallery.get(job.id), place, before))

    def on_live(self, visitor: str, number: int, jpeg: bytes | None) -> None:
        about = {"number": number, "outcome": "dropped" if jpeg is None else "painted"}
        self._send(visitor, "painted", about, *(() if jpeg is None else (jpeg,)))

    # ------------------------------------------------------------------------------

    def _own(self, visit: str, id: str) -> Artwork | None:
        artwork = self._gallery.get(id)
        return artwork if artwork and artwork.visit == visit else None

    def _leave(self, visitor: str) -> str | None:
        with self._lock:
            visit = self._visits.pop(visitor, None)
            if visit is not None:
                del self._visitors[visit]
        return visit

    def _tell(self, visit: str, message: dict) -> None:
        visitor = self._visitors.get(visit)
        if visitor is not None:
            self._send(visitor, "art", message)

    def _watch(self) -> None:
        while True:
            self._sleep(GLANCE)
            try:
                self._forget_expired()
            except OSError as error:
                log.error("pictures that have expired could not be forgotten: %s", error)

    def _forget_expired(self) -> None:
        for visit in self._gallery.expire(self._keep):
            self._art.forget(visit)


def hash_of(token: str) -> str:
    """What is kept of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def hand_of(mixture: Mapping[str, float] | None) -> str:
    """The expression whose hand leads; neutral's is there where none is read."""
    return max(mixture, key=mixture.get) if mixture else "neutral"


def art_message(job: Job, artwork: Artwork | None, place: int = 0, before: int = 0) -> dict:
    """One `art` event, as docs/protocol.md says."""
    urls = None
    if job.state == "done" and artwork and artwork.image:
        urls = {
            "picture": f"/art/pictures/{job.id}.png",
            "reference": f"/art/references/{job.id}.jpg" if artwork.reference else None,
            "look": f"/art/looks/{job.id}.png" if artwork.look else None,
        }
    return {
        "id": job.id,
        "state": job.state,
        "engine": job.engine,
        "scene": artwork.scene if artwork else "",
        "emotion": bool(artwork and artwork.mixture and ENGINES[job.engine].mixture),
        "place": place,
        "before": before,
        "progress": round(job.progress, 2),
        "code": job.code,
        "message": FAILURES.get(job.code, ""),
        "hand": hand_of(artwork.mixture) if artwork and ENGINES[job.engine].painted else None,
        "strokes": f"/art/strokes/{job.id}.bin" if artwork and artwork.strokes else None,
        "urls": urls,
        "scores": artwork.scores if urls else None,
    }
