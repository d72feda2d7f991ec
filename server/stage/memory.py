"""What the stage remembers from one call to the next; it never travels."""

from __future__ import annotations

from dataclasses import dataclass

from server.stage.colour import Tint
from server.stage.mappings import Mappings
from server.stage.objects import Living
from server.stage.smoothing import Leader, Shares, Track
from server.stage.triggers import Hold


@dataclass(frozen=True, slots=True)
class Memory:
    """Times are seconds of the session, except where the stage's clock is named.

    The stage's clock moves with Readings and stands still while frozen: by it
    objects age and surprise expands.
    """

    mappings: Mappings
    emotion: bool
    """Expressions are read; False leaves everything to the body."""
    expression: Shares
    leader: Leader
    pose: Shares
    pose_leader: Leader
    hold: Hold
    tint: Tint
    openness: float
    energy: float
    lean: float
    voices: dict[str, float]
    """Share of each character in colours and objects, at the last Reading."""
    inputs: dict[str, float]
    """What the rules were given at the last Reading."""
    began: float | None = None
    """`now` of the first call."""
    read: float | None = None
    """When the last Reading came."""
    seen: float | None = None
    """When somebody was last in view."""
    head: Track | None = None
    face: Track | None = None
    body: Track | None = None
    left: Track | None = None
    right: Track | None = None
    clock: float = 0.0
    expanding: float | None = None
    """When the single expansion began, on the stage's clock."""
    calm: bool = True
    """The body has been calm since the last burst of movement."""
    answered: str | None = None
    """The expression or pose whose objects were born last; None: nobody's yet."""
    answered_at: float | None = None
    """When, on the stage's clock."""
    living: tuple[Living, ...] = ()
    next_object: int = 1
    next_action: int = 1
