"""What SqueezeNet as published sees in a work, at several levels and sizes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import torch
from tqdm import tqdm

from datasets.pictures import read_rgb
from models.core.device import choose_device, mixed_precision
from models.core.files import read_state
from models.core.squeezenet import CHANNELS, LEVELS, SqueezeNet

SIZES = (224, 320)
WIDTH = 2 * sum(CHANNELS.values())
"""Features of one size: means of all levels' channels, then deviations."""
LAST = slice(sum(CHANNELS.values()) - CHANNELS[LEVELS[-1]], sum(CHANNELS.values()))
"""Those of a linear probe: means of the last level, at the first size."""


def features(files: Sequence[Path], backbone: Path, sizes: Sequence[int] = SIZES) -> np.ndarray:
    """[N, len(sizes) * WIDTH] float32: roots of means and deviations of each channel, over a
    picture and its mirror image.

    Raises ValueError naming a file that is no picture.
    """
    device = choose_device()
    network = SqueezeNet().to(device)
    network.load_state_dict(read_state(backbone, device))
    network.eval().requires_grad_(False)
    found = np.empty((len(files), len(sizes) * WIDTH), np.float32)
    with torch.inference_mode(), mixed_precision(device):
        for row, file in enumerate(tqdm(files, desc="SqueezeNet", unit="work")):
            picture = read_rgb(file)
            for place, size in enumerate(sizes):
                one = cv2.resize(picture, (size, size), interpolation=cv2.INTER_CUBIC)
                both = torch.from_numpy(np.stack((one, one[:, ::-1]))).to(device)
                levels = [x.float() for x in network(both.permute(0, 3, 1, 2).float())]
                said = [x.mean((0, 2, 3)) for x in levels]
                said += [x.std((2, 3)).mean(0) for x in levels]
                found[row, place * WIDTH : (place + 1) * WIDTH] = torch.cat(said).sqrt().cpu()
    return found
