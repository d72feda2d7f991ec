"""Which poses staff teach, and what each of them does: `poses.json` in the workshop's folder."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from datasets.paths import write_whole
from datasets.tables import cleaned
from models import registry
from models.pose.take import NONE
from server.stage import Trigger
from server.values import Command

FILE = "poses.json"
MOST = 24
"""Poses: more than anybody can remember."""
LONGEST_NAME = 32
ACTIONS = ("", "clear", "capture", "scene", "freeze", "more")
"""What a pose can ask for; "" is nothing."""
SHORTEST_HOLD, LONGEST_HOLD = 0.5, 10.0
"""Seconds."""
BY_HAND = ("victory", "thumbs_up")
"""Poses that a hand's geometry shows, without training."""


class WorkshopError(ValueError):
    """Something that cannot be done; the message says why and what to do."""


@dataclass(frozen=True)
class Pose:
    """A pose that is taught."""

    name: str
    """As staff typed it, or the name of a class that ships."""
    action: str
    """One of ACTIONS."""
    hold: float
    """Seconds for which it is held until then."""

    @property
    def trigger(self) -> Trigger | None:
        return Trigger(Command(self.action), self.hold) if self.action else None


def shipped() -> tuple[str, ...]:
    """What the model that ships can name, and what a hand can show."""
    return (*registry.card("pose")["classes"], *BY_HAND)


def unproven() -> tuple[str, ...]:
    """Classes of the model that ships which no real person has shown: they can be recorded here,
    and destroy nothing until they have been."""
    return tuple(registry.card("pose")["synthetic_only"])


def checked_name(name: object, what: str = "A name") -> str:
    """A name of a pose or person as it is kept; raises WorkshopError."""
    text = cleaned(name) if isinstance(name, str) else ""
    if not re.fullmatch(r"[^\W_][\w '’.-]*", text) or "_" in text or len(text) > LONGEST_NAME:
        raise WorkshopError(
            f"{what} has 1 to {LONGEST_NAME} letters, digits, spaces, hyphens or apostrophes,"
            " and begins with a letter or digit."
        )
    return text


def checked_pose_name(name: object) -> str:
    """The name of a pose that can be taught: a new one, or a class that is still unproven."""
    if name in unproven():
        return name
    text = checked_name(name, "The name of a pose")
    for known in shipped():
        if text.casefold() == known.replace("_", " "):
            if known in unproven():
                return known
            raise WorkshopError(
                f"‘{text}’ is a pose that Mien reads already. Choose another name; what it does"
                " is said in server/stage/mappings.toml."
            )
    return text


def checked_pose(data: object) -> Pose:
    """A Pose from {"name", "action", "hold"}; raises WorkshopError."""
    data = data if isinstance(data, dict) else {}
    name, action, hold = checked_pose_name(data.get("name")), data.get("action"), data.get("hold")
    if action not in ACTIONS:
        raise WorkshopError("A pose does one of the things in the list, or nothing.")
    if isinstance(hold, bool) or not isinstance(hold, int | float):
        hold = 0.0
    if not SHORTEST_HOLD <= hold <= LONGEST_HOLD:
        raise WorkshopError(f"A pose is held for {SHORTEST_HOLD} to {LONGEST_HOLD:.0f} seconds.")
    return Pose(name, action, round(float(hold), 1))


def read(folder: Path) -> list[Pose]:
    """The poses of this workshop; raises WorkshopError when the file cannot be used."""
    try:
        stored = json.loads((folder / FILE).read_text(encoding="utf-8"))
        return [checked_pose(one) for one in stored["poses"]]
    except FileNotFoundError:
        return []
    except (ValueError, KeyError, TypeError) as error:
        raise WorkshopError(f"{folder / FILE} cannot be used: {error}") from error


def write(folder: Path, poses: Iterable[Pose]) -> None:
    """Raises OSError, and leaves what was there, when the disk is full."""
    text = json.dumps({"poses": [asdict(pose) for pose in poses]}, indent=1, ensure_ascii=False)
    write_whole(folder / FILE, lambda new: new.write_text(text + "\n", encoding="utf-8"))


def same(poses: Collection[Pose], name: str) -> Pose | None:
    """The pose of that name, however it is capitalised."""
    for pose in poses:
        if pose.name.casefold() == name.casefold():
            return pose
    return None


def is_recorded(name: object, poses: Collection[Pose]) -> bool:
    """Whether something can be recorded under this name: a pose, or ordinary behaviour."""
    return name == NONE or any(pose.name == name for pose in poses)
