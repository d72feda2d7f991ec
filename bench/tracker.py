"""The bare tracker: MediaPipe Holistic in a loop, and nothing else, on one core.

`measure` runs it in a process of its own: `python -m bench.tracker HANDS RATE SECONDS`.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

from bench import frames, machine
from server.perception.service import ENVIRONMENT

ROOT = Path(__file__).parents[1]


def measure(hands: bool, rate: float, seconds: float) -> np.ndarray:
    """Milliseconds for each picture that is seen at `rate` in `seconds`, one after another."""
    command = [sys.executable, "-m", "bench.tracker", str(int(hands)), str(rate), str(seconds)]
    answer = subprocess.run(
        command,
        cwd=ROOT,
        env={**os.environ, **ENVIRONMENT},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,  # MediaPipe writes dozens of lines there
        check=True,
    )
    return np.array(json.loads(answer.stdout))


def main(hands: bool, rate: float, seconds: float) -> None:
    machine.pin(os.getpid())
    import mediapipe  # after pinning: its threads are born on the one core

    from server.perception.picture import decode

    shown = frames.clip(hands).shown(rate, seconds)
    pictures = {jpeg: decode(jpeg, frames.WIDTH * frames.HEIGHT) for jpeg in set(shown)}
    holistic = mediapipe.solutions.holistic.Holistic(model_complexity=1)
    for jpeg in shown[:15]:  # the first pictures pay for what is built only once
        holistic.process(pictures[jpeg])
    spent = []
    for jpeg in shown:
        start = time.perf_counter()
        holistic.process(pictures[jpeg])
        spent.append((time.perf_counter() - start) * 1000)
    print(json.dumps(spent))


if __name__ == "__main__":
    main(sys.argv[1] == "1", float(sys.argv[2]), float(sys.argv[3]))
