"""Random SceneStates as visitors bring them about: drawn as Readings, shown by the stage itself.

    state = draw(seed=0, number=17)      # the same at every call

Nothing here knows form, colour or motion: those follow from `server/stage/mappings.toml`, so that
the states lie where those of the installation lie.
"""

from __future__ import annotations

from random import Random

from server.stage import initial, step, with_reset
from server.values import (
    EXPRESSIONS,
    NEUTRAL_POSE,
    Body,
    Command,
    Guess,
    Hand,
    Head,
    Landmarks,
    Reading,
    SceneState,
)

RATE = 12.5
"""Readings per second."""
WATCHED = (2.0, 5.0)
"""Seconds for which a visitor has been seen."""
NOBODY = 0.05
"""Share of states with nobody there."""
WITHOUT_EMOTION = 0.1
"""Share of states in which no expression is read."""
MOST_ASKED = 6
"""How often at most somebody has asked for more objects."""
POSES = ("arms_up", "arms_out", "left_arm_out", "right_arm_out", "left_arm_up", "right_arm_up")
"""Poses that leave the scene as it is, and so can be seen with objects in it."""


def draw(seed: int, number: int) -> SceneState:
    """The `number`-th state of a seed, whole: `add` holds every living object."""
    random = Random(f"{seed}/{number}")
    state = initial(emotion=random.random() >= WITHOUT_EMOTION)
    if random.random() < NOBODY:
        return with_reset(step(state, _nobody(), 0.0, seed))
    mixture = _mixture(random)
    before = _mixture(random) if random.random() < 0.5 else mixture
    visitor = _Visitor(random)
    steps = round(random.uniform(*WATCHED) * RATE)
    asked = sorted(random.randrange(steps) for _ in range(random.randint(0, MOST_ASKED)))
    emotion = state.memory.emotion
    for frame in range(steps):
        now = frame / RATE
        shares = before if frame < steps / 3 else mixture
        reading = visitor.read(frame + 1, now, shares if emotion else None)
        state = step(state, reading, now, seed=number)
        for _ in range(asked.count(frame)):
            state = step(state, Command("more"), now, seed=number)
    return with_reset(state)


def _nobody() -> Reading:
    return Reading(frame=1, landmarks=Landmarks(time=0.0))


def _mixture(random: Random) -> dict[str, float]:
    """Shares of the expressions: often one leads, at times two, seldom many."""
    leading = random.choices((1, 2, len(EXPRESSIONS)), (0.6, 0.3, 0.1))[0]
    chosen = set(random.sample(EXPRESSIONS, leading))
    weights = {
        name: random.uniform(1.0, 4.0) if name in chosen else random.expovariate(12.0)
        for name in EXPRESSIONS
    }
    total = sum(weights.values())
    return {name: weight / total for name, weight in weights.items()}


class _Visitor:
    """Somebody who holds a posture, and is never quite still."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.sure = random.uniform(0.35, 1.0)
        self.openness = random.betavariate(1.1, 1.6)
        self.energy = random.betavariate(1.0, 3.0)
        self.lean = _within(random.gauss(0.0, 0.3), -1.0, 1.0)
        self.x = random.uniform(0.3, 0.7)
        self.y = random.uniform(0.25, 0.45)
        self.size = random.uniform(0.15, 0.4)
        self.turn = (random.gauss(0.0, 14.0), random.gauss(0.0, 9.0), random.gauss(0.0, 7.0))
        self.hands = [
            (side, *self._hand_at(side), random.random())
            for side in ("left", "right")
            if random.random() < 0.55
        ]
        self.pose = random.choice(POSES) if random.random() < 0.4 else NEUTRAL_POSE

    def _hand_at(self, side: str) -> tuple[float, float]:
        # In the camera's picture, which is not mirrored, the left hand is on the right.
        away = self.random.uniform(0.05, 0.2 + 0.25 * self.openness)
        x = self.x + away if side == "left" else self.x - away
        return _within(x, 0.02, 0.98), self.random.uniform(0.15, 0.85)

    def read(self, frame: int, now: float, mixture: dict[str, float] | None) -> Reading:
        def shake(size: float) -> float:
            return self.random.gauss(0.0, size)

        yaw, pitch, roll = (angle + shake(0.5) for angle in self.turn)
        sway = shake(0.004)
        return Reading(
            frame=frame,
            landmarks=Landmarks(time=now, people=1),
            head=Head(self.x + sway, self.y, self.size, yaw, pitch, roll, confidence=0.9),
            body=Body(
                openness=_within(self.openness + shake(0.01), 0.0, 1.0),
                energy=_within(self.energy + shake(0.03), 0.0, 1.0),
                lean=_within(self.lean + shake(0.01), -1.0, 1.0),
                x=self.x + sway,
                y=_within(self.y + 0.3, 0.0, 1.0),
                confidence=0.9,
            ),
            hands=tuple(
                Hand(side, x + shake(0.005), y + shake(0.005), spread, confidence=0.9)
                for side, x, y, spread in self.hands
            ),
            expression=None if mixture is None else Guess(mixture, self.sure),
            pose=Guess({self.pose: 0.9, NEUTRAL_POSE: 0.1}, 0.9)
            if self.pose != NEUTRAL_POSE
            else Guess({NEUTRAL_POSE: 1.0}, 0.9),
        )


def _within(value: float, low: float, high: float) -> float:
    return min(max(value, low), high)
