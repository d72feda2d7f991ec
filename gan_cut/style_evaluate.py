"""Figures of an emotional style network on captures that it has never seen.

Styles are compared by SqueezeNet's features; the network was taught with VGG19's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from pathlib import Path

import numpy as np
import torch

from gan_cut.evaluate import bar, row
from gan_cut.metrics import composition, edge_layout
from gan_cut.style import Statistics, statistics, style_loss
from gan_cut.stylist import Stylist
from models.core.pictures import to_tensor
from models.core.squeezenet import SqueezeNetFeatures

LAYERS = (1, 4, 7, 12)
"""Of SqueezeNet: from colours to large strokes."""
SHARES = (0.0, 0.25, 0.5, 0.75, 1.0)
PAIRED = 4
"""Captures that are painted between every two expressions."""
NEAREST_GOAL = 80.0
STEADY_GOAL = 80.0
CHANCE = 100 / 24
"""Per cent: of the orders in which three pictures on the way and the far end can lie, one."""


def look(network: SqueezeNetFeatures, picture: np.ndarray) -> Statistics:
    """[H, W, 3] uint8 -> how it is painted, whatever it shows."""
    with torch.inference_mode():
        levels = network(to_tensor([picture]).to(network.mean.device), LAYERS)
        return [statistics(x) for x in levels]


def style_distance(one: Statistics, wanted: Statistics) -> float:
    """`style.style_loss` on these layers: 0 for the same style."""
    return float(style_loss(one, wanted))


def mean_look(looks: Sequence[Statistics]) -> Statistics:
    """That of several works as one style."""
    return [
        tuple(torch.stack(part).mean(0) for part in zip(*of_layer, strict=True))
        for of_layer in zip(*looks, strict=True)
    ]


def evaluate_style(
    weights: Path,
    captures: Sequence[np.ndarray],
    works: Mapping[str, Sequence[np.ndarray]],
    network: SqueezeNetFeatures,
    device: str = "auto",
) -> list[dict]:
    """Rows {name, value, unit, baseline, goal, met}; captures and works [H, W, 3] uint8.

    Raises ValueError when the network has another number of styles than there are works for.
    """
    stylist = Stylist(weights, device=device)
    styles, corners = tuple(works), np.eye(stylist.network.styles, dtype=np.float32)
    if len(styles) != len(corners):
        raise ValueError(
            f"{weights} has {len(corners)} styles, not {len(styles)}: give works for as many"
        )
    wanted = [mean_look([look(network, work) for work in works[style]]) for style in styles]
    made = [[stylist(c, corner) for c in captures] for corner in bar(corners, "styles")]
    of_made = [[look(network, picture) for picture in of_style] for of_style in made]
    of_captures = [look(network, capture) for capture in captures]

    towards = np.array([[[style_distance(p, w) for w in wanted] for p in one] for one in of_made])
    before = np.array([[style_distance(p, w) for w in wanted] for p in of_captures])
    own = np.eye(len(styles), dtype=bool)
    nearest = 100 * (towards.argmin(2) == np.arange(len(styles))[:, None])
    mean = towards.mean(1)
    kept = [composition(captures, one, edge_layout) for one in made]
    name = "painted captures nearest to the works of their own expression"
    rows = [
        # A capture as it is, too, is nearest to the works of one: by chance its own.
        row(name, nearest.mean(), "%", 100 / len(styles), NEAREST_GOAL),
        *(row(f"… {style}", n.mean(), "%") for style, n in zip(styles, nearest, strict=True)),
        row("style distance to their own works; captures", mean[own].mean(), "", before.mean()),
        row("style distance to the others' works", mean[~own].mean(), "", before.mean()),
        row("contours kept; by chance", *np.mean(kept, 0)[[0]], "correlation", np.mean(kept, 0)[1]),
    ]
    if len(styles) > 1:
        steady, between = on_the_way(stylist, captures[:PAIRED], of_made, network)
        name = "ways between two expressions that go steadily; by chance"
        rows.append(row(name, steady, "%", CHANCE, STEADY_GOAL))
        rows.append(row("half-way pictures nearer to both ends than these are", between, "%"))
    return rows


def on_the_way(
    stylist: Stylist,
    captures: Sequence[np.ndarray],
    of_made: Sequence[Sequence[Statistics]],
    network: SqueezeNetFeatures,
) -> tuple[float, float]:
    """Per cent of the ways from one expression to another, over all pairs and these captures.

    Steady: at each of four equal steps the picture's style goes away from the first end and
    nears the second.  Between: half-way it is nearer to both ends than they are to each other.
    """
    corners = np.eye(stylist.network.styles, dtype=np.float32)
    steady, between = [], []
    for one, other in bar(list(combinations(range(len(corners)), 2)), "pairs"):
        for number, capture in enumerate(captures):
            first, last = of_made[one][number], of_made[other][number]
            path = [
                look(network, stylist(capture, (1 - share) * corners[one] + share * corners[other]))
                for share in SHARES[1:-1]
            ]
            path = [first, *path, last]
            left = [style_distance(p, first) for p in path]
            ahead = [style_distance(p, last) for p in path]
            steady.append((np.diff(left) > 0).all() and (np.diff(ahead) < 0).all())
            middle = len(path) // 2
            between.append(left[middle] < left[-1] and ahead[middle] < ahead[0])
    return 100 * float(np.mean(steady)), 100 * float(np.mean(between))
