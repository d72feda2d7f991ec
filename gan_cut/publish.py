"""From a training to a file that others can use, with its card."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Mapping
from datetime import date
from pathlib import Path

from datasets.cards import page
from datasets.paths import write_whole
from gan_cut.checkpoints import load_generator
from gan_cut.evaluate import table
from gan_cut.style import load_style
from models.core.run import Run

LARGEST = 16_000_000
"""Bytes."""

ENDING = ". The network holds none of the pictures."
"""Of a card's terms."""
INTENDED_USE = "Translates captures of Mien's own scenes for visitors of an installation."
LIMITS = (
    "Learned from pictures of one kind only: anything else than such captures gives "
    "unpredictable pictures. It repeats what its data favour, and is no painter's work."
)
OF_METHOD = {
    "style": (
        "Paints captures of Mien's scenes, or a visitor's own picture, in the style of an emotion.",
        "Which works stand for which emotion is its makers' view; it knows nothing of what a "
        "picture shows. Learned from captures alone, at 256 pixels: other pictures come out less "
        "surely, and in larger ones the strokes are finer. It is no painter's work.",
    ),
    "dream": (
        "Makes small pictures of a style for a mixture of expressions, from random numbers; a "
        "critic chooses among many.",
        "It shows what stands out for an emotion among the works of a style, as a critic sees it "
        "that learned from few people: colour and contrast before subject. Faces are masks, "
        "flowers hardly flowers. It repeats what its data favour, and is no painter's work. "
        "The Fréchet distance is on SqueezeNet's features, which taught it. Many abstract works "
        "that it learned from are in copyright.",
    ),
}
"""Intended use and limits by method, where it does not translate captures."""


def publish(
    run: Run,
    epoch: int,
    name: str,
    folder: Path,
    intended_use: str = INTENDED_USE,
    limits: str = LIMITS,
) -> tuple[Path, Path]:
    """Write NAME.safetensors (half precision), NAME.card.json and, for people, NAME.card.md;
    returns the first two paths.

    The card repeats what the run recorded when it was started, and the figures
    of `python -m gan_cut evaluate` on that epoch, if they were taken.
    Raises ValueError when the file would be 16 MB or more.
    """
    weights = run.existing_weights(epoch)
    size = weights.stat().st_size
    if size >= LARGEST:
        raise ValueError(
            f"{weights} has {size / 1e6:.1f} MB; published weights stay under 16 MB: "
            "train a narrower generator, or distil a student"
        )
    asked = run.description()
    read = load_style if asked["method"] == "style" else load_generator
    generator = read(weights)
    figures = evaluation_of(weights)
    data, terms = everything_seen(asked)
    card = {
        "name": name,
        "what": f"{type(generator).__name__} trained by {asked['method']}, epoch {epoch}",
        "command": asked["command"],
        "seed": asked["training"]["seed"],
        "data": data,
        "terms": "; ".join(terms) + ENDING,
        "metrics": json.loads(figures.read_text()) if figures.is_file() else None,
        "intended_use": intended_use,
        "limits": limits,
        "epoch": epoch,
        "settings": {"method": asked["settings"], "training": asked["training"]},
        "start_from": asked["start_from"],
        "teacher": asked["teacher"],
        "parameters": sum(weight.numel() for weight in generator.parameters()),
        "file": f"{name}.safetensors",
        "bytes": size,
        "sha256": hashlib.sha256(weights.read_bytes()).hexdigest(),
        "date": date.today().isoformat(),
        "versions": asked["machine"],
    }
    folder.mkdir(parents=True, exist_ok=True)
    file, card_file = folder / f"{name}.safetensors", folder / f"{name}.card.json"
    text = json.dumps(card, indent=2, ensure_ascii=False) + "\n"
    write_whole(file, lambda new: shutil.copyfile(weights, new))
    write_whole(card_file, lambda new: new.write_text(text, encoding="utf-8"))
    shown = table(card["metrics"]) if card["metrics"] else "not measured"
    told = page(card, shown)
    write_whole(folder / f"{name}.card.md", lambda new: new.write_text(told, encoding="utf-8"))
    return file, card_file


def everything_seen(asked: Mapping) -> tuple[list[dict], list[str]]:
    """Data and terms of a run, and of the trainings that its generator or its teacher came from:
    the terms clause by clause, each once."""
    data, terms, trainings = list(asked["data"]), list(asked["terms"]), [asked]
    for earlier in trainings:
        for weights in filter(None, (earlier["start_from"], earlier["teacher"])):
            before = training_of(Path(weights))
            if before is None:
                continue
            trainings.append(before)
            known = {(entry["name"], entry["what"]) for entry in data}
            data += [
                {**entry, "used_as": f"{entry['used_as']} of an earlier training"}
                for entry in before["data"]
                if (entry["name"], entry["what"]) not in known
            ]
            terms += before["terms"]
    clauses = dict.fromkeys(clause for term in terms for clause in term.split("; "))
    if len(clauses) > 1:
        clauses.pop("none", None)
    return data, list(clauses)


def training_of(weights: Path) -> Mapping | None:
    """What the run that weights lie in, or the card of published ones, says of their training;
    None where there is neither."""
    run, card = Run(weights.parent.parent), weights.with_suffix(".card.json")
    if run.is_there():
        return run.description()
    if not card.is_file():
        return None
    said = json.loads(card.read_text(encoding="utf-8"))
    return {**said, "terms": [said["terms"].removesuffix(ENDING)]}


def evaluation_of(weights: Path) -> Path:
    """Where the figures of some weights are kept: beside them."""
    return weights.with_suffix(".evaluation.json")
