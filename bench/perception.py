"""The time that one face's expression takes on one thread, step by step.

The faces are those of the recordings that come with Mien, so that no data is needed; the
picture around them is noise, which costs as much as any.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Sequence

import numpy as np
from threadpoolctl import threadpool_limits

from bench import machine
from bench.rows import Row, at_most
from models.expression.classifier import ExpressionClassifier, cut
from models.expression.geometry import align
from server.perception import recording

SECTIONS = ("expression",)
MOST_MILLISECONDS = 5.0
"""For one face, alignment included."""


def measure(sections: Sequence[str], quick: bool, tell: Callable[[str], None]) -> Iterator[Row]:
    """Rows of medians; the baseline of the whole is the geometry of the mesh alone."""
    # moved to another core, a thread finds the networks gone from its cache
    machine.pin(os.getpid())
    classifier = ExpressionClassifier.load()
    picture = np.random.default_rng(0).integers(0, 255, (480, 640, 3), np.uint8)
    frames = [frame for session in recording.load_all().values() for frame in session.frames]
    frames = [frame for frame in frames if frame.face is not None][:: 20 if quick else 2]
    aligned = [align(frame.face, frame.aspect, classifier.mean) for frame in frames]
    tell(f"{len(frames)} faces")

    def median(read: Callable[[int], object]) -> float:
        times = []
        for number in range(len(frames)):
            began = time.perf_counter()
            read(number)
            times.append(time.perf_counter() - began)
        return float(np.median(times)) * 1000

    with threadpool_limits(1):
        mesh = median(lambda n: classifier.read(frames[n].face, frames[n].aspect))
        yield Row("align a mesh", median(
            lambda n: align(frames[n].face, frames[n].aspect, classifier.mean)), "ms")  # fmt: skip
        if classifier.network is not None:
            crops = [cut(picture, one)[None] for one in aligned]
            seen = [classifier.network.embed(crop) for crop in crops]
            yield Row("cut a face out", median(lambda n: cut(picture, aligned[n])), "ms")
            yield Row("network", median(lambda n: classifier.network.embed(crops[n])), "ms")
            yield Row("pipeline", median(lambda n: classifier.read_whole(
                seen[n], aligned[n].points[None], aligned[n].rotation[None])), "ms")  # fmt: skip
        whole = median(lambda n: classifier.read(frames[n].face, frames[n].aspect, picture))
        yield Row("expression of a face", whole, "ms", mesh, at_most(MOST_MILLISECONDS))
