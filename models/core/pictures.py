"""Pictures: to files, to other sizes, to tensors and back."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import torch
from PIL import Image
from torch import Tensor


def write_rgb(path: Path, picture: np.ndarray) -> None:
    """[H, W, 3] uint8 to the format that the name ends with."""
    Image.fromarray(picture).save(path)


def resize_shorter(picture: np.ndarray, size: int) -> np.ndarray:
    """Shorter side `size`, same shape.  Areas are averaged when it shrinks."""
    height, width = shorter_shape(*picture.shape[:2], size)
    if (height, width) == picture.shape[:2]:
        return picture
    way = cv2.INTER_AREA if height < picture.shape[0] else cv2.INTER_CUBIC
    return cv2.resize(picture, (width, height), interpolation=way)


def shorter_shape(height: int, width: int, size: int) -> tuple[int, int]:
    """Height and width where the shorter of them is `size`."""
    factor = size / min(height, width)
    return max(size, round(height * factor)), max(size, round(width * factor))


def centre_square(picture: np.ndarray, size: int) -> np.ndarray:
    """[size, size, 3]: the middle of the picture."""
    picture = resize_shorter(picture, size)
    top, left = (picture.shape[0] - size) // 2, (picture.shape[1] - size) // 2
    return picture[top : top + size, left : left + size]


def to_tensor(pictures: Sequence[np.ndarray]) -> Tensor:
    """[H, W, 3] uint8 each -> [N, 3, H, W] float32 from -1 to 1."""
    return torch.from_numpy(np.stack(pictures)).permute(0, 3, 1, 2).float() / 127.5 - 1


def to_uint8(tensor: Tensor) -> np.ndarray:
    """[N, 3, H, W] from -1 to 1 -> [N, H, W, 3] uint8."""
    levels = ((tensor.detach().float() + 1) * 127.5).round().clamp(0, 255)
    return levels.to(torch.uint8).permute(0, 2, 3, 1).cpu().numpy()
