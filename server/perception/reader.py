"""Landmarks -> Reading: measures and classifiers, no pictures."""

from __future__ import annotations

import numpy as np
from models.expression.classifier import ExpressionClassifier
from models.pose.classifier import PoseClassifier

from server.perception.measures import Stir, measure_body, measure_hand, measure_head
from server.values import Guess, Landmarks, Reading


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

    def read(self, frame: int, landmarks: Landmarks, crop: np.ndarray | None = None) -> Reading:
        head = body = expression = pose = None
        if landmarks.face is not None:
            head = measure_head(landmarks.face, landmarks.aspect)
            if self._classifiers.expression is not None:
                shares = self._classifiers.expression.read(landmarks.face, landmarks.aspect)
                expression = Guess(shares, head.confidence)
        energy = self._stir.update(landmarks)
        if landmarks.body is not None:
            body = measure_body(landmarks, energy)
            shares = self._classifiers.pose.read(landmarks.body, landmarks.aspect)
            pose = Guess(shares, body.confidence)
        sides = (("left", landmarks.left_hand), ("right", landmarks.right_hand))
        hands = tuple(
            measure_hand(side, hand, landmarks.aspect) for side, hand in sides if hand is not None
        )
        return Reading(frame, landmarks, head, body, hands, expression, pose, crop)
