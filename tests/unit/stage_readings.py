"""Readings made by hand, for the tests of the stage."""

from __future__ import annotations

from server.stage import step
from server.values import (
    EXPRESSIONS,
    Body,
    Command,
    Guess,
    Hand,
    Head,
    Landmarks,
    Reading,
    SceneState,
)

RATE = 25.0
"""Readings per second."""

HEAD = Head(x=0.4, y=0.3, size=0.3, yaw=10.0, pitch=5.0, roll=3.0, confidence=0.9)
BODY = Body(openness=0.3, energy=0.1, lean=0.2, x=0.4, y=0.7, confidence=0.9)
HANDS = (
    Hand(side="left", x=0.7, y=0.5, open=1.0, confidence=0.9),
    Hand(side="right", x=0.2, y=0.6, open=0.0, confidence=0.9),
)
POSES = ("neutral", "arms_up", "arms_out", "arms_crossed")


def guess(name: str, classes: tuple[str, ...], sure: float = 1.0, confidence: float = 1.0) -> Guess:
    """The class `name` with probability `sure`, the rest shared by the others."""
    rest = (1.0 - sure) / (len(classes) - 1)
    return Guess({each: sure if each == name else rest for each in classes}, confidence)


def expression(name: str, sure: float = 1.0, confidence: float = 1.0) -> Guess:
    return guess(name, EXPRESSIONS, sure, confidence)


def pose(name: str, sure: float = 0.9, confidence: float = 1.0) -> Guess:
    return guess(name, POSES, sure, confidence)


def reading(
    face: Guess | None = None,
    arms: Guess | None = None,
    head: Head | None = HEAD,
    body: Body | None = BODY,
    hands: tuple[Hand, ...] = HANDS,
    frame: int = 1,
) -> Reading:
    return Reading(
        frame=frame,
        landmarks=Landmarks(time=0.0, people=0 if head is None else 1),
        head=head,
        body=body,
        hands=hands,
        expression=face,
        pose=arms,
    )


NOBODY = reading(head=None, body=None, hands=())


class Play:
    """A session: Readings at RATE and Commands between them, every state kept."""

    def __init__(self, state: SceneState, seed: int = 1) -> None:
        self.state = state
        self.seed = seed
        self.now = 100.0
        self.states: list[SceneState] = []

    def show(self, what: Reading, seconds: float) -> list[SceneState]:
        """The same Reading again and again; the states of this stretch."""
        return self.each([what] * round(seconds * RATE))

    def each(self, readings: list[Reading]) -> list[SceneState]:
        for one in readings:
            self.now += 1 / RATE
            self._step(one)
        return self.states[len(self.states) - len(readings) :]

    def ask(self, name: str, argument: str | None = None) -> SceneState:
        self._step(Command(name, argument))
        return self.state

    def _step(self, what: Reading | Command) -> None:
        self.state = step(self.state, what, self.now, self.seed)
        self.states.append(self.state)
