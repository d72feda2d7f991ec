"""Where people are in a picture: MediaPipe's selfie segmentation, for scenes that ask for it."""

from __future__ import annotations

import cv2
import numpy as np

from server.perception.trackers import mediapipe
from server.perception.wire import MASK

SEEN = (256, 144)
"""Width and height of what the network looks at."""
LANDSCAPE = 1
"""The lighter of the two networks; it wants a picture that is wider than high."""


class Segmenter:
    """Remembers nothing from one picture to the next, so all visitors of a worker share it."""

    def __init__(self) -> None:
        self._network = mediapipe.solutions.selfie_segmentation.SelfieSegmentation(LANDSCAPE)

    def mask(self, picture: np.ndarray) -> np.ndarray:
        """[height, width, 3] uint8 RGB -> [72, 96] uint8 over the whole picture, 255: people."""
        seen = cv2.resize(picture, SEEN, interpolation=cv2.INTER_AREA)
        shares = self._network.process(seen).segmentation_mask
        small = cv2.resize(shares, MASK[::-1], interpolation=cv2.INTER_AREA)
        return np.rint(np.clip(small, 0.0, 1.0) * 255).astype(np.uint8)
