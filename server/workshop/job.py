"""The workshop's long work, in a process of its own: `python -m server.workshop.job FD …`.

    train FOLDER                     a new version from all recordings
    import FOLDER FILE NAME PERSON   the recordings in a CSV, all of one person

Started by `workshop.py` with one end of a socket pair.

Messages out
    ready       it begins
    progress    what, share (0 to 1)
    done        version (of train), takes (of import: how many)
    failed      message
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import numpy as np

from datasets.gestures import BrokenCsv
from models import registry
from models.pose.take import NONE, TAUGHT, Take
from models.pose.taught import WINDOW
from server.channel import ALIVE, Server
from server.perception import recording
from server.workshop import csv_form, poses, takes, versions
from server.workshop.poses import WorkshopError

NICENESS = 5
"""Visitors come first."""
SEED = 0


def main(words: list[str]) -> None:
    descriptor, what, folder, *rest = words
    server = Server(int(descriptor), lambda message: None)
    server.send({"kind": "ready"})
    os.nice(NICENESS)

    def progress(what: str, share: float) -> None:
        server.send(ALIVE)
        server.send({"kind": "progress", "what": what, "share": share})

    try:
        if what == "train":
            done = train(Path(folder), progress)
        else:
            done = import_csv(Path(folder), Path(rest[0]), *rest[1:])
        server.send({"kind": "done", **done})
    except (WorkshopError, BrokenCsv, registry.ModelError, OSError, ValueError) as error:
        server.send({"kind": "failed", "message": message_of(error)})


def message_of(error: Exception) -> str:
    """What staff are told of an error."""
    if isinstance(error, OSError) and error.errno:
        return f"It could not be kept: {os.strerror(error.errno)}. Nothing has been changed."
    return str(error)


def train(folder: Path, progress) -> dict[str, Any]:
    """Train on all recordings and keep the result as a version."""
    progress("Reading the recordings", 0.0)
    from models.pose.classifier import PoseClassifier
    from models.pose.teach import kept_others, teach

    loaded, problems = takes.load_all(folder)
    known = poses.read(folder)
    own = [take for take, _ in loaded if poses.is_recorded(take.pose, known)]
    if not any(take.pose != NONE for take in own):
        raise WorkshopError("Record a pose first.")
    progress("Meeting synthetic people", 0.02)
    everybody = kept_others(folder / "others.npz")
    pipeline, found = teach(
        [*own, *signers()], everybody, PoseClassifier.load(), SEED,
        lambda what, share: progress(what, 0.1 + 0.85 * share),
    )  # fmt: skip
    about = card_of(own, known, found) | {"problems": problems}
    number = versions.add(
        folder,
        lambda new: registry.save_pipeline(TAUGHT, pipeline, about, in_words(found), new),
    )
    progress("Done", 1.0)
    return {"version": number}


def signers() -> list[Take]:
    """The recordings that come with Mien: real people who do nothing that is taught."""
    found = []
    for name, session in recording.load_all().items():
        seen = [frame for frame in session.frames if frame.body is not None]
        times = np.array([frame.time for frame in seen])
        bodies = np.array([frame.body for frame in seen])
        found.append(Take(name, NONE, name, times, bodies, seen[0].aspect))
    return found


def card_of(own: list[Take], known: list[poses.Pose], found: dict[str, Any]) -> dict[str, Any]:
    """The card, but for what the registry adds."""
    from models.pose.teach import figure

    learnt = []
    for pose in known:
        of_it = [take for take in own if take.pose == pose.name]
        if of_it:
            entry = {"name": pose.name, "action": pose.action, "hold": pose.hold}
            learnt.append(entry | {"figure": figure(of_it), "recordings": len(of_it)})
    people = len({take.person for take in own})
    return {
        "what": "poses that staff have taught: standard scaling and a multilayer perceptron on"
        " the last 1.5 seconds of the upper body's geometry",
        "command": "the workshop's page: Train",
        "seed": SEED,
        "data": [
            {
                "name": "workshop",
                "what": f"{len(own)} recordings of {people} people",
                "origin": "this installation",
                "licence": "none: they stay here",
            }
        ],
        "terms": "who was recorded may have the recordings removed",
        "metrics": found,
        "intended_use": "poses that steer this installation",
        "limits": "People who were not recorded may be read worse; ordinary behaviour that was"
        " never recorded may set a pose off.",
        "window": WINDOW,
        "poses": learnt,
        "takes": [take.id for take in own],
        "people": people,
    }


def in_words(found: dict[str, Any]) -> str:
    """The figures as text."""
    lines = []
    for unit in ("person", "recording"):
        table = found.get(unit)
        if table and table["judged"]:
            lines.append(f"one {unit} left out at a time: {table['accuracy']:.3f} right")
            lines += [f"  {name:<32}{share:.3f}" for name, share in table["right"].items()]
    alarms = found["alarms"]
    lines.append(f"set off by ordinary behaviour: {alarms['ordinary']:.4f} of the windows")
    lines.append(f"set off by poses that ship: {alarms['shipped']:.4f} of the windows")
    return "\n".join(lines)


def import_csv(folder: Path, file: Path, name: str, person: str) -> dict[str, Any]:
    """Keep the recordings of a CSV, all of them or none: how many, and what became one pose."""
    found, merged = csv_form.takes_in(file, name, person)
    there = len(list(takes.folder_of(folder).glob("[0-9]*.npz")))
    if there + len(found) > takes.MOST:
        raise WorkshopError(
            f"{name} holds {len(found)} recordings, and {there} of {takes.MOST} are there already."
            " Remove some first."
        )
    known = poses.read(folder)
    new = {take.pose for take in found if not poses.is_recorded(take.pose, known)}
    for pose in sorted(new):
        same = poses.same(known, pose)
        if same:
            raise WorkshopError(f"‘{pose}’ in {name} is called ‘{same.name}’ here: write it so.")
    if len(known) + len(new) > poses.MOST:
        raise WorkshopError(f"{name} brings more than {poses.MOST} poses in all.")
    kept = []
    try:
        for take in found:
            kept.append(takes.keep(folder, take))
        if new:
            poses.write(folder, [*known, *(poses.Pose(pose, "", 1.0) for pose in sorted(new))])
    except OSError:
        for one in kept:
            takes.remove(folder, one.id)
        raise
    return {"takes": len(kept), "merged": merged}


if __name__ == "__main__":
    main(sys.argv[1:])
