"""Published engines that know nothing and take no time, for the tests of everything around."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import safetensors.torch
import torch
from torch import nn

from gan_cut.conditional_networks import ConditionalGenerator
from gan_cut.networks import ResnetGenerator, StudentGenerator, initialise
from gan_cut.style import StyleNetwork
from models.core.files import half_precision
from models.upscaler.networks import SRVGGNetCompact
from tests.tiny_critic import publish_tiny_critic


def publish_tiny(folder: Path, name: str, live: bool = False) -> None:
    """NAME.safetensors with its card, and with `live` NAME-live.safetensors, too."""
    folder.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(0)
    networks = {name: ResnetGenerator(4, 1)}
    if live:
        networks[f"{name}-live"] = StudentGenerator(4, 1)
    for called, network in networks.items():
        initialise(network, 0.2)
        write(folder, called, network)


def write(folder: Path, name: str, network: nn.Module) -> None:
    """NAME.safetensors with its card."""
    file = folder / f"{name}.safetensors"
    safetensors.torch.save_file(half_precision(network), file)
    card = {
        "file": file.name,
        "sha256": hashlib.sha256(file.read_bytes()).hexdigest(),
        "command": "tests/tiny_engines.py",
    }
    (folder / f"{name}.card.json").write_text(json.dumps(card))


def publish_tiny_felt(folder: Path) -> None:
    """What the engines that follow a mixture need: a style network, a dreamer, an upscaler and a
    critic of weights by lot."""
    folder.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(0)
    networks = {
        "style": StyleNetwork(4, 1),
        "dream": ConditionalGenerator(64, 4, 8, 4),
        "upscaler": SRVGGNetCompact(4, 1),
    }
    for name, network in networks.items():
        write(folder, name, network)
    publish_tiny_critic(folder)


def publish_tiny_dream(folder: Path) -> None:
    """dream.safetensors alone: noise, of other colours for every style and mixture."""
    folder.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(0)
    network = ConditionalGenerator(64, width=4, code=8, embedding=8)
    initialise(network, 0.2)
    write(folder, "dream", network)
