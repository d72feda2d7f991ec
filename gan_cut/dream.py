"""A published conditional GAN, ready to make pictures of a style and an emotion.

dreamer = Dreamer("dream.safetensors")
pictures = dreamer("landscape", parse_emotion("happy=0.6,surprise=0.4"), count=3, seed=1)
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from gan_cut.checkpoints import load_generator
from gan_cut.conditional_networks import STYLES, ConditionalGenerator, conditions
from gan_cut.plain_networks import PlainGenerator
from models.core.device import choose_device, processor_threads
from models.core.emotions import EXPRESSIONS, parse_emotion
from models.core.files import UnknownCheckpoint
from models.core.pictures import to_uint8

__all__ = ["STYLES", "Dreamer", "animate", "parse_emotion"]

STRENGTH = 1.6
"""What is asked for is exaggerated: so many times as far from the even mixture of all expressions,
which labels that act linearly allow.  Of 1, 1.3, 1.6 and 2 the one with which the critic agrees
most, by the mean logarithm of the share that it gives to what was asked for."""
ANIMATIONS = (".gif", ".webp")
FRAMES_PER_CODE = 24
FRAME_MILLISECONDS = 60


class Dreamer:
    """Makes pictures with the generator in a file.

    Computes in float32 everywhere: one of 128² takes a core ten milliseconds, and equal seeds
    give equal pictures.
    """

    def __init__(self, weights: Path | str, device: str = "auto") -> None:
        """Raises FileNotFoundError, and UnknownCheckpoint for another network's file."""
        generator = load_generator(weights)
        if not isinstance(generator, (ConditionalGenerator, PlainGenerator)):
            raise UnknownCheckpoint(
                f"{weights} holds a {type(generator).__name__}, which translates pictures; "
                "one that makes them from nothing is needed"
            )
        self.device = choose_device(device)
        self.generator = generator.to(self.device, memory_format=torch.channels_last)
        self.size: int = generator.size

    def __call__(
        self, style: str, mixture: np.ndarray, count: int, seed: int, threads: int = 1
    ) -> np.ndarray:
        """[count, size, size, 3] uint8.  Equal seeds give equal pictures.

        mixture: [7], shares of EXPRESSIONS, at least 0, sum 1.  Picture i of a seed is the same
        whatever the count.  Raises ValueError for anything else.
        """
        codes = np.random.default_rng(seed).standard_normal((count, self.generator.code))
        return self.paint(style, np.repeat(np.asarray(mixture)[None], count, 0), codes, threads)

    def paint(
        self, style: str, mixtures: np.ndarray, codes: np.ndarray, threads: int = 1
    ) -> np.ndarray:
        """[N, size, size, 3] uint8: a picture for each of the mixtures [N, 7] and codes [N, code].

        Raises ValueError as a call does.
        """
        if style not in STYLES:
            raise ValueError(f"unknown style {style!r}; the choices are {', '.join(STYLES)}")
        mixtures = np.array(mixtures, np.float32)
        sums = mixtures.sum(-1)
        if not len(mixtures):
            raise ValueError("no picture is asked for: the count is 1 or more")
        if mixtures.shape[1:] != (len(EXPRESSIONS),) or (mixtures < 0).any():
            raise ValueError(f"a mixture has a share, 0 or more, of each: {', '.join(EXPRESSIONS)}")
        if not np.allclose(sums, 1, atol=1e-3):
            raise ValueError(f"the shares of a mixture sum to 1, not to {sums.min():.3f}")
        even = 1 / len(EXPRESSIONS)
        stronger = torch.from_numpy(even + STRENGTH * (mixtures - even))
        wanted = conditions(torch.full((len(mixtures),), STYLES.index(style)), stronger)
        numbers = torch.from_numpy(np.asarray(codes, np.float32))
        with torch.inference_mode(), processor_threads(threads):
            return to_uint8(self.generator(numbers.to(self.device), wanted.to(self.device)))


def animate(
    dreamer: Dreamer, style: str, mixture: np.ndarray, count: int, seed: int, threads: int = 1
) -> np.ndarray:
    """Frames [24 * max(2, count), size, size, 3] uint8 of a walk that ends where it began.

    From code to code on the sphere that normal codes lie on, at a steady pace, while the
    emotion comes out of neutral and sinks back, once in all.
    """
    stops = np.random.default_rng(seed).standard_normal((max(2, count), dreamer.generator.code))
    codes = [
        between(a, b, step / FRAMES_PER_CODE)
        for a, b in zip(stops, np.roll(stops, -1, axis=0), strict=True)
        for step in range(FRAMES_PER_CODE)
    ]
    phase = np.arange(len(codes)) / len(codes)
    share = (0.5 + 0.5 * np.cos(2 * np.pi * phase))[:, None]
    neutral = np.eye(len(EXPRESSIONS))[EXPRESSIONS.index("neutral")]
    mixtures = share * mixture + (1 - share) * neutral
    return dreamer.paint(style, mixtures, np.stack(codes), threads)


def between(a: np.ndarray, b: np.ndarray, share: float) -> np.ndarray:
    """On the great circle from a to b, lengths alike (Shoemake 1985; White 2016)."""
    cosine = a @ b / (np.linalg.norm(a) * np.linalg.norm(b))
    angle = np.arccos(np.clip(cosine, -1, 1))
    if angle < 1e-6:
        return (1 - share) * a + share * b
    return (np.sin((1 - share) * angle) * a + np.sin(share * angle) * b) / np.sin(angle)


def save_animation(frames: Sequence[np.ndarray], path: Path) -> None:
    """A GIF or a WebP that begins again at its end.  Raises ValueError for another name."""
    if path.suffix.lower() not in ANIMATIONS:
        raise ValueError(f"{path} is no animation: its name must end with {', '.join(ANIMATIONS)}")
    first, *others = (Image.fromarray(frame) for frame in frames)
    first.save(
        path, save_all=True, append_images=others, duration=FRAME_MILLISECONDS, loop=0, quality=85
    )
