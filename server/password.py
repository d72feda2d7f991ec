"""The staff's password: made at the first start, shown once, kept as a hash."""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import tempfile
from pathlib import Path

from werkzeug.security import check_password_hash, generate_password_hash

from server.settings import Settings, SettingsError

LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
"""None that is taken for another when it is copied by hand."""
LENGTH = 12
"""Letters: 59 bits, far more than anybody can try."""
LONGEST = 100
HASH = re.compile(r"scrypt:\d+:\d+:\d+\$[^$]+\$[0-9a-f]{128}")
"""As Werkzeug writes it."""


def first_password(settings: Settings) -> str | None:
    """A password at the first start; None when there is one already.

    Raises SettingsError for a file that holds none.
    """
    if not _file(settings).exists():
        return new_password(settings)
    if not HASH.fullmatch(_stored(settings)):
        raise SettingsError(
            f"{_file(settings)} holds no password: make another one with "
            "python app.py --new-staff-password"
        )
    return None


def new_password(settings: Settings) -> str:
    """Make another password; the old one, and whoever came in with it, is out at once."""
    letters = "".join(secrets.choice(LETTERS) for _ in range(LENGTH))
    file = _file(settings)
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, unfinished = tempfile.mkstemp(dir=file.parent)  # mode 0600
    with os.fdopen(handle, "w") as output:
        output.write(generate_password_hash(letters, "scrypt"))
    os.replace(unfinished, file)
    return "-".join(letters[i : i + 4] for i in range(0, LENGTH, 4))


def is_right(settings: Settings, given: str) -> bool:
    """Whether this is the password; hyphens, spaces and capitals do not matter.

    Costs about a tenth of a second, as it should: count the attempts.
    """
    letters = given[:LONGEST].replace("-", "").replace(" ", "").lower()
    stored = _stored(settings)
    return bool(HASH.fullmatch(stored)) and check_password_hash(stored, letters)


def fingerprint(settings: Settings) -> str:
    """What a staff session is tied to: another for each password; empty without one."""
    stored = _stored(settings)
    return hashlib.sha256(stored.encode()).hexdigest() if stored else ""


def _stored(settings: Settings) -> str:
    """The hash, or something that is none; empty without a file."""
    try:
        return _file(settings).read_text("ascii", errors="replace").strip()
    except OSError:
        return ""


def _file(settings: Settings) -> Path:
    return settings.data_folder / "staff_password"
