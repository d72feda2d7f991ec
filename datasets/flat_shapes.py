"""Flat shapes on black, as other people's canvases look: unlit, of pure colours, few or many.

    python -m datasets shapes --count 400 --out my/shapes

What learned from our own lit scenes alone takes such a canvas for night.  Shapes are the outlines
of cubes, cones, spheres, cylinders and rings, of one kind or mixed, from a hundredth of the
picture to half of it.
"""

from __future__ import annotations

import colorsys
import json
from dataclasses import asdict
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from datasets.about import About
from datasets.folders import about_folder
from datasets.paths import write_whole

NAME = "flat shapes"
KINDS = ("cube", "cone", "sphere", "cylinder", "ring", "triangle", "rectangle")
FINER = 3
"""Pixels that are drawn for each pixel of a picture, in each direction."""
MOST = 120
SIZES = (0.015, 0.42)
"""Smallest and largest radius, in shares of the picture's side."""
ONE_KIND = 0.4
"""Share of pictures with shapes of a single kind."""
FEW_COLOURS = 0.4
"""Share of pictures with one to three colours."""


def draw(seed: int, number: int, size: int) -> np.ndarray:
    """[size, size, 3] uint8 RGB, the same at every call."""
    random = np.random.default_rng([seed, number])
    canvas = np.zeros((FINER * size, FINER * size, 3), np.uint8)
    count = round(float(np.exp(random.uniform(0, np.log(MOST)))))
    kinds = [str(random.choice(KINDS))] if random.random() < ONE_KIND else list(KINDS)
    colours = None
    if random.random() < FEW_COLOURS:
        colours = [pure(random) for _ in range(random.integers(1, 4))]
    # a picture full of shapes has smaller ones
    smallest, largest = np.log(SIZES[0]), np.log(max(SIZES[1] / count**0.33, 3 * SIZES[0]))
    for _ in range(count):
        radius = np.exp(random.uniform(smallest, largest)) * len(canvas)
        middle = random.uniform(0, len(canvas), 2)
        colour = colours[random.integers(len(colours))] if colours else pure(random)
        add(canvas, str(random.choice(kinds)), middle, radius, colour, random)
    return cv2.resize(canvas, (size, size), interpolation=cv2.INTER_AREA)


def pure(random: np.random.Generator) -> tuple[int, int, int]:
    """A colour as programs name them: fully saturated, at times lighter or white."""
    whiteness = random.choice((0.0, 0.0, 0.0, 0.4, 1.0), p=(0.3, 0.3, 0.15, 0.2, 0.05))
    red, green, blue = colorsys.hsv_to_rgb(random.random(), 1 - whiteness, random.uniform(0.6, 1))
    return round(255 * red), round(255 * green), round(255 * blue)


def add(
    canvas: np.ndarray,
    kind: str,
    middle: np.ndarray,
    radius: float,
    colour: tuple[int, int, int],
    random: np.random.Generator,
) -> None:
    """One shape, turned by chance."""
    turn, flat = random.uniform(0, 2 * np.pi), random.uniform(0.3, 1.0)
    if kind in ("sphere", "ring"):
        axes = (max(1, round(radius)), max(1, round(radius * (flat if kind == "ring" else 1))))
        width = -1 if kind == "sphere" else max(1, round(radius * 0.35))
        centre = tuple(int(v) for v in middle)
        cv2.ellipse(canvas, centre, axes, np.degrees(turn), 0, 360, colour, width, cv2.LINE_AA)
        return
    outline = {
        # corners of the outline, from the middle, in radii
        "cube": [(np.cos(a), np.sin(a) * (0.7 + 0.3 * flat)) for a in np.arange(6) * np.pi / 3],
        "triangle": [(np.cos(a), np.sin(a)) for a in (0.0, 2.1, 4.2)],
        "rectangle": [(-1, -flat), (1, -flat), (1, flat), (-1, flat)],
        "cone": [(0, -1.3), *arc(0.8, 0.8, 0.3 * flat)],
        "cylinder": [*arc(-0.8, 0.6, -0.2 * flat)[::-1], *arc(0.8, 0.6, 0.2 * flat)],
    }[kind]
    rotation = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    corners = middle + radius * np.array(outline) @ rotation.T
    cv2.fillPoly(canvas, [np.round(corners).astype(np.int32)], colour, cv2.LINE_AA)


def arc(height: float, width: float, depth: float) -> list[tuple[float, float]]:
    """Half of an ellipse from right to left: the rim of a base that is seen from the side."""
    angles = np.linspace(0, np.pi, 12)
    return [(width * np.cos(a), height + depth * np.sin(a)) for a in angles]


def make(folder: Path, count: int, seed: int, size: int) -> None:
    """Pictures 0 to `count` - 1 and an `about.json`.

    Raises ValueError where the folder holds anything else.
    """
    if folder.is_dir() and any(folder.iterdir()) and about_folder(folder).name != NAME:
        raise ValueError(f"{folder} holds something else; name another folder with --out")
    about = About(
        name=NAME,
        what=f"flat shapes of pure colours on black, {size}x{size} pixels",
        origin=f"drawn by `python -m datasets shapes --seed {seed}`",
        licence="Apache-2.0, as the project",
        terms="none",
        faults="made by a program: no picture of anything",
        files=(),
        get="Run the command.",
    )
    text = json.dumps(asdict(about), indent=2) + "\n"
    write_whole(folder / "about.json", lambda new: new.write_text(text, encoding="utf-8"))
    for number in range(count):
        picture = Image.fromarray(draw(seed, number, size))
        write_whole(folder / f"{number:06d}.png", picture.save)
