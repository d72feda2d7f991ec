"""What run.json says of a training: settings, data, terms, command, machine."""

from __future__ import annotations

import argparse
import hashlib
import platform
import shlex
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

import torch

from datasets import folders
from gan_cut.train import TrainSettings
from models.core.run import Run


def describe(
    name: str,
    own: object,
    settings: TrainSettings,
    sets: Mapping[str, Sequence[folders.PictureSet]],
    arguments: argparse.Namespace,
    teacher: Path | None,
    device: torch.device,
    precision: str,
) -> dict:
    """What run.json says of a training."""
    used = [(domain, one) for domain, several in sets.items() for one in several]
    data = [
        {
            "name": one.about.name,
            "what": one.about.what,
            "origin": one.about.origin,
            "licence": one.about.licence,
            "used_as": domain,
            "pictures": len(one.files),
        }
        for domain, one in used
    ]
    terms = [one.about.terms for _, one in used]
    if teacher is not None and arguments.teacher.is_dir():
        taught = Run(arguments.teacher).description()
        data += [{**entry, "used_as": f"teacher's {entry['used_as']}"} for entry in taught["data"]]
        terms += taught["terms"]
    return {
        "method": name,
        "settings": asdict(own),
        "training": asdict(settings),
        "data": data,
        "terms": list(dict.fromkeys(terms)),
        "start_from": str(arguments.start_from) if arguments.start_from else None,
        "teacher": str(teacher) if teacher else None,
        "command": f"python -m gan_cut {shlex.join(sys.argv[1:])}",
        "machine": {
            "device": torch.cuda.get_device_name() if device.type == "cuda" else device.type,
            "precision": precision,
            "torch": torch.__version__,
            "python": platform.python_version(),
        },
    }


def about_labels(asked: Mapping, labels: Path) -> dict:
    """What run.json says more of a training with labels."""
    entry = {
        "name": labels.name,
        "what": "shares of seven expressions for each painting,"
        f" sha256 {hashlib.sha256(labels.read_bytes()).hexdigest()}",
        "origin": "the critic's, who learned from WikiArt Emotions (Mohammad and Kiritchenko, LREC"
        " 2018) and FeelingBlue (Ananthram, 2022); people's own where they were asked",
        "licence": "WikiArt Emotions: research alone, no commercial use; FeelingBlue: none stated",
        "used_as": "labels",
    }
    return {
        "data": [*asked["data"], entry],
        "terms": [*asked["terms"], "the labels derive from WikiArt Emotions and FeelingBlue:"
                  " research only, no commercial use, cite them, not for judging people's faces"],
    }  # fmt: skip
