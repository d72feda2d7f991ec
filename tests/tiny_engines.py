"""Published engines that know nothing and take no time, for the tests of everything around."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import safetensors.torch
import torch

from gan_cut.networks import ResnetGenerator, StudentGenerator, initialise
from gan_cut.run import half_precision


def publish_tiny(folder: Path, name: str, live: bool = False) -> None:
    """NAME.safetensors with its card, and with `live` NAME-live.safetensors, too."""
    folder.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(0)
    networks = {name: ResnetGenerator(4, 1)}
    if live:
        networks[f"{name}-live"] = StudentGenerator(4, 1)
    for called, network in networks.items():
        initialise(network, 0.2)
        file = folder / f"{called}.safetensors"
        safetensors.torch.save_file(half_precision(network), file)
        card = {
            "file": file.name,
            "sha256": hashlib.sha256(file.read_bytes()).hexdigest(),
            "command": "tests/tiny_engines.py",
        }
        (folder / f"{called}.card.json").write_text(json.dumps(card))
