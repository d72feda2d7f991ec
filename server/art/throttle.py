"""How often the living canvas may be painted while the tracker needs the machine."""

from __future__ import annotations

QUICK, SLOW = 0.09, 0.13
"""Seconds from a frame to its Reading: below QUICK there is time to spare, above SLOW none."""
SHORTEST, LONGEST = 0.02, 1.0
"""Seconds between two paintings."""


class Throttle:
    """Gives way at once and comes back slowly: the pause doubles when Readings are late, and
    shrinks by a tenth while they are not (Jacobson 1988, with the parts exchanged)."""

    def __init__(self) -> None:
        self.pause = SHORTEST

    def learn(self, delay: float) -> None:
        """Seconds that a Reading takes just now; 0 when nobody is tracked."""
        if delay > SLOW:
            self.pause = min(2 * self.pause, LONGEST)
        elif delay < QUICK:
            self.pause = max(0.9 * self.pause, SHORTEST)
