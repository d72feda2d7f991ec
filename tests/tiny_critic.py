"""A critic that has learnt nothing, for the tests of what uses one."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch

from models import registry
from models.core.emotions import EXPRESSIONS
from models.critic.critic import NAME
from models.critic.network import CriticNetwork


def publish_tiny_critic(folder: Path, network: CriticNetwork | None = None) -> Path:
    """critic.safetensors with its cards: weights by lot, or those of a network."""
    if network is None:
        torch.manual_seed(0)
        network = CriticNetwork()
    tensors = {name: value.half().numpy() for name, value in network.state_dict().items()}
    tensors["usual"] = np.full(len(EXPRESSIONS), -2, np.float16)
    tensors["spread"] = np.ones(len(EXPRESSIONS), np.float16)
    about = dict.fromkeys(registry.CARD_FIELDS, "nothing learnt")
    return registry.save_tensors(NAME, tensors, about | {"data": []}, "none", folder)
