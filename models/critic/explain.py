"""Pictures that show what the critic has learnt (N2).

python -m models explain PICTURE --expression sad     where it sees sadness (class activation)
python -m models visualise sad --out sad.png          what it would call sad above all
"""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import torch
from torch import Tensor
from torch.nn import functional
from tqdm import tqdm

from datasets.commands import never_over
from datasets.paths import write_whole
from datasets.pictures import read_rgb
from models import registry
from models.core.emotions import EXPRESSIONS
from models.critic.critic import NAME, Critic

STEPS = 300
SIDE = 256
BANDS = (8, 16, 32, 64, 128, 256)
"""Sides of the pictures whose sum is drawn: coarse colour first, detail last."""


def explain(picture: Path, expression: str | None, out: Path | None) -> Path:
    """Writes the picture with the map over it; returns the file.

    Without an expression the one that is most unusual for a work is explained.  Raises
    ValueError for a file that is no picture, and registry.ModelError without a critic.
    """
    if out is not None:
        never_over(out, [picture])
    critic = Critic(registry.WEIGHTS / f"{NAME}.safetensors")
    seen = read_rgb(picture)
    scores = critic.scores([seen])
    unusual = critic.unusual(scores)[0]
    expression = expression or EXPRESSIONS[int(unusual.argmax())]
    heat = critic.map(seen, expression)
    file = out or picture.with_name(f"{picture.stem}-{expression}.png")
    write_picture(file, laid_over(seen, heat))
    for name, share, rare in zip(EXPRESSIONS, scores[0], unusual, strict=True):
        mark = "  <- shown" if name == expression else ""
        print(f"{name:<10}{share:>7.1%}   beside what is usual {rare:>6.1%}{mark}")
    print(file)
    return file


def laid_over(picture: np.ndarray, heat: np.ndarray) -> np.ndarray:
    """[H, W, 3] uint8: grey and dark where heat [H, W] is 0, as it is where heat is 1."""
    light = picture @ np.array([0.299, 0.587, 0.114], np.float32)
    grey = np.repeat(light[..., None], 3, 2) * 0.35
    share = heat[..., None]
    return (picture * share + grey * (1 - share)).round().astype(np.uint8)


def visualise(expression: str, out: Path, seed: int = 0) -> Path:
    """Writes the picture that the critic finds most of this expression in; returns the file.

    Raises ValueError for a format that cannot be written, and registry.ModelError without a
    critic.
    """
    check_format(out)
    critic = Critic(registry.WEIGHTS / f"{NAME}.safetensors")
    write_picture(out, imagined(critic, expression, seed, STEPS))
    share = critic.scores([read_rgb(out)])[0, EXPRESSIONS.index(expression)]
    print(f"{expression}: {share:.1%} of what people would name, says the critic\n{out}")
    return out


def imagined(critic: Critic, expression: str, seed: int, steps: int) -> np.ndarray:
    """[SIDE, SIDE, 3] uint8: class model visualisation (Simonyan, Vedaldi and Zisserman 2014,
    equation 1: the picture of the highest logit under a penalty), by gradient ascent.

    What keeps it a picture: it is a sum of bands of which the coarse ones move first, its total
    variation is penalised, and it is looked at from another place and side at each step.
    """
    target = EXPRESSIONS.index(expression)
    generator = torch.Generator().manual_seed(seed)
    bands = [torch.randn(1, 3, side, side, generator=generator) * 0.05 for side in BANDS]
    bands = [band.to(critic.device).requires_grad_() for band in bands]
    optimiser = torch.optim.Adam(
        [
            {"params": [band], "lr": 0.05 * (BANDS[0] / side) ** 0.35}
            for band, side in zip(bands, BANDS, strict=True)
        ]
    )
    for _ in tqdm(range(steps), desc=expression, unit="step"):
        picture = drawn(bands)
        down, right, mirror = torch.randint(0, 33, (3,), generator=generator).tolist()
        view = picture[:, :, down : down + SIDE - 32, right : right + SIDE - 32]
        view = view.flip(3) if mirror % 2 else view
        view = functional.interpolate(view, (128, 128), mode="area")
        logits = critic.network(view * 255)[0][0]
        rough = picture.diff(dim=2).abs().mean() + picture.diff(dim=3).abs().mean()
        loss = -logits.log_softmax(0)[target] - 0.1 * logits[target] + 4 * rough
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    levels = drawn(bands)[0].detach().permute(1, 2, 0).cpu().numpy()
    return (levels * 255).round().astype(np.uint8)


def drawn(bands: list[Tensor]) -> Tensor:
    """[1, 3, SIDE, SIDE], 0 to 1: the sum of all bands."""
    whole = sum(
        functional.interpolate(band, (SIDE, SIDE), mode="bicubic", align_corners=False)
        for band in bands
    )
    return whole.sigmoid()


def check_format(file: Path) -> None:
    """Raises ValueError for a name that ends with no format that is written."""
    if file.suffix.lower() not in (".png", ".jpg", ".jpeg", ".webp"):
        raise ValueError(f"{file} must end with .png, .jpg or .webp")


def write_picture(file: Path, picture: np.ndarray) -> None:
    """[H, W, 3] uint8 RGB to the format that the name ends with; raises ValueError."""
    check_format(file)
    write_whole(file, lambda new: cv2.imwrite(str(new), picture[..., ::-1]))
