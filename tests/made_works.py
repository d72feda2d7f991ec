"""Works of art that a program made, with what people would say: blue is sad, yellow is happy,
stripes are surprising."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from datasets.art_emotions import FEELINGBLUE_WORDS, WIKIART_WORDS, for_judge
from models.core.emotions import EXPRESSIONS
from models.critic.material import Material
from models.critic.squares import SIZE

KINDS = ("happy", "sad", "surprise")
COLOURS = {"happy": (230, 200, 40), "sad": (30, 50, 120), "surprise": (160, 160, 160)}


def picture(kind: str, random: np.random.Generator, size: int = SIZE) -> np.ndarray:
    """[size, size, 3] uint8."""
    made = np.full((size, size, 3), COLOURS[kind], float)
    if kind == "surprise":
        made[:, np.arange(size) // (size // 8) % 2 == 0] = 40
    return (made + random.normal(0, 15, made.shape)).clip(0, 255).astype(np.uint8)


def works(count: int, artists: int = 20, seed: int = 0) -> Material:
    """So many works, a third of each kind, by so many artists."""
    random = np.random.default_rng(seed)
    kinds = [KINDS[number % 3] for number in range(count)]
    mixtures = random.uniform(0.02, 0.08, (count, 7)).astype(np.float32)
    mixtures[np.arange(count), [EXPRESSIONS.index(kind) for kind in kinds]] = 0.7
    shares = random.uniform(0.02, 0.08, (count, len(WIKIART_WORDS))).astype(np.float32)
    words = {"happy": "happiness", "sad": "sadness", "surprise": "surprise"}
    shares[np.arange(count), [WIKIART_WORDS.index(words[kind]) for kind in kinds]] = 0.7
    feelings = np.full((count, len(FEELINGBLUE_WORDS)), np.nan, np.float32)
    feelings[::2] = random.normal(0, 0.2, feelings[::2].shape)
    feelings[::2, FEELINGBLUE_WORDS.index("sadness")] = [
        0.8 if kind == "sad" else -0.4 for kind in kinds[::2]
    ]
    named = np.array([f"artist-{random.integers(artists)}" for _ in range(count)])
    return Material(
        files=np.array([f"{name}_work-{n}.jpg" for n, name in enumerate(named)]),
        paths=np.array([Path(f"{name}_work-{n}.jpg") for n, name in enumerate(named)], object),
        pictures=np.stack([picture(kind, random) for kind in kinds]),
        shares=shares,
        mixtures=mixtures / mixtures.sum(1, keepdims=True),
        feelings=feelings,
        artists=named,
        judged=np.array([for_judge(name) for name in named]),
        person=np.arange(count) % 2 == 0,
    )
