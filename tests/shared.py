"""Real data that some tests use where it is: see MIEN_DATA."""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np
import pytest

from datasets.paths import data_folder


def signing(name: str) -> Iterator[np.ndarray]:
    """Frames [480, 640, 3] RGB of a signing clip of the shared data; skips without it."""
    video = data_folder() / "videos" / f"{name}.mkv"
    if not video.exists():
        pytest.skip(f"the shared data (MIEN_DATA) with videos/{name}.mkv is not here")
    source = cv2.VideoCapture(str(video))
    while True:
        more, picture = source.read()
        if not more:
            return
        yield cv2.cvtColor(cv2.resize(picture, (640, 480)), cv2.COLOR_BGR2RGB)
