"""The folder of one training.

run.json       what was asked for: method, settings, data, command, versions
state.pt       everything the next step depends on
epochs/        0001.safetensors …: the averaged generator in half precision
sheets/        0001.png …: the same held-out captures after every epoch
held-out/      those captures
losses.csv, losses.png
"""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import safetensors.torch
from torch import nn

from datasets.paths import write_whole
from datasets.pictures import read_rgb
from models.core.files import half_precision
from models.core.pictures import write_rgb

DECISIVE = ("method", "settings", "training", "data", "start_from", "teacher")
"""What must be the same for a training to go on."""


def short_name(file: Path) -> str:
    """FOLDER/NAME, by which a run knows a picture."""
    return "/".join(file.parts[-2:])


def uncounted(description: Mapping) -> dict:
    """A description without the number of pictures in each set."""
    sets = [{k: v for k, v in entry.items() if k != "pictures"} for entry in description["data"]]
    return {**description, "data": sets}


def changes(there: object, wanted: object, keys: Sequence[str] = (), place: str = "") -> list[str]:
    """Each value that differs: its place, what it was, what is asked for."""
    if isinstance(there, dict) and isinstance(wanted, dict):
        pairs = [(k, there.get(k), wanted.get(k)) for k in keys or {**there, **wanted}]
    elif isinstance(there, list) and isinstance(wanted, list) and len(there) == len(wanted):
        pairs = list(zip(range(len(there)), there, wanted, strict=True))
    else:
        return [] if there == wanted else [f"{place} was {there}, not {wanted}"]
    lines = []
    for key, was, now in pairs:
        lines += changes(was, now, place=f"{place}.{key}" if place else str(key))
    return lines


class Run:
    """Names and reads the files of a training."""

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path)
        self.state = self.path / "state.pt"
        self.description_file = self.path / "run.json"

    def make(self) -> None:
        for name in ("epochs", "sheets", "held-out"):
            (self.path / name).mkdir(parents=True, exist_ok=True)

    def start(self, description: Mapping) -> None:
        """Write run.json; where there is one, make sure that it asks for the same.

        Pictures may have been added or taken away since: then it goes on with those that are
        there now, and run.json counts them.  (A run from before `held_out` was written down
        cannot: it would not know which pictures it has never seen.)

        Raises ValueError when it asks for another training, saying in what.
        """
        wanted = json.loads(json.dumps(description))
        if self.is_there():
            there = self.description()
            asked = uncounted(wanted) if "held_out" in there else wanted
            begun = uncounted(there) if "held_out" in there else there
            differing = [key for key in DECISIVE if begun.get(key) != asked.get(key)]
            if differing:
                details = "; ".join(changes(begun, asked, differing))
                raise ValueError(
                    f"{self.path} holds a training with other {', '.join(differing)} ({details}): "
                    f"repeat its command ({there['command']}) to go on, or give another --run"
                )
            if there["data"] == wanted["data"]:
                return
            for was, now in zip(there["data"], wanted["data"], strict=True):
                if was != now:
                    print(f"{now['name']}: {was['pictures']} pictures until now, {now['pictures']}"
                          " from now on; the training goes on")  # fmt: skip
            wanted = {**there, "data": wanted["data"]}
        self.make()
        text = json.dumps(wanted, indent=2) + "\n"
        write_whole(self.description_file, lambda new: new.write_text(text))

    def is_there(self) -> bool:
        """Whether a training was started in this folder."""
        return self.description_file.is_file()

    def description(self) -> dict:
        """What `start` wrote.  Raises FileNotFoundError where there is no training."""
        if not self.is_there():
            raise FileNotFoundError(f"{self.path} is no run folder: it has no run.json")
        return json.loads(self.description_file.read_text())

    def names_held_out(self) -> list[str] | None:
        """Short names of the pictures that it never sees; None where nothing says which."""
        return self.description().get("held_out") if self.is_there() else None

    def save_held_out(self, captures: Sequence[np.ndarray]) -> None:
        for number, capture in enumerate(captures):
            path = self.path / "held-out" / f"{number:02}.png"
            write_whole(path, lambda new, capture=capture: write_rgb(new, capture))

    def held_out(self) -> list[np.ndarray]:
        return [read_rgb(path) for path in sorted((self.path / "held-out").glob("[0-9]*.png"))]

    def weights(self, epoch: int) -> Path:
        return self.path / "epochs" / f"{epoch:04}.safetensors"

    def save_weights(self, epoch: int, network: nn.Module) -> None:
        tensors = half_precision(network)
        write_whole(self.weights(epoch), lambda new: safetensors.torch.save_file(tensors, new))

    def epochs(self) -> list[int]:
        """The epochs whose weights are there, in order."""
        return sorted(int(p.stem) for p in (self.path / "epochs").glob("[0-9]*.safetensors"))

    def existing_weights(self, epoch: int | None = None) -> Path:
        """The weights of an epoch, the newest without.  Raises FileNotFoundError."""
        there = self.epochs()
        if not there:
            raise FileNotFoundError(f"{self.path} has no finished epoch")
        if epoch is not None and epoch not in there:
            raise FileNotFoundError(
                f"{self.path} has no epoch {epoch}; it has {there[0]} to {there[-1]}"
            )
        return self.weights(there[-1] if epoch is None else epoch)

    def sheet(self, epoch: int) -> Path:
        return self.path / "sheets" / f"{epoch:04}.png"

    def save_history(self, history: Sequence[Mapping[str, float]]) -> None:
        def write(new: Path) -> None:
            with open(new, "w", newline="") as file:
                rows = csv.DictWriter(file, list(history[0]))
                rows.writeheader()
                rows.writerows(history)

        write_whole(self.path / "losses.csv", write)
