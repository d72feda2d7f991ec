"""Labels of paintings: how likely people name each expression before them, and in which style.

They come as `python -m models label paintings` writes them.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch

from datasets.arrays import arrays_of
from gan_cut.conditional_networks import STYLES, conditions
from models.core.emotions import EXPRESSIONS

SHARPNESS = 4.0
"""By what standardised scores are multiplied before their softmax is the mixture."""
SMALLEST_SHARE = 1e-3
"""What a share counts as at least: its logarithm is taken."""


def read_shares(file: Path | str) -> dict[str, np.ndarray]:
    """Name of a picture -> shares [7], of those that are not the judge's.

    What is to be judged must not have learned from works by the judge's artists.
    Raises FileNotFoundError, and ValueError for another form of file.
    """
    try:
        with Path(file).open("rb") as opened:
            names, shares, judged = arrays_of(opened, ("files", "shares", "judged")).values()
    except ValueError as problem:
        raise ValueError(
            f"{file} is no file of labels ({problem}): 'python -m models label paintings' makes one"
        ) from None
    if shares.shape != (len(names), len(EXPRESSIONS)) or judged.shape != (len(names),):
        raise ValueError(
            f"{file} has {shares.shape} shares for {len(names)} pictures, not"
            f" {len(EXPRESSIONS)} for each: 'python -m models label paintings' makes it anew"
        )
    return {str(name): row for name, row, out in zip(names, shares, judged, strict=True) if not out}


def labelled(files: Sequence[Path], labels: Path | str) -> tuple[list[Path], np.ndarray]:
    """The pictures that have labels, and [N, 18] float32 of each.

    The first 11 are its condition: its style, and how its emotion differs from others of that
    style.  The last 7 are the mixture by which it differs from all works: most portraits look
    happy beside abstract works, but there are sad ones among them.
    A picture's name in `labels` is STYLE/NAME, the end of its path; its folder is its style.
    Raises ValueError when no picture has both.
    """
    shares = read_shares(labels)
    named = {"/".join(path.parts[-2:]): path for path in files if path.parent.name in STYLES}
    kept = [name for name in named if name in shares]
    if not kept:
        raise ValueError(
            f"none of {len(files)} pictures is in a folder {', '.join(STYLES)} and has labels"
            f" in {labels}: give the set that was labelled"
        )
    styles = np.array([STYLES.index(name.split("/")[0]) for name in kept])
    said = np.stack([shares[name] for name in kept])
    within, overall = relative(said, styles), relative(said, np.zeros_like(styles))
    told = conditions(torch.from_numpy(styles), torch.from_numpy(within)).numpy()
    return [named[name] for name in kept], np.concatenate([told, overall], 1)


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
