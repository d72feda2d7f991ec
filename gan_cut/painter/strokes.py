"""What is kept of a painting: its strokes, 12 bytes each, and a few numbers beside them.

A stroke is a bent ribbon.  Along it t runs from -1/2 at its start to 1/2 at its end, and its
middle line lies `bend * length * (1/3 - 4 t^2)` to the right of the straight line through its
place (right of the direction of travel, with y downward).  Brush, pattern and opacity share the
last byte.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

import numpy as np

from gan_cut.painter.brushes import VARIANTS
from gan_cut.painter.lay import lay_strokes, lit, prepared_canvas

STROKE = np.dtype(
    [
        ("x", "<u2"),  # of the picture's width, in 1/65536
        ("y", "<u2"),  # of its height
        ("angle", "u1"),  # direction of travel: 0 right, 64 down, in 1/256 of a turn
        ("length", "u1"),  # LENGTHS[length] of the longer side
        ("width", "u1"),  # LENGTHS[width] of the longer side
        ("bend", "i1"),  # sagitta in 1/254 of the length
        ("red", "u1"),  # sRGB
        ("green", "u1"),
        ("blue", "u1"),
        ("brush", "u1"),  # brush * 64 + pattern * 8 + opacity (OPACITIES)
    ]
)

SHORTEST = 1 / 1024
LENGTHS = np.round(SHORTEST * 2.0 ** (np.arange(256) * 10 / 255) * 65536) / 65536
"""[256] shares of the longer side: from 1/1024 to 1 in equal ratios."""

OPACITIES = np.array([30, 50, 76, 106, 140, 178, 216, 256], np.int64)
"""[8] in 1/256."""

MOST = 80_000
"""Strokes of a picture: below 1 MB."""

LARGEST = 4096
"""Pixels of the longer side."""

_HEAD = struct.Struct("<4sHH3sBI")
_MAGIC = b"MPS1"


@dataclass(frozen=True)
class Painting:
    """Strokes in the order in which they are laid, and what they are laid on.

    width, height   the picture's proportions, 1 to 65535
    ground          sRGB of the bare canvas
    relief          how deep the light digs into the paint, 0 to 255
    """

    strokes: np.ndarray
    width: int
    height: int
    ground: tuple[int, int, int]
    relief: int

    def size(self, longer: int) -> tuple[int, int]:
        """Height and width in pixels.  Raises ValueError outside 1 to 4096."""
        if not 1 <= longer <= LARGEST:
            raise ValueError(
                f"a painting is 1 to {LARGEST} pixels on its longer side, not {longer}"
            )
        scale = longer / max(self.width, self.height)
        return max(1, round(self.height * scale)), max(1, round(self.width * scale))

    def render(self, longer: int, count: int | None = None) -> np.ndarray:
        """[H, W, 3] uint8 with `longer` pixels on the longer side, of the first `count` strokes."""
        height, width = self.size(longer)
        canvas = prepared_canvas(height, width, self.ground)
        lay(canvas, self.strokes[:count])
        return lit(canvas, self.relief)

    def to_bytes(self) -> bytes:
        head = _HEAD.pack(
            _MAGIC, self.width, self.height, bytes(self.ground), self.relief, len(self.strokes)
        )
        return head + self.strokes.tobytes()

    @classmethod
    def from_bytes(cls, data: bytes) -> Painting:
        """Raises ValueError for anything that `to_bytes` has not written."""
        if len(data) < _HEAD.size or data[:4] != _MAGIC:
            raise ValueError("these bytes are no painting's strokes")
        _, width, height, ground, relief, count = _HEAD.unpack_from(data)
        if not (width and height and len(data) == _HEAD.size + count * STROKE.itemsize):
            raise ValueError(f"{len(data)} bytes are not the {count} strokes they speak of")
        strokes = np.frombuffer(data, STROKE, count, _HEAD.size)
        return cls(strokes, width, height, tuple(ground), relief)


def replay(data: bytes, longer: int) -> np.ndarray:
    """The picture [H, W, 3] uint8 from what `Painting.to_bytes` wrote."""
    return Painting.from_bytes(data).render(longer)


def pack(
    place: np.ndarray,
    shape: tuple[int, int],
    angle: np.ndarray,
    sizes: np.ndarray,
    bend: np.ndarray,
    colour: np.ndarray,
    brush: np.ndarray,
) -> np.ndarray:
    """Strokes [N] from places [N, 2] (x, y) in pixels of a picture of `shape`.

    angle [N] in 1/256 turns, sizes [N, 2] (length, width) as shares of the longer side, bend [N]
    as share of the length, colour [N, 3] 0 to 255, brush [N, 3] (brush, pattern, opacity).
    """
    strokes = np.zeros(len(place), STROKE)
    for name, side, column in (("x", shape[1], 0), ("y", shape[0], 1)):
        strokes[name] = np.clip(np.floor(place[:, column] * 65536 / side), 0, 65535)
    strokes["angle"] = angle.astype(np.int64) & 255
    middle = np.sqrt(LENGTHS[1:] * LENGTHS[:-1])
    for name, column in (("length", 0), ("width", 1)):
        strokes[name] = np.searchsorted(middle, sizes[:, column])
    strokes["bend"] = np.clip(np.floor(bend * 254 + 0.5), -127, 127)
    for channel, name in enumerate(("red", "green", "blue")):
        strokes[name] = colour[:, channel]
    strokes["brush"] = brush[:, 0] * 64 + (brush[:, 1] % VARIANTS) * 8 + brush[:, 2]
    return strokes


_TURN = np.arange(256) * (np.pi / 128)
COSINES, SINES = (np.round(wave(_TURN) * 16384) / 16384 for wave in (np.cos, np.sin))


def ribbons_of(strokes: np.ndarray, height: int, width: int) -> tuple[np.ndarray, np.ndarray]:
    """What `lay.lay_strokes` takes, for a canvas of that size."""
    longer = float(max(height, width))
    ribbons = np.empty((len(strokes), 7))
    ribbons[:, 0] = (strokes["x"] + 0.5) * (width / 65536)
    ribbons[:, 1] = (strokes["y"] + 0.5) * (height / 65536)
    ribbons[:, 2] = COSINES[strokes["angle"]]
    ribbons[:, 3] = SINES[strokes["angle"]]
    ribbons[:, 4] = LENGTHS[strokes["length"]] * longer
    ribbons[:, 5] = LENGTHS[strokes["width"]] * longer
    ribbons[:, 6] = strokes["bend"] / 254
    paint = np.empty((len(strokes), 5), np.int64)
    for channel, name in enumerate(("red", "green", "blue")):
        paint[:, channel] = strokes[name]
    paint[:, 3] = strokes["brush"] >> 3
    paint[:, 4] = OPACITIES[strokes["brush"] & 7]
    return ribbons, paint


def lay(canvas: np.ndarray, strokes: np.ndarray) -> None:
    """Lay strokes [N] on a canvas [H, W, 4] (`prepared_canvas`), in their order."""
    lay_strokes(canvas, *ribbons_of(strokes, *canvas.shape[:2]))
