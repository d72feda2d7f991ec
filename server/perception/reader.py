"""Landmarks and picture -> Reading: measures and classifiers."""

from __future__ import annotations

import numpy as np

from models.expression.classifier import ExpressionClassifier
from models.pose.classifier import PoseClassifier
from server.perception.crop import crop_face
from server.perception.doubt import confidence_in_expression
from server.perception.measures import Stir, measure_body, measure_hand, measure_head, victory
from server.values import NEUTRAL_POSE, Face, Guess, Hand, Landmarks, Reading


class Classifiers:
    """What is shared by all visitors of one worker."""

    def __init__(self, emotion: bool) -> None:
        self.pose = PoseClassifier.load()
        self.expression = ExpressionClassifier.load() if emotion else None


class Reader:
    """Reads one visitor's landmarks in the order they come; it remembers movement."""

    def __init__(self, classifiers: Classifiers) -> None:
        self._classifiers = classifiers
        self._stir = Stir()

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
            if self._classifiers.expression is not None:
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
            shares = self._classifiers.pose.read(landmarks.body, landmarks.aspect)
            pose = Guess(shares, body.confidence)
        sides = (("left", landmarks.left_hand), ("right", landmarks.right_hand))
        hands = tuple(
            measure_hand(side, hand, landmarks.aspect) for side, hand in sides if hand is not None
        )
        pose = with_victory(pose, landmarks, hands)
        return Reading(frame, landmarks, head, body, hands, expression, face, pose, cut, mask)


def with_victory(pose: Guess | None, landmarks: Landmarks, hands: tuple[Hand, ...]) -> Guess | None:
    """The pose with `victory` among its classes, as far as a hand shows it.

    A V before the face needs no body in view.
    """
    points = {"left": landmarks.left_hand, "right": landmarks.right_hand}
    shown = [(victory(points[h.side], landmarks.aspect), h.confidence) for h in hands]
    share, confidence = max(shown, default=(0.0, 0.0))
    if pose is None:
        if share == 0.0:
            return None
        pose = Guess({NEUTRAL_POSE: 1.0}, 0.0)
    shares = {name: (1.0 - share) * p for name, p in pose.probabilities.items()}
    trusted = (1.0 - share) * pose.confidence + share * confidence
    return Guess({**shares, "victory": share}, trusted)
