"""Two ways to make a picture larger as a whole, to compare: interpolation, and a network."""

from __future__ import annotations

import cv2
import numpy as np
import torch
from torch import nn

from models.core.pictures import to_tensor, to_uint8

NAME = "upscaler"
SCALE = 4


@torch.inference_mode()
def enlarged(network: nn.Module, picture: np.ndarray) -> np.ndarray:
    """[H, W, 3] uint8 -> [4H, 4W, 3], in float32, whole."""
    device = next(network.parameters()).device
    x = (to_tensor([picture]).to(device) + 1) / 2
    return to_uint8(network(x) * 2 - 1)[0]


def bicubic(picture: np.ndarray, scale: int = SCALE) -> np.ndarray:
    """[H, W, 3] uint8 -> [H * scale, W * scale, 3]: what there is without any training."""
    size = (picture.shape[1] * scale, picture.shape[0] * scale)
    return cv2.resize(picture, size, interpolation=cv2.INTER_CUBIC)
