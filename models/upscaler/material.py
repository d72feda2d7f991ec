"""What the upscaler learns from and is judged on: which paintings, by whom, and crops of them.

All are by artists who died before 1945.  Nobody's works are on two sides: some artists are
learnt from, CHOOSING are looked at while it learns, and JUDGED only by `evaluate`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path

import cv2
import numpy as np

from datasets import folders
from datasets.pictures import read_rgb
from datasets.scan import check

CHOOSING = ("delaunay", "munch")
JUDGED = ("gauguin", "hokusai", "mondrian", "turner")
"""As the files of the set `styles` begin, after `w224_` for the small ones."""
JUDGED_SMALL = (
    "alfred-sisley",
    "berthe-morisot",
    "childe-hassam",
    "eugene-boudin",
    "frans-hals",
    "joshua-reynolds",
    "pierre-auguste-renoir",
    "thomas-gainsborough",
)
"""Artists of the set `paintings`, whose works have 128 x 128 pixels."""
OF_EACH = 10
"""Works of each of them that are judged."""
SMALL = "w224_"


@dataclass(frozen=True)
class Works:
    """Files of paintings, apart by artist."""

    large: tuple[Path, ...]
    """To learn from, 750 pixels and more on the longer side."""
    small: tuple[Path, ...]
    """To learn from, 224 x 224 pixels."""
    choosing: tuple[Path, ...]
    judged: tuple[Path, ...]
    judged_small: tuple[Path, ...]


def works() -> Works:
    """Those of the sets `styles`, `monet` and `paintings`, each of which can be read.

    Raises DataMissing, and BadPicture naming all that cannot be read.
    """
    styles = folders.pictures("styles").files
    apart = {file: artist(file) for file in styles}
    held = (*CHOOSING, *JUDGED)
    large = [f for f in styles if not f.name.startswith(SMALL)]
    small = [f for f in styles if f.name.startswith(SMALL)]
    found = Works(
        large=tuple(f for f in large if apart[f] not in held),
        small=(
            *(f for f in small if apart[f] not in held),
            *folders.pictures("monet").files,
        ),
        choosing=tuple(f for f in large if apart[f] in CHOOSING),
        judged=tuple(f for f in large if apart[f] in JUDGED),
        judged_small=judged_small(),
    )
    check([file for field in fields(found) for file in getattr(found, field.name)])
    return found


def artist(file: Path) -> str:
    """Of a file of `styles`: w224_hokusai_fuji.jpg -> hokusai."""
    return file.name.removeprefix(SMALL).removesuffix(".jpg").split("_")[0]


def judged_small() -> tuple[Path, ...]:
    """The first works of JUDGED_SMALL in `paintings`, whose index says whose they are."""
    files = folders.pictures("paintings").files
    index = files[0].parent.parent / "index.csv"
    rows = [line.partition(",") for line in index.read_text(encoding="utf-8").splitlines()[1:]]
    of: dict[str, list[str]] = {name: [] for name in JUDGED_SMALL}
    for file, _, source in rows:
        painter = source.partition("/")[2].partition("_")[0]
        if painter in of and not file.startswith("abstract/"):
            of[painter].append(file)
    chosen = {index.parent / file for known in of.values() for file in sorted(known)[:OF_EACH]}
    return tuple(file for file in files if file in chosen)


class Crops:
    """Random square crops [crop, crop, 3] uint8 of paintings, as many of large ones as of small.

    A painting is made smaller at random first (to no less than `crop` and `smallest` of its
    size), which also hides the JPEG it came as, and a crop is turned and mirrored.
    """

    def __init__(
        self, groups: Sequence[Sequence[np.ndarray]], crop: int, smallest: float = 0.6
    ) -> None:
        self.groups = [list(group) for group in groups if len(group)]
        self.crop, self.smallest = crop, smallest
        if not self.groups:
            raise ValueError("there are no pictures to train on")
        for picture in (picture for group in self.groups for picture in group):
            if min(picture.shape[:2]) < crop:
                height, width = picture.shape[:2]
                raise ValueError(f"a picture of {width} x {height} gives no crop of {crop}")

    def draw(self, random: np.random.Generator) -> np.ndarray:
        """One crop; equal states of `random` give equal crops."""
        group = self.groups[random.integers(len(self.groups))]
        picture = group[random.integers(len(group))]
        height, width = picture.shape[:2]
        factor = random.uniform(max(self.smallest, self.crop / min(height, width)), 1)
        # only the place that is needed is made smaller
        side = min(int(np.ceil(self.crop / factor)), height, width)
        top, left = random.integers(height - side + 1), random.integers(width - side + 1)
        piece = picture[top : top + side, left : left + side]
        piece = cv2.resize(piece, (self.crop, self.crop), interpolation=cv2.INTER_AREA)
        piece = np.rot90(piece, random.integers(4))
        return np.ascontiguousarray(piece[:, ::-1] if random.random() < 0.5 else piece)


def read_all(files: Sequence[Path]) -> list[np.ndarray]:
    return [read_rgb(file) for file in files]


def squares(picture: np.ndarray, side: int) -> list[np.ndarray]:
    """The picture in squares of `side` pixels beside each other, what is left over away."""
    rows, columns = picture.shape[0] // side, picture.shape[1] // side
    top, left = (picture.shape[0] - rows * side) // 2, (picture.shape[1] - columns * side) // 2
    return [
        picture[y : y + side, x : x + side]
        for y in range(top, top + rows * side, side)
        for x in range(left, left + columns * side, side)
    ]


def about() -> list[Mapping[str, str]]:
    """What the card says of the data that is learnt from."""
    return [
        {"name": of.name, "what": of.what, "origin": of.origin, "licence": of.licence}
        for of in (folders.STYLES, folders.MONET)
    ]
