"""The gallery: what is made in each visit, sealed, until the visit is over.

    visits/VISIT/ID.row, and ID.PART for each of PARTS                   sealed (sealed.py)
    kept/DEADLINE-ID.png                                                 plain (kept.py)

What is forgotten is a file that is removed: nothing has to be written for it, so that a full disk
keeps nobody's picture, and there is no table, journal or log that could still hold it.
"""

from __future__ import annotations

import json
import logging
import os
import re
import shutil
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path

from server.clock import MACHINE, Clock
from server.gallery.kept import Kept
from server.gallery.sealed import seal, unseal
from server.values import Artwork, Made

log = logging.getLogger(__name__)

ROW = "row"
PARTS = ("capture", "strokes", "image", "reference", "look")
"""Of an Artwork, each a file; the row, a file too, says which of them there are."""
OLD = re.compile(r"gallery\.sqlite.*|[0-9a-f]{32}\.\w+\.(png|jpg)|tmp\w*")
"""What earlier versions kept, unsealed."""


@dataclass(slots=True)
class _Visit:
    key: bytes | None = None
    """None after a restart, until its page shows the token."""
    expires: float | None = None
    """Of the clock; None while it goes on."""


class Gallery:
    """Artworks on this machine.  Its methods may be called from all threads."""

    def __init__(self, folder: Path, clock: Clock = MACHINE) -> None:
        """Raises OSError when the folder cannot be used."""
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._folder, self._clock = folder / "visits", clock
        self._lock = threading.RLock()
        """Held while files and what is known of them change together."""
        self._ended = folder / ".ended"
        shutil.rmtree(self._ended, ignore_errors=True)
        for file in folder.iterdir():
            if OLD.fullmatch(file.name):
                file.unlink()
        self._folder.mkdir(mode=0o700, exist_ok=True)
        self._kept = Kept(folder / "kept", clock)
        self._artworks: dict[str, Artwork] = {}
        self._visits = {found.name: _Visit() for found in self._folder.iterdir()}
        self._left: set[Path] = set()
        """What is forgotten and could not be removed."""

    def end(self) -> None:
        """All visits are over, and nothing is kept from now on.  Safe to call from a signal
        handler: takes no lock, and what is just being written finds its folder gone."""
        try:
            os.rename(self._folder, self._ended)
        except OSError:
            shutil.rmtree(self._folder, ignore_errors=True)
        shutil.rmtree(self._ended, ignore_errors=True)

    # -- visits ----------------------------------------------------------------

    def open_visit(self, visit: str, key: bytes) -> list[Artwork]:
        """The visit goes on, or begins: what is made in it does not expire.  Gives those of its
        Artworks that are unfinished because Mien was started anew."""
        with self._lock:
            known = self._visits.setdefault(visit, _Visit())
            known.expires = None
            if known.key is not None:
                return []
            known.key = key
            found = [self._load(visit, key, file) for file in self._rows(visit)]
            artworks = sorted(filter(None, found), key=lambda artwork: artwork.created)
            self._artworks |= {artwork.id: artwork for artwork in artworks}
            return [artwork for artwork in artworks if not artwork.image]

    def close_visit(self, visit: str, seconds: float) -> None:
        """Nobody is there; the visit may go on within so many seconds, or else it is over."""
        with self._lock:
            if visit in self._visits:
                self._visits[visit].expires = self._clock.monotonic() + seconds

    def close_all(self, seconds: float) -> None:
        """After a start nobody is here."""
        for visit in list(self._visits):
            self.close_visit(visit, seconds)

    def may_go_on(self, visit: str) -> bool:
        """Whether there is such a visit, and it is not over."""
        return visit in self._visits

    def end_visit(self, visit: str, keep: float = 0.0) -> None:
        """The visit is over: all of it is deleted at once, but its pictures, without anything else,
        are kept for `keep` seconds."""
        with self._lock:
            if visit not in self._visits:
                return
            try:
                for artwork in self.of(visit) if keep > 0 else ():
                    if artwork.image:
                        self._kept.add(artwork.id, self.read(artwork, "image"), keep)
            except OSError as error:
                log.error("pictures of a visit could not be kept: %s", error.strerror)
            del self._visits[visit]
            self._artworks = {i: a for i, a in self._artworks.items() if a.visit != visit}
            self._remove([self._folder / visit])

    def expire(self, keep: float = 0.0) -> list[str]:
        """Forget what has lasted its time, and remove what could not be removed before; the ids
        of the visits that are over now.  Raises OSError."""
        now = self._clock.monotonic()
        with self._lock:
            over = [
                visit
                for visit, known in self._visits.items()
                if known.expires is not None and known.expires <= now
            ]
            for visit in over:
                self.end_visit(visit, keep)
            self._remove(self._left.copy())
        self._kept.expire()
        return over

    # -- artworks --------------------------------------------------------------

    def add(self, artwork: Artwork, png: bytes) -> None:
        """Keep a capture of which a picture is to be made.  Raises OSError without room for it,
        and where there is no such visit any more."""
        with self._lock:
            key = self._key(artwork.visit)
            self._path(artwork).parent.mkdir(mode=0o700, exist_ok=True)
            self._keep(artwork, key, {"capture": png})

    def begin(self, id: str, strokes: bytes) -> None:
        """Keep the strokes of which the picture is being made, unless nobody wants it any more.
        Raises OSError without room."""
        with self._lock:
            artwork = self._artworks.get(id)
            if artwork is not None:
                begun = replace(artwork, strokes=True)
                self._keep(begun, self._key(artwork.visit), {"strokes": strokes})

    def finish(self, id: str, finished: float, made: Made) -> Artwork | None:
        """Keep the picture and what is shown with it, in the place of the capture; None when
        nobody wants it any more.  Raises OSError without room."""
        with self._lock:
            artwork = self._artworks.get(id)
            if artwork is None:
                return None
            parts = {"image": made.png, "reference": made.reference, "look": made.look}
            done = replace(
                artwork,
                **{part: content is not None for part, content in parts.items()},
                capture=False,
                finished=finished,
                scores=made.scores,
            )
            self._keep(done, self._key(artwork.visit), parts)
            self._remove([self._path(artwork, "capture")])
            return done

    def get(self, id: str) -> Artwork | None:
        return self._artworks.get(id)

    def of(self, visit: str) -> list[Artwork]:
        """The oldest first."""
        return [artwork for artwork in list(self._artworks.values()) if artwork.visit == visit]

    def delete(self, id: str) -> None:
        with self._lock:
            artwork = self._artworks.pop(id, None)
            if artwork is not None:
                self._remove(self._path(artwork, part) for part in (ROW, *PARTS))

    def read(self, artwork: Artwork, part: str) -> bytes:
        """The bytes of one of an Artwork's parts.  Raises OSError when it is gone."""
        path = self._path(artwork, part)
        return unseal(self._key(artwork.visit), path.name, self._bytes(path))

    # -- files -----------------------------------------------------------------

    def _key(self, visit: str) -> bytes:
        known = self._visits.get(visit)
        if known is None or known.key is None:
            raise FileNotFoundError("there is no such visit any more")
        return known.key

    def _path(self, artwork: Artwork, part: str = ROW) -> Path:
        return self._folder / artwork.visit / f"{artwork.id}.{part}"

    def _keep(self, artwork: Artwork, key: bytes, parts: dict[str, bytes | None]) -> None:
        """Write parts, and then the row that says that they are there; all or none."""
        contents = {self._path(artwork, part): content for part, content in parts.items()}
        row = self._path(artwork)
        contents[row] = json.dumps(as_row(artwork)).encode()
        try:
            for path, content in contents.items():
                if content is not None:
                    self._write(path, seal(key, path.name, content))
        except OSError:
            self._remove(path for path in contents if path != row)
            raise
        self._artworks[artwork.id] = artwork

    def _write(self, path: Path, content: bytes) -> None:
        """The file is there whole, or not.  A power failure may lose it, with the visit."""
        new = path.with_suffix(".new")
        try:
            new.touch(mode=0o600)
            new.write_bytes(content)
            new.replace(path)
        except OSError as error:
            self._remove([new])
            raise OSError(error.errno, error.strerror) from None  # ids are for no log

    def _bytes(self, path: Path) -> bytes:
        try:
            return path.read_bytes()
        except OSError as error:
            raise OSError(error.errno, error.strerror) from None

    def _rows(self, visit: str) -> list[Path]:
        return list((self._folder / visit).glob(f"*.{ROW}"))

    def _load(self, visit: str, key: bytes, row: Path) -> Artwork | None:
        """None, and no such Artwork any more, where a power failure has damaged its row."""
        try:
            return Artwork(**json.loads(unseal(key, row.name, self._bytes(row))))
        except (OSError, ValueError, TypeError) as error:
            log.error("an artwork of a visit is lost: %s", error)
            self._remove(row.with_suffix(f".{part}") for part in (ROW, *PARTS))
            return None

    def _remove(self, paths: Iterable[Path]) -> None:
        """Remove files and folders; what a disk does not let go of is tried again later."""
        for path in paths:
            try:
                if path.is_dir():
                    shutil.rmtree(path)
                else:
                    path.unlink(missing_ok=True)
                self._left.discard(path)
            except OSError as error:
                if path not in self._left:
                    log.error("something forgotten cannot be removed yet: %s", error.strerror)
                self._left.add(path)


def as_row(artwork: Artwork) -> dict:
    """Every field; mappings as what JSON knows."""
    values = {one.name: getattr(artwork, one.name) for one in fields(artwork)}
    return {n: dict(v) if isinstance(v, Mapping) else v for n, v in values.items()}
