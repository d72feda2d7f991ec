"""Figures for a translation: nearness to the target, composition, diversity.

Pictures are [N, H, W, 3] uint8 arrays, or lists of [H, W, 3].
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
import torch

from models.core.pictures import centre_square, to_tensor
from models.core.squeezenet import SqueezeNetFeatures

FEATURE_SIZE = 224
LAYOUT_SIZE = 32


def pooled_features(
    network: SqueezeNetFeatures, pictures: Sequence[np.ndarray], batch: int = 32
) -> np.ndarray:
    """[N, 512] float64: SqueezeNet's last convolution, averaged over a 224 x 224 picture."""
    device, pooled = network.mean.device, []
    with torch.inference_mode():
        for start in range(0, len(pictures), batch):
            squares = [centre_square(p, FEATURE_SIZE) for p in pictures[start : start + batch]]
            (features,) = network(to_tensor(squares).to(device))
            pooled.append(features.mean((2, 3)).cpu().double())
    return torch.cat(pooled).numpy()


def frechet_distance(a: np.ndarray, b: np.ndarray) -> float:
    """Distance between two sets of features [N, D], each seen as a Gaussian.

    |m_a - m_b|^2 + tr(C_a + C_b - 2 (C_a C_b)^(1/2))

    Dowson and Landau 1982; used on Inception features by Heusel 2017 as the
    FID.  On other features it is another figure: say which.  It falls with N;
    compare only sets of the same size, and both sets larger than D.
    """
    mean_a, mean_b = a.mean(0), b.mean(0)
    cov_a, cov_b = np.cov(a, rowvar=False), np.cov(b, rowvar=False)
    # tr (C_a C_b)^(1/2) from the symmetric C_a^(1/2) C_b C_a^(1/2): same eigenvalues.
    values, vectors = np.linalg.eigh(cov_a)
    root_a = (vectors * np.sqrt(values.clip(0))) @ vectors.T
    product = np.linalg.eigvalsh(root_a @ cov_b @ root_a)
    trace = np.trace(cov_a) + np.trace(cov_b) - 2 * np.sqrt(product.clip(0)).sum()
    return float(np.square(mean_a - mean_b).sum() + trace)


def kernel_distance(
    a: np.ndarray, b: np.ndarray, subset: int = 300, times: int = 100, seed: int = 0
) -> tuple[float, float]:
    """KID (Bińkowski 2018) between two sets of features [N, D], and its deviation over subsets.

    The squared maximum mean discrepancy of the kernel (x·y / D + 1)³, without bias: of sets from
    one source it is 0 on average, whatever their sizes.  The mean over random subsets of at most
    `subset` of each.
    """
    random, count = np.random.default_rng(seed), min(subset, len(a), len(b))
    found = []
    for _ in range(times):
        x = a[random.choice(len(a), count, replace=False)]
        y = b[random.choice(len(b), count, replace=False)]
        within = sum(without_diagonal(cubic(z, z)) for z in (x, y)) / (count * (count - 1))
        found.append(within - 2 * cubic(x, y).mean())
    return float(np.mean(found)), float(np.std(found))


def cubic(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """[N, M]: (x·y / D + 1)³ of every two rows of [N, D] and [M, D]."""
    return (x @ y.T / x.shape[1] + 1) ** 3


def without_diagonal(matrix: np.ndarray) -> float:
    """The sum of all that is not on the diagonal."""
    return float(matrix.sum() - np.trace(matrix))


def luminance_layout(picture: np.ndarray) -> np.ndarray:
    """[32, 32] float: where it is light and where it is dark, details averaged away."""
    grey = cv2.cvtColor(centre_square(picture, 256), cv2.COLOR_RGB2GRAY).astype(np.float32)
    return cv2.resize(grey, (LAYOUT_SIZE, LAYOUT_SIZE), interpolation=cv2.INTER_AREA)


def edge_layout(picture: np.ndarray) -> np.ndarray:
    """[32, 32] float: where the larger contours are, whichever side is lighter."""
    lab = cv2.cvtColor(centre_square(picture, 256), cv2.COLOR_RGB2LAB).astype(np.float32)
    lab = cv2.GaussianBlur(lab, (0, 0), 4)
    across, down = cv2.Sobel(lab, cv2.CV_32F, 1, 0), cv2.Sobel(lab, cv2.CV_32F, 0, 1)
    strength = np.sqrt(np.square(across).sum(2) + np.square(down).sum(2))
    return cv2.resize(strength, (LAYOUT_SIZE, LAYOUT_SIZE), interpolation=cv2.INTER_AREA)


def colour_layout(picture: np.ndarray) -> np.ndarray:
    """[8 * 8 * 3] float: CIE Lab colours of an 8 x 8 picture."""
    tiny = cv2.resize(centre_square(picture, 256), (8, 8), interpolation=cv2.INTER_AREA)
    return cv2.cvtColor(tiny.astype(np.float32) / 255, cv2.COLOR_RGB2LAB).ravel()


def correlation(a: np.ndarray, b: np.ndarray) -> float:
    """Pearson's; 0 where one of them is constant."""
    a, b = a - a.mean(), b - b.mean()
    size = np.sqrt(np.square(a).sum() * np.square(b).sum())
    return float((a * b).sum() / size) if size > 0 else 0.0


def composition(
    sources: Sequence[np.ndarray], results: Sequence[np.ndarray], layout: object = edge_layout
) -> tuple[float, float]:
    """How far results keep the layout of their own sources, and by chance of others'.

    Mean correlation of the layouts, -1 to 1: (own, neighbour's).
    """
    kept = [layout(p) for p in sources], [layout(p) for p in results]
    own = np.mean([correlation(s, r) for s, r in zip(*kept, strict=True)])
    others = kept[1][1:] + kept[1][:1]
    chance = np.mean([correlation(s, r) for s, r in zip(kept[0], others, strict=True)])
    return float(own), float(chance)


def mean_distance(vectors: np.ndarray) -> float:
    """Mean Euclidean distance between all pairs of rows of [N, D]."""
    return float(torch.pdist(torch.from_numpy(np.asarray(vectors, np.float32))).mean())


def diversity(sources: np.ndarray, results: np.ndarray) -> float:
    """How much results differ from one another, against how much their sources do.

    Ratio of mean pairwise distances of vectors [N, D]; near 0 when all results
    look the same.
    """
    return mean_distance(results) / mean_distance(sources)
