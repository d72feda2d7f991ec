"""Is somebody in this work?  A small detector for photographs, asked about paintings (N3).

YOLOX-Nano (Ge and others 2021) through OpenCV's dnn module: the file yolox_nano.onnx of its
authors' release is the user's to download, into backbones/ of the data folder.
"""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from datasets.paths import find

FILE = "backbones/yolox_nano.onnx"
GET = "YOLOX's releases on GitHub have yolox_nano.onnx (Apache-2.0)."
SIDE = 416
GREY = 114
"""What YOLOX's authors fill the rest of the square with."""
PERSON = 0
"""Of COCO's eighty classes."""
SURE = 0.3


class PersonFilter:
    """Finds people."""

    def __init__(self, path: Path | None = None) -> None:
        """Raises DataMissing without the file, and ValueError when it is no such network."""
        path = path or find(FILE, GET)
        try:
            self._network = cv2.dnn.readNetFromONNX(str(path))
        except cv2.error as error:
            raise ValueError(f"{path} is no ONNX network: {error.err}") from None

    def score(self, picture: np.ndarray) -> float:
        """0 to 1 for [H, W, 3] uint8 RGB: how sure it is of the surest person."""
        height, width = picture.shape[:2]
        scale = SIDE / max(height, width)
        small = cv2.resize(picture, (round(width * scale), round(height * scale)))
        whole = np.full((SIDE, SIDE, 3), GREY, np.float32)
        whole[: small.shape[0], : small.shape[1]] = small[..., ::-1]
        self._network.setInput(whole.transpose(2, 0, 1)[None])
        found = self._network.forward()[0]
        # four numbers of the box, the object's, and those of the classes
        return float((found[:, 4] * found[:, 5 + PERSON]).max())

    def __call__(self, picture: np.ndarray) -> bool:
        """Whether it sees a person."""
        return self.score(picture) >= SURE
