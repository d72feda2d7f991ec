"""Contact sheets of pictures and curves of losses, as picture files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from PIL import Image, ImageDraw, ImageFont

from models.core.pictures import centre_square

GROUND, INK = (24, 22, 20), (230, 226, 218)


def contact_sheet(rows: Mapping[str, Sequence[np.ndarray]], cell: int = 192) -> np.ndarray:
    """Labelled rows of pictures [H, W, 3] uint8 -> one picture [H, W, 3] uint8."""
    margin, gap = 96, 4
    columns = max(len(pictures) for pictures in rows.values())
    size = (margin + columns * (cell + gap) + gap, len(rows) * (cell + gap) + gap)
    sheet = Image.new("RGB", size, GROUND)
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(13)
    for row, (label, pictures) in enumerate(rows.items()):
        top = gap + row * (cell + gap)
        draw.multiline_text((8, top + 8), label.replace(" ", "\n"), INK, font)
        for column, picture in enumerate(pictures):
            square = Image.fromarray(centre_square(picture, cell))
            sheet.paste(square, (margin + gap + column * (cell + gap), top))
    return np.asarray(sheet)


def loss_curves(history: Sequence[Mapping[str, float]], path: Path) -> None:
    """One panel per column of the history, over the steps."""
    names = [name for name in history[0] if name != "step"]
    figure = Figure(figsize=(10, 2.2 * len(names)), layout="constrained")
    steps = [row["step"] for row in history]
    panels = np.atleast_1d(figure.subplots(len(names), sharex=True))
    for panel, name in zip(panels, names, strict=True):
        panel.plot(steps, [row[name] for row in history], linewidth=1)
        panel.set_ylabel(name.replace("_", " "))
        panel.grid(alpha=0.3)
    panel.set_xlabel("step")
    figure.savefig(path, dpi=80)
