"""What is known of a data set, in one form for all of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


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
    split: str = "none: choose one that keeps people and recordings apart"
    """Which part is trained on and which is for figures, as published or as we made it."""
    checksums: Mapping[str, str] = field(default_factory=dict)
    """File -> "sha256:…" or "md5:…" of the copy that is known to be whole."""
    one_is_enough: bool = False
    """Whether `files` are forms of the same set."""
