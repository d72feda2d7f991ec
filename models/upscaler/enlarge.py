"""`python -m models enlarge PICTURE OUT`: a picture file becomes a larger one."""

from __future__ import annotations

import os
from pathlib import Path

from PIL import Image
from tqdm import tqdm

from datasets.commands import never_over
from datasets.paths import write_whole
from datasets.pictures import read_rgb
from models.core.pictures import write_rgb
from models.upscaler.upscaler import Upscaler


def enlarge(picture: Path, out: Path, weights: Path) -> None:
    """Reads `picture`, writes it to `out` enlarged with all processor threads.

    Raises ValueError for a picture that cannot be read or is too large and for a format that
    cannot be written, ModelError for weights that enlarge nothing, OSError where nothing can
    be written.
    """
    if Image.registered_extensions().get(out.suffix.lower()) not in ("JPEG", "PNG", "WEBP"):
        raise ValueError(f"{out} cannot be written: end its name with .png, .jpg or .webp")
    never_over(out, [picture])
    pixels = read_rgb(picture)
    upscaler = Upscaler(weights)
    with tqdm(total=100, unit="%", desc=f"{pixels.shape[1]} x {pixels.shape[0]}") as bar:
        large = upscaler(pixels, os.cpu_count() or 1, lambda share: move(bar, share))
    write_whole(out, lambda new: write_rgb(new, large))
    print(f"{out}: {large.shape[1]} x {large.shape[0]}, {upscaler.backend}")


def move(bar: tqdm, share: float) -> None:
    """To a share of the whole."""
    bar.update(round(100 * share) - bar.n)
