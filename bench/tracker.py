"""The bare tracker: MediaPipe Holistic in a loop, and nothing else, on one core.

`measure` runs it in a process of its own: `python -m bench.tracker HANDS RATE SECONDS`.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bench import frames, machine
from server.perception.service import ENVIRONMENT

ROOT = Path(__file__).parents[1]


@dataclass(frozen=True, slots=True)
class Bare:
    """How long the bare tracker takes."""

    spent: np.ndarray
    """Milliseconds for each picture."""
    processor: float
    """Milliseconds of processor time per picture: hardly changes when others use the machine."""

    @property
    def per_second(self) -> float:
        return 1000 / float(np.mean(self.spent))


def measure(hands: bool, rate: float, seconds: float) -> Bare:
    """Track every picture that is seen at `rate` in `seconds`, one after another."""
    command = [sys.executable, "-m", "bench.tracker", str(int(hands)), str(rate), str(seconds)]
    answer = subprocess.run(
        command,
        cwd=ROOT,
        env={**os.environ, **ENVIRONMENT},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,  # MediaPipe writes dozens of lines there
        check=True,
    )
    spent, processor = json.loads(answer.stdout)
    return Bare(np.array(spent), processor)


def main(hands: bool, rate: float, seconds: float) -> None:
    machine.pin(os.getpid())
    import mediapipe  # after pinning: its threads are born on the one core

    from server.perception.picture import decode

    shown = frames.clip(hands).sample(rate, seconds)
    pictures = {jpeg: decode(jpeg, frames.WIDTH * frames.HEIGHT) for jpeg in set(shown)}
    holistic = mediapipe.solutions.holistic.Holistic(model_complexity=1)
    for jpeg in shown[:15]:  # the first pictures pay for what is built only once
        holistic.process(pictures[jpeg])
    spent, before = [], time.process_time()
    for jpeg in shown:
        start = time.perf_counter()
        holistic.process(pictures[jpeg])
        spent.append((time.perf_counter() - start) * 1000)
    processor = (time.process_time() - before) * 1000 / len(shown)
    print(json.dumps([spent, processor]))


if __name__ == "__main__":
    main(sys.argv[1] == "1", float(sys.argv[2]), float(sys.argv[3]))
