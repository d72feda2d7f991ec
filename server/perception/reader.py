"""Landmarks and picture -> Reading: measures and classifiers."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from models.expression.classifier import ExpressionClassifier
from models.pose.classifier import PoseClassifier
from models.pose.taught import TaughtClassifier
from models.pose.window import Window
from server.perception.confidence import confidence_in_expression
from server.perception.crop import crop_face
from server.perception.measures import (
    NOSE,
    SHOULDERS,
    Stir,
    measure_body,
    measure_hand,
    measure_head,
    ramp,
    thumbs_up,
    victory,
)
from server.values import NEUTRAL_POSE, Body, Face, Guess, Hand, Landmarks, Reading

SIGNS = {"victory": victory, "thumbs_up": thumbs_up}
"""What a hand can show, by its geometry alone."""
HEAD_MOVES = ("nod", "shake")
"""What the head alone does."""


class Classifiers:
    """What is shared by all visitors of one worker."""

    def __init__(self, emotion: bool) -> None:
        self.pose = PoseClassifier.load()
        self.expression = ExpressionClassifier.load() if emotion else None
        self.taught: TaughtClassifier | None = None
        """The poses that staff have taught and published."""
        self.draft: TaughtClassifier | None = None
        """Those they have trained last: what the workshop looks at."""


class Reader:
    """Reads one visitor's landmarks in the order they come; it remembers movement.

    For the workshop it reads no expression, and poses by the draft.
    """

    def __init__(self, classifiers: Classifiers, workshop: bool = False) -> None:
        self._classifiers = classifiers
        self._workshop = workshop
        self._stir = Stir()
        self._window = Window()

    def read(
        self,
        frame: int,
        landmarks: Landmarks,
        picture: np.ndarray | None = None,
        crop: bool = False,
        mask: np.ndarray | None = None,
    ) -> Reading:
        """`picture` [height, width, 3] uint8 RGB is what the landmarks were found in; a
        recording has none.  With `crop` the Reading carries the face cut out of it."""
        head = body = expression = pose = face = cut = None
        if landmarks.face is not None:
            head = measure_head(landmarks.face, landmarks.aspect)
            if self._classifiers.expression is not None and not self._workshop:
                shares, moved = self._classifiers.expression.read_with_movements(
                    landmarks.face, landmarks.aspect, picture
                )
                trusted = confidence_in_expression(shares, head, landmarks, picture)
                expression, face = Guess(shares, trusted), Face(**moved)
            if crop and picture is not None:
                cut = crop_face(picture, landmarks.face)
        energy = self._stir.update(landmarks)
        if landmarks.body is not None:
            body = measure_body(landmarks, energy)
            found = landmarks.time - landmarks.body_age
            self._window.add(found, landmarks.body, landmarks.aspect)
            shares = self._read_pose(self._window.features())
            pose = Guess(shares, confidence_in_pose(shares, body, landmarks.body))
        sides = (("left", landmarks.left_hand), ("right", landmarks.right_hand))
        hands = tuple(
            measure_hand(side, hand, landmarks.aspect) for side, hand in sides if hand is not None
        )
        pose = with_signs(pose, landmarks, hands)
        return Reading(frame, landmarks, head, body, hands, expression, face, pose, cut, mask)

    def _read_pose(self, row: np.ndarray) -> dict[str, float]:
        shares = self._classifiers.pose.read_features(row)
        taught = self._classifiers.draft if self._workshop else self._classifiers.taught
        return shares if taught is None else taught.over(shares, row)


def confidence_in_pose(shares: Mapping[str, float], body: Body, points: np.ndarray) -> float:
    """0 to 1; a head that moves needs no arms in view.  points [33, 4]."""
    by_head = sum(shares.get(name, 0.0) for name in HEAD_MOVES)
    head_seen = ramp(points[[NOSE, *SHOULDERS], 3].min(), 0.3, 0.9)
    return (1.0 - by_head) * body.confidence + by_head * head_seen


def with_signs(pose: Guess | None, landmarks: Landmarks, hands: tuple[Hand, ...]) -> Guess | None:
    """The pose with SIGNS among its classes, as far as a hand shows one.

    The clearest sign of both hands counts.  A hand before the face needs no body in view.
    """
    points = {"left": landmarks.left_hand, "right": landmarks.right_hand}
    shown = [
        (sign(points[hand.side], landmarks.aspect), hand.confidence, name)
        for hand in hands
        for name, sign in SIGNS.items()
    ]
    share, confidence, clearest = max(shown, default=(0.0, 0.0, ""))
    if pose is None:
        if share == 0.0:
            return None
        pose = Guess({NEUTRAL_POSE: 1.0}, 0.0)
    shares = {name: (1.0 - share) * p for name, p in pose.probabilities.items()}
    shares |= {name: share if name == clearest else 0.0 for name in SIGNS}
    trusted = (1.0 - share) * pose.confidence + share * confidence
    return Guess(shares, trusted)
