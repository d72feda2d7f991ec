"""Trained models by name: a file and its card in `models/weights/`.

A scikit-learn pipeline is a skops file, loaded from an explicit list of trusted types; a
network is a safetensors file, and arrays are npz files without objects.  Pickle is never
read.  The card `NAME.card.json` says what the model is, which data and terms it comes from,
how to make it again, how good it is, and its file's sha256, which is checked at every load.
`NAME.card.md` says the same to people.
"""

from __future__ import annotations

import hashlib
import io
import json
import platform
import zipfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import date
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np

from datasets.arrays import arrays_of
from datasets.cards import page
from datasets.paths import write_whole
from models.core.imports import without

WEIGHTS = Path(__file__).resolve().parent / "weights"
LARGEST = 16_000_000
"""Bytes: no file of the repository is larger."""


class ModelError(RuntimeError):
    """A model that cannot be used; the message says why and what to do."""


def names(folder: Path = WEIGHTS) -> list[str]:
    """The models that have a card."""
    return sorted(path.name.removesuffix(".card.json") for path in folder.glob("*.card.json"))


def card(name: str, folder: Path = WEIGHTS) -> dict[str, Any]:
    """The card of one model; raises ModelError when there is none."""
    path = folder / f"{name}.card.json"
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        known = ", ".join(names(folder)) or "none"
        raise ModelError(
            f"there is no model {name!r} in {folder} (there: {known}). Get the repository's"
            f" files back with 'git checkout models/weights', or train it: see docs/training.md"
        ) from None
    except json.JSONDecodeError as error:
        raise ModelError(
            f"{path} is no JSON ({error}). Get it back with 'git checkout models/weights'"
        ) from None


def read(name: str, folder: Path = WEIGHTS) -> bytes:
    """The bytes of a model's file, checked against its card; raises ModelError."""
    entry = card(name, folder)
    path = folder / entry["file"]
    again = f"Get it back with 'git checkout models/weights', or make it again: {entry['command']}"
    if not path.exists():
        raise ModelError(f"{path} is missing. {again}")
    content = path.read_bytes()
    found = hashlib.sha256(content).hexdigest()
    if found != entry["sha256"]:
        raise ModelError(
            f"{path} is not the file of its card: sha256 {found[:12]}…, the card says"
            f" {entry['sha256'][:12]}…. {again}"
        )
    return content


def check(name: str, folder: Path = WEIGHTS) -> None:
    """Reads a model and those that its card `needs`; raises ModelError when one is not whole."""
    read(name, folder)
    for needed in card(name, folder).get("needs", ()):
        check(needed, folder)


def is_for_research_alone(entry: Mapping[str, Any]) -> bool:
    """Whether a card's terms allow research and nothing else.

    The card says so in `permissive`; one without that field, by the words of its terms and of
    its data's licences: "research and art" allows an installation.
    """
    if "permissive" in entry:
        return not entry["permissive"]
    said = [entry.get("terms", ""), *(part.get("licence", "") for part in entry.get("data", ()))]
    clauses = [clause for text in said for clause in text.split(";")]
    return any("research" in clause and "art" not in clause.split() for clause in clauses)


def load_pipeline(name: str, trusted: Sequence[str], folder: Path = WEIGHTS) -> Any:
    """What a skops file holds; raises ModelError, also on any type not in `trusted`.

    scikit-learn's own estimators and numpy's arrays need no mention in `trusted`.
    """
    # skops imports whatever scikit-learn can work with; torch is two seconds and 180 MB of it
    import sklearn.base  # noqa: F401  before: SciPy, which it needs, cannot be imported inside

    with without("torch"):
        import skops.io
    from skops.io.exceptions import UntrustedTypesFoundException

    content = read(name, folder)
    file = card(name, folder)["file"]
    if not zipfile.is_zipfile(io.BytesIO(content)):
        raise ModelError(f"{file} is no skops file; pickles are never opened. Train it again")
    try:
        return skops.io.loads(content, trusted=list(trusted))
    except UntrustedTypesFoundException as error:
        raise ModelError(
            f"{file} holds types that are not trusted: {error}. It was not made by this"
            " version of Mien: train it again"
        ) from None
    except (KeyError, ValueError, TypeError, AttributeError, ImportError) as error:
        raise ModelError(
            f"{file} cannot be read by the skops and scikit-learn installed here ({error})."
            " Install requirements.txt, or train it again"
        ) from error


def load_arrays(name: str, folder: Path = WEIGHTS) -> dict[str, np.ndarray]:
    """The arrays of an npz file by name; raises ModelError."""
    content = read(name, folder)
    try:
        return arrays_of(io.BytesIO(content))
    except ValueError as error:
        file = card(name, folder)["file"]
        raise ModelError(f"{file} holds no plain arrays ({error}). Train it again") from None


def load_tensors(name: str, folder: Path = WEIGHTS) -> dict[str, np.ndarray]:
    """The tensors of a safetensors file by name; raises ModelError."""
    import safetensors
    import safetensors.numpy

    content = read(name, folder)
    try:
        return safetensors.numpy.load(content)
    except (safetensors.SafetensorError, ValueError) as error:
        file = card(name, folder)["file"]
        raise ModelError(f"{file} holds no tensors ({error}). Train it again") from None


def save_pipeline(
    name: str, model: Any, about: Mapping[str, Any], figures: str, folder: Path = WEIGHTS
) -> Path:
    """Writes NAME.skops and its cards; returns the file's path.

    `about` has CARD_FIELDS, `figures` is the table that the trainer printed.
    """
    import skops.io

    return _save(name, f"{name}.skops", skops.io.dumps(model), about, figures, folder)


def save_arrays(
    name: str,
    arrays: Mapping[str, np.ndarray],
    about: Mapping[str, Any],
    figures: str,
    folder: Path = WEIGHTS,
) -> Path:
    """Writes NAME.npz and its cards, as `save_pipeline`; returns the file's path."""
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)
    return _save(name, f"{name}.npz", buffer.getvalue(), about, figures, folder)


def save_tensors(
    name: str,
    tensors: Mapping[str, np.ndarray],
    about: Mapping[str, Any],
    figures: str,
    folder: Path = WEIGHTS,
    largest: int = LARGEST,
) -> Path:
    """Writes NAME.safetensors and its cards, as `save_pipeline`; returns the file's path.

    `largest` in bytes is for folders that are not committed.
    """
    import safetensors.numpy

    # safetensors stores the memory as it lies, whatever the strides say
    content = safetensors.numpy.save(
        {key: np.ascontiguousarray(value) for key, value in tensors.items()}
    )
    return _save(name, f"{name}.safetensors", content, about, figures, folder, largest)


def publish(name: str, source: Path, folder: Path = WEIGHTS) -> None:
    """Copies a model and its cards from one folder to another, checked on the way."""
    content = read(name, source)
    if len(content) >= LARGEST:
        raise ValueError(f"{name} has {len(content)} bytes; a model must stay below {LARGEST}")
    folder.mkdir(parents=True, exist_ok=True)
    for file in (card(name, source)["file"], f"{name}.card.json", f"{name}.card.md"):
        kept = (source / file).read_bytes()
        write_whole(folder / file, lambda new, kept=kept: new.write_bytes(kept))


CARD_FIELDS = (
    "what",
    "command",
    "seed",
    "data",
    "terms",
    "metrics",
    "intended_use",
    "limits",
)
"""What the trainer must say; file, size, sha256, date and versions are added."""


def _save(
    name: str,
    file: str,
    content: bytes,
    about: Mapping[str, Any],
    figures: str,
    folder: Path,
    largest: int = LARGEST,
) -> Path:
    missing = [field for field in CARD_FIELDS if field not in about]
    if missing:
        raise ValueError(f"the card of {name} lacks {', '.join(missing)}")
    if len(content) >= largest:
        raise ValueError(f"{file} has {len(content)} bytes; a model must stay below {largest}")
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / file
    path.write_bytes(content)
    entry = {
        "name": name,
        **about,
        "file": file,
        "bytes": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
        "date": date.today().isoformat(),
        "versions": versions(),
    }
    text = json.dumps(entry, indent=2, ensure_ascii=False) + "\n"
    (folder / f"{name}.card.json").write_text(text, encoding="utf-8")
    (folder / f"{name}.card.md").write_text(page(entry, figures), encoding="utf-8")
    return path


def versions() -> dict[str, str]:
    """What the model was made with; a bare machine that only trains networks lacks some."""
    found = {"python": platform.python_version()}
    for package in ("numpy", "scikit-learn", "skops", "torch"):
        with suppress(metadata.PackageNotFoundError):
            found[package] = metadata.version(package)
    return found
