"""What is known of a data set, in one form for all of them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class About:
    """Origin, rights and faults of one data set: shown by `python -m datasets show`
    and copied into the card of every model trained on it."""

    name: str
    what: str
    origin: str
    licence: str
    terms: str
    """What the licence asks of somebody who trains a model on it."""
    faults: str
    files: tuple[str, ...]
    """Relative to the data folder."""
    get: str
    """Where to get it and what to do then."""
