"""The expression in a single picture that a visitor has chosen: no camera, no movement."""

from __future__ import annotations

import time

from server.perception.picture import decode_png
from server.perception.reader import Classifiers, Reader
from server.perception.trackers import MOST_FACES, choose_lead, mediapipe, points
from server.values import Guess, Landmarks

MOST_PIXELS = 1024 * 1024
"""What the page sends at most."""


class Portraits:
    """Remembers nothing from one picture to the next."""

    def __init__(self, classifiers: Classifiers) -> None:
        self._classifiers = classifiers
        mesh = mediapipe.solutions.face_mesh.FaceMesh
        self._mesh = mesh(static_image_mode=True, max_num_faces=MOST_FACES)

    def read(self, png: bytes) -> Guess | None:
        """The expression of the nearest face; None where none is found, which is so for faces
        lower than about a seventh of the picture.  Raises BadPicture."""
        picture = decode_png(png, MOST_PIXELS)
        found = self._mesh.process(picture).multi_face_landmarks or []
        face = choose_lead([points(one) for one in found], None)
        aspect = picture.shape[1] / picture.shape[0]
        landmarks = Landmarks(time.monotonic(), face, people=len(found), aspect=aspect)
        return Reader(self._classifiers).read(0, landmarks, picture).expression
