"""The gallery: a table of Artworks in SQLite, and their files beside it.

A file is complete before its row names it, and a row is gone before its files
are; what a crash leaves without a row is swept away at the next start.  Names
of files are made from ids that were drawn by lot.
"""

from __future__ import annotations

import json
import os
import re
import sqlite3
import tempfile
import threading
from collections.abc import Iterable
from dataclasses import fields, replace
from pathlib import Path

from server.values import Artwork, Made

SCHEMA = """
CREATE TABLE IF NOT EXISTS visits (
    id TEXT PRIMARY KEY, expires REAL, over INTEGER NOT NULL DEFAULT FALSE
) STRICT;
CREATE TABLE IF NOT EXISTS artworks (
    id TEXT PRIMARY KEY, visit TEXT NOT NULL REFERENCES visits (id), engine TEXT NOT NULL,
    capture TEXT NOT NULL, scene TEXT NOT NULL, mixture TEXT, seed INTEGER NOT NULL,
    created REAL NOT NULL, image TEXT, reference TEXT, finished REAL, scores TEXT, look TEXT
) STRICT;
CREATE INDEX IF NOT EXISTS artworks_by_visit ON artworks (visit);
"""
COLUMNS = tuple(one.name for one in fields(Artwork) if one.name != "expires")
LATER = ("scores", "look")
"""Columns, all of text, that galleries of earlier versions lack."""
AS_JSON = ("mixture", "scores")
OURS = re.compile(r"[0-9a-f]{32}\.(capture\.png|image\.png|reference\.jpg|look\.png)|tmp\w*")
"""Names of files that only we make."""


class Gallery:
    """Artworks on this machine.  One connection writes; a lock lets all threads use it."""

    def __init__(self, folder: Path) -> None:
        """Raises OSError when the folder cannot be used."""
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._folder = folder
        self._lock = threading.Lock()
        file = folder / "gallery.sqlite"
        try:
            self._table = sqlite3.connect(file, check_same_thread=False, isolation_level=None)
            self._table.execute("PRAGMA journal_mode = WAL")
            self._table.execute("PRAGMA synchronous = FULL")
            self._table.execute("PRAGMA secure_delete = ON")
            self._table.execute("PRAGMA foreign_keys = ON")
            self._table.executescript(SCHEMA)
            there = {row[1] for row in self._table.execute("PRAGMA table_info (artworks)")}
            for column in LATER:
                if column not in there:
                    self._table.execute(f"ALTER TABLE artworks ADD COLUMN {column} TEXT")
        except sqlite3.DatabaseError as error:
            raise OSError(
                f"{file} cannot be used ({error}): move it away, and the gallery begins anew"
            ) from error
        file.chmod(0o600)
        self._sweep()

    def close(self) -> None:
        self._table.close()

    # -- visits ----------------------------------------------------------------

    def open_visit(self, visit: str) -> None:
        """The visit goes on, or begins: what is made in it does not expire."""
        self._change(
            "INSERT INTO visits (id) VALUES (?) ON CONFLICT (id) DO UPDATE SET expires = NULL",
            (visit,),
        )

    def close_visit(self, visit: str, expires: float, over: bool) -> None:
        """What was made in the visit is forgotten at `expires`; unless it is `over`, it may go
        on until then."""
        self._change("UPDATE visits SET expires = ?, over = ? WHERE id = ?", (expires, over, visit))

    def close_all(self, expires: float) -> None:
        """After a start nobody is here: visits that were going on expire, unless they go on."""
        self._change("UPDATE visits SET expires = ? WHERE expires IS NULL", (expires,))

    def may_go_on(self, visit: str) -> bool:
        """Whether there is such a visit, and it is not over."""
        return bool(self._rows("SELECT 1 FROM visits WHERE id = ? AND NOT over", (visit,)))

    def expire(self, now: float) -> list[str]:
        """Forget the visits that have expired, with all that was made in them; their ids."""
        over = [row[0] for row in self._rows("SELECT id FROM visits WHERE expires <= ?", (now,))]
        for visit in over:
            for artwork in self.of(visit):
                self.delete(artwork.id)
            self._change("DELETE FROM visits WHERE id = ?", (visit,))
        return over

    # -- artworks --------------------------------------------------------------

    def add(self, artwork: Artwork, png: bytes) -> None:
        """Keep a capture of which a picture is to be made.  Raises OSError without room for it,
        and where there is no such visit any more."""
        self._write(artwork.capture, png)
        places = ", ".join("?" * len(COLUMNS))
        try:
            self._change(
                f"INSERT INTO artworks ({', '.join(COLUMNS)}) VALUES ({places})", _as_row(artwork)
            )
        except OSError:
            self._remove((artwork.capture,))  # else it would lie there until the next start
            raise

    def finish(self, id: str, finished: float, made: Made) -> Artwork | None:
        """Keep the picture and what is shown with it; None when nobody wants it any more.
        Raises OSError without room."""
        if self.get(id) is None:
            return None
        image = f"{id}.image.png"
        reference = f"{id}.reference.jpg" if made.reference else None
        look = f"{id}.look.png" if made.look else None
        files = {image: made.png, reference: made.reference, look: made.look}
        scores = made.scores and json.dumps(dict(made.scores))
        try:
            for name, content in files.items():
                if name:
                    self._write(name, content)
            self._change(
                "UPDATE artworks SET image = ?, reference = ?, look = ?, finished = ?, scores = ? "
                "WHERE id = ?",
                (image, reference, look, finished, scores, id),
            )
        except OSError:
            self._remove(files)
            raise
        artwork = self.get(id)
        if artwork is None:  # deleted in this moment
            self._remove(files)
        return artwork

    def get(self, id: str) -> Artwork | None:
        return next(iter(self._select("artworks.id = ?", (id,))), None)

    def of(self, visit: str) -> list[Artwork]:
        """The oldest first."""
        return self._select("visit = ?", (visit,))

    def unfinished(self) -> list[Artwork]:
        """Those that are still to be made; the oldest first."""
        return self._select("image IS NULL", ())

    def delete(self, id: str) -> None:
        artwork = self.get(id)
        if artwork is None:
            return
        self._change("DELETE FROM artworks WHERE id = ?", (id,))
        self._remove((artwork.capture, artwork.image, artwork.reference, artwork.look))

    def read(self, name: str) -> bytes:
        """The bytes of an Artwork's files.  Raises OSError."""
        return (self._folder / name).read_bytes()

    # -- files and table -------------------------------------------------------

    def _select(self, condition: str, values: tuple) -> list[Artwork]:
        columns = ", ".join(f"artworks.{name}" for name in COLUMNS)
        return [
            _from_row(row)
            for row in self._rows(
                f"SELECT {columns}, expires FROM artworks JOIN visits ON visits.id = visit "
                f"WHERE {condition} ORDER BY created",
                values,
            )
        ]

    def _rows(self, command: str, values: tuple) -> list[tuple]:
        with self._lock:
            return self._table.execute(command, values).fetchall()

    def _change(self, command: str, values: tuple) -> None:
        """Raises OSError when the disk is full, or the visit is over."""
        with self._lock:
            try:
                self._table.execute(command, values)
            except sqlite3.Error as error:
                raise OSError(f"the gallery cannot be written: {error}") from error

    def _write(self, name: str, content: bytes) -> None:
        handle, unfinished = tempfile.mkstemp(dir=self._folder)  # mode 0600
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            os.replace(unfinished, self._folder / name)
        except BaseException:
            os.unlink(unfinished)
            raise

    def _remove(self, names: Iterable[str | None]) -> None:
        for name in names:
            if name:
                (self._folder / name).unlink(missing_ok=True)

    def _sweep(self) -> None:
        rows = self._rows("SELECT capture, image, reference, look FROM artworks", ())
        known = {name for row in rows for name in row}
        for file in self._folder.iterdir():
            if OURS.fullmatch(file.name) and file.name not in known:
                file.unlink()


def _as_row(artwork: Artwork) -> tuple:
    given = {name: getattr(artwork, name) for name in COLUMNS}
    for name in AS_JSON:
        given[name] = None if given[name] is None else json.dumps(dict(given[name]))
    return tuple(given.values())


def _from_row(row: tuple) -> Artwork:
    artwork = Artwork(**dict(zip((*COLUMNS, "expires"), row, strict=True)))
    return replace(
        artwork,
        **{
            name: None if getattr(artwork, name) is None else json.loads(getattr(artwork, name))
            for name in AS_JSON
        },
    )
