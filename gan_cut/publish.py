"""From a training to a file that others can use, with its card."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

from gan_cut.checkpoints import load_generator
from gan_cut.run import Run, write_whole

LARGEST_BYTES = 16 << 20

INTENDED_USE = "Translates captures of Mien's own scenes for visitors of an installation."
LIMITS = (
    "Learned from pictures of one kind only: anything else than such captures gives "
    "unpredictable pictures. It repeats what its data favour, and is no painter's work."
)


def publish(
    run: Run,
    epoch: int,
    name: str,
    folder: Path,
    intended_use: str = INTENDED_USE,
    limits: str = LIMITS,
) -> tuple[Path, Path]:
    """Write NAME.safetensors (half precision) and NAME.card.json; returns both paths.

    The card repeats what the run recorded when it was started, and the figures
    of `python -m gan_cut evaluate` on that epoch, if they were taken.
    Raises ValueError when the file would be 16 MB or more.
    """
    weights = run.existing_weights(epoch)
    size = weights.stat().st_size
    if size >= LARGEST_BYTES:
        raise ValueError(
            f"{weights} has {size / 2**20:.1f} MB; published weights stay under 16 MB: "
            "train a narrower generator, or distil a student"
        )
    generator = load_generator(weights)
    figures = evaluation_of(weights)
    asked = run.description()
    card = {
        "name": name,
        "file": f"{name}.safetensors",
        "sha256": hashlib.sha256(weights.read_bytes()).hexdigest(),
        "architecture": type(generator).__name__,
        "parameters": sum(weight.numel() for weight in generator.parameters()),
        "precision": "float16",
        "input": "RGB, 256 to 1024 pixels a side, -1 to 1",
        "method": asked["method"],
        "data": asked["data"],
        "terms": asked["terms"],
        "command": asked["command"],
        "seed": asked["training"]["seed"],
        "settings": {"method": asked["settings"], "training": asked["training"]},
        "epoch": epoch,
        "trained_on": asked["machine"],
        "metrics": json.loads(figures.read_text()) if figures.is_file() else None,
        "intended_use": intended_use,
        "limits": limits,
    }
    folder.mkdir(parents=True, exist_ok=True)
    file, card_file = folder / f"{name}.safetensors", folder / f"{name}.card.json"
    text = json.dumps(card, indent=2, ensure_ascii=False) + "\n"
    write_whole(file, lambda new: shutil.copyfile(weights, new))
    write_whole(card_file, lambda new: new.write_text(text, encoding="utf-8"))
    return file, card_file


def evaluation_of(weights: Path) -> Path:
    """Where the figures of some weights are kept: beside them."""
    return weights.with_suffix(".evaluation.json")
