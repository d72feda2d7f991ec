"""Labels of paintings: how likely people name each expression before them, and in which style.

file,angry,disgust,fear,happy,neutral,sad,surprise
portrait/0000.jpg,0.02,0.05,0.11,0.41,0.01,0.22,0.18
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch

from gan_cut.conditional_networks import STYLES, conditions
from gan_cut.emotions import EXPRESSIONS

SHARPNESS = 2.5
SMALLEST_SHARE = 1e-3


def read_shares(file: Path | str) -> dict[str, np.ndarray]:
    """Name of a picture -> shares [7].  Raises ValueError for another form of file."""
    with open(file, newline="", encoding="utf-8") as lines:
        rows = csv.DictReader(lines)
        missing = [n for n in ("file", *EXPRESSIONS) if n not in (rows.fieldnames or ())]
        if missing:
            raise ValueError(f"{file} has no column {', '.join(missing)}")
        try:
            return {row["file"]: np.array([float(row[e]) for e in EXPRESSIONS]) for row in rows}
        except (TypeError, ValueError) as problem:
            raise ValueError(f"{file} has a share that is no number: {problem}") from None


def labelled(files: Sequence[Path], labels: Path | str) -> tuple[list[Path], np.ndarray]:
    """The pictures that have labels, and their conditions [N, 11] float32.

    A picture's name in `labels` is STYLE/NAME, the end of its path; its folder is its style.
    Raises ValueError when no picture has both.
    """
    shares = read_shares(labels)
    named = {"/".join(path.parts[-2:]): path for path in files if path.parent.name in STYLES}
    kept = [name for name in named if name in shares]
    if not kept:
        raise ValueError(
            f"none of {len(files)} pictures is in a folder {', '.join(STYLES)} and has labels"
            f" in {labels}"
        )
    styles = np.array([STYLES.index(name.split("/")[0]) for name in kept])
    mixtures = relative(np.stack([shares[name] for name in kept]), styles)
    told = conditions(torch.from_numpy(styles), torch.from_numpy(mixtures)).numpy()
    return [named[name] for name in kept], told.astype(np.float32)


def relative(shares: np.ndarray, styles: np.ndarray, sharpness: float = SHARPNESS) -> np.ndarray:
    """Shares [N, 7] -> mixtures [N, 7] that say what is special about each picture of its style.

    People say "happy" before most paintings, and "angry" before hardly any: as they are, shares
    are nearly the same for all.  The logarithm of each is standardised within the style; the
    softmax of these scores, times `sharpness`, is the mixture.
    """
    mixtures = np.zeros(shares.shape, np.float32)
    logarithms = np.log(np.maximum(shares, SMALLEST_SHARE))
    for style in np.unique(styles):
        of = styles == style
        scores = logarithms[of] - logarithms[of].mean(0)
        scores /= logarithms[of].std(0) + 1e-6
        weights = np.exp(sharpness * (scores - scores.max(1, keepdims=True)))
        mixtures[of] = weights / weights.sum(1, keepdims=True)
    return mixtures
