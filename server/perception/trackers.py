"""MediaPipe behind one small interface: pictures in, Landmarks out.

Another tracker (the Tasks API with `.task` bundles, say) replaces this file
and nothing else.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from models.core.imports import emptied
from server.values import Landmarks

# MediaPipe draws with matplotlib and records sound: 0.4 s of a worker's start, and a
# process that sees visitors has no business with the sound system
with emptied("matplotlib", "matplotlib.pyplot", "sounddevice"):
    import mediapipe

MOST_FACES = 3
COUNT_EVERY = 0.5
"""Seconds after which somebody alone is looked for company again."""
OLDEST_PART = 0.1
"""Seconds: body and hands found longer ago than this are looked for again at once."""
NEWEST_BODY = 0.025
"""Seconds: a body found more recently will do; no hand is in view that needs it newer."""
SWITCH_LEAD = 1.3
"""Another face must be this much larger than the leading one to take the lead."""
VISIBLE = 0.5
"""Visibility above which a body landmark counts as seen."""

FACE_IN_WINDOW = 0.3
"""Share of the window's height that a far face is given."""
SMALLEST_WINDOW, LARGEST_WINDOW = 0.15, 0.7
LOST_IN_WINDOW = 3
"""Frames without a face after which the whole picture is searched again."""

NOSE, LEFT_SHOULDER, RIGHT_SHOULDER, LEFT_WRIST, RIGHT_WRIST = 0, 11, 12, 15, 16


class TrackerSet:
    """One visitor's trackers: they remember, so nobody else may use them meanwhile.

    The face is looked for in every frame; body and hands take turns, because
    together they cost several times as much, unless one grew too old: then both
    are looked for side by side, which a second core makes shorter.  A mesh
    for several faces searches the picture in every frame for those it lacks,
    and costs twice as much as one for a single face: somebody alone gets that.
    """

    def __init__(self, aside: ThreadPoolExecutor) -> None:
        """`aside` runs one tracker beside another; all sets of a worker may share it."""
        self._aside = aside
        solutions = mediapipe.solutions
        self._counter = solutions.face_detection.FaceDetection()
        self._one_face = solutions.face_mesh.FaceMesh(max_num_faces=1)
        self._faces = solutions.face_mesh.FaceMesh(max_num_faces=MOST_FACES)
        self._pose = solutions.pose.Pose(model_complexity=1)
        self._hands = solutions.hands.Hands(max_num_hands=2, model_complexity=0)
        self.forget()

    def forget(self) -> None:
        """Be as new for the next visitor.

        A blank picture makes each tracker lose whom it followed.  (MediaPipe's
        own `reset` rebuilds the graphs and leaves about 15 MB behind each time.)
        """
        blank = np.zeros((96, 128, 3), np.uint8)
        for tracker in (self._counter, self._one_face, self._faces, self._pose, self._hands):
            tracker.process(blank)
        self._alone, self._counted = True, float("-inf")
        self._lead: np.ndarray | None = None
        self._body: np.ndarray | None = None
        self._body_time = self._hands_time = float("-inf")
        self._left: np.ndarray | None = None
        self._right: np.ndarray | None = None
        self._window = WHOLE
        self._lost = 0

    def track(self, picture: np.ndarray, time: float) -> Landmarks:
        """[height, width, 3] uint8 RGB, taken at `time` seconds -> Landmarks."""
        height, width = picture.shape[:2]
        faces = self._find_faces(picture, time)
        self._lead = choose_lead(faces, self._lead)
        if len(faces) > 1:
            picture = only_lead(picture, self._lead, faces)

        seek_hands = self._hands_may_be_in_view()
        if not seek_hands:
            self._left = self._right = None
            self._hands_time = time
        if seek_hands:
            body_first = self._body_time <= self._hands_time
        else:
            body_first = time - self._body_time >= NEWEST_BODY
        find_body = body_first or time - self._body_time > OLDEST_PART
        find_hands = seek_hands and (not body_first or time - self._hands_time > OLDEST_PART)
        found_aside = None
        if find_body and find_hands:
            found_aside = self._aside.submit(self._hands.process, picture)
        if find_body:
            self._body = self._find_body(picture)
            self._body_time = time
        if find_hands:
            found = found_aside.result() if found_aside else self._hands.process(picture)
            self._left, self._right = self._name_hands(found)
            self._hands_time = time

        return Landmarks(
            time=time,
            face=self._lead,
            body=self._body,
            left_hand=self._left,
            right_hand=self._right,
            body_age=time - self._body_time,
            hands_age=time - self._hands_time,
            people=max(len(faces), int(self._body is not None)),
            aspect=width / height,
        )

    def _find_faces(self, picture: np.ndarray, time: float) -> list[np.ndarray]:
        """Faces in the whole picture, or in a window around the head of somebody far away.

        MediaPipe finds no face lower than about a seventh of what it is shown,
        but a body down to a third of that: it says where to look.
        """
        shown = self._window.cut(picture)
        if self._alone and time - self._counted >= COUNT_EVERY:
            self._alone = len(self._counter.process(shown).detections or ()) < 2
            self._counted = time
        tracker = self._one_face if self._alone else self._faces
        found = tracker.process(shown).multi_face_landmarks or []
        self._alone = len(found) < 2
        faces = [self._window.place(points(face)) for face in found]
        self._lost = 0 if faces else self._lost + 1
        if self._window is WHOLE:
            if not faces and self._body is not None:
                self._window = window_around_head(self._body, picture.shape[1] / picture.shape[0])
        elif self._lost >= LOST_IN_WINDOW or (faces and not self._window.suits(faces[0])):
            self._window = WHOLE
        return faces

    def _find_body(self, picture: np.ndarray) -> np.ndarray | None:
        found = self._pose.process(picture).pose_landmarks
        if found is None:
            return None
        body = np.array([(p.x, p.y, p.z, p.visibility) for p in found.landmark], np.float32)
        if body[[LEFT_SHOULDER, RIGHT_SHOULDER], 3].mean() < VISIBLE:
            return None
        return body

    def _name_hands(self, result) -> tuple[np.ndarray | None, np.ndarray | None]:
        """Left and right hand of the visitor among MediaPipe's hands.

        MediaPipe names hands as if the picture were mirrored; ours is not.  The
        body's wrists know better where both are seen.
        """
        left = right = None
        named = zip(result.multi_hand_landmarks or (), result.multi_handedness or (), strict=True)
        for found, handedness in named:
            hand = points(found)
            is_left = handedness.classification[0].label == "Right"
            if self._body is not None and self._body[[LEFT_WRIST, RIGHT_WRIST], 3].min() > VISIBLE:
                wrists = self._body[[LEFT_WRIST, RIGHT_WRIST], :2]
                to_left, to_right = np.linalg.norm(wrists - hand[0, :2], axis=1)
                is_left = to_left < to_right
            if is_left and left is None or right is not None:
                left = hand
            else:
                right = hand
        return left, right

    def _hands_may_be_in_view(self) -> bool:
        if self._left is not None or self._right is not None:
            return True
        if self._body is None:
            return False
        wrists = self._body[[LEFT_WRIST, RIGHT_WRIST]]
        inside = (wrists[:, :2] > -0.05).all(axis=1) & (wrists[:, :2] < 1.05).all(axis=1)
        return bool((inside & (wrists[:, 3] > VISIBLE)).any())


@dataclass(frozen=True, slots=True)
class Window:
    """A part of the picture with the picture's own proportions; shares of its size."""

    left: float
    top: float
    size: float

    def cut(self, picture: np.ndarray) -> np.ndarray:
        height, width = picture.shape[:2]
        x, y = round(self.left * width), round(self.top * height)
        part = picture[y : y + round(self.size * height), x : x + round(self.size * width)]
        return np.ascontiguousarray(part)

    def place(self, face: np.ndarray) -> np.ndarray:
        """Coordinates in the window -> coordinates in the whole picture."""
        return face * np.float32(self.size) + np.array([self.left, self.top, 0], np.float32)

    def suits(self, face: np.ndarray) -> bool:
        """Whether the face is still small and in the middle of the window."""
        middle = (face[:, :2].mean(0) - (self.left, self.top)) / self.size
        near = height_of(face) > 1.6 * FACE_IN_WINDOW * self.size
        return not near and bool((np.abs(middle - 0.5) < 0.25).all())


WHOLE = Window(0.0, 0.0, 1.0)


def window_around_head(body: np.ndarray, aspect: float) -> Window:
    """Where to look for the face of a body [33, 4]; a face is about 0.63 shoulder widths high."""
    across = abs(float(body[LEFT_SHOULDER, 0] - body[RIGHT_SHOULDER, 0]))
    size = max(0.63 * across * aspect / FACE_IN_WINDOW, SMALLEST_WINDOW)
    if size > LARGEST_WINDOW or body[NOSE, 3] < VISIBLE:
        return WHOLE
    left, top = np.clip(body[NOSE, :2] - size / 2, 0.0, 1.0 - size)
    return Window(float(left), float(top), size)


def points(found) -> np.ndarray:
    """MediaPipe's landmark list -> [n, 3] float32."""
    return np.array([(p.x, p.y, p.z) for p in found.landmark], np.float32)


def height_of(face: np.ndarray) -> float:
    """Height of a face [468, 3] as a share of the picture's height."""
    return float(np.ptp(face[:, 1]))


def choose_lead(faces: list[np.ndarray], lead: np.ndarray | None) -> np.ndarray | None:
    """The nearest face leads, and keeps the lead until another is clearly nearer."""
    if not faces:
        return None
    nearest = max(faces, key=height_of)
    if lead is None:
        return nearest
    same = min(faces, key=lambda face: np.abs(face[:, :2].mean(0) - lead[:, :2].mean(0)).sum())
    return nearest if height_of(nearest) > SWITCH_LEAD * height_of(same) else same


def only_lead(picture: np.ndarray, lead: np.ndarray, faces: list[np.ndarray]) -> np.ndarray:
    """The picture, black beyond the middle between the leading face and its neighbours.

    Body and hands are trackers of single persons: they must not follow another one.
    """
    width = picture.shape[1]
    centre = lead[:, 0].mean()
    left, right = 0.0, 1.0
    for face in faces:
        middle = (face[:, 0].mean() + centre) / 2
        if face is lead:
            continue
        if middle < centre:
            left = max(left, middle)
        else:
            right = min(right, middle)
    alone = np.zeros_like(picture)
    column = slice(max(round(left * width), 0), max(round(right * width), 0))
    alone[:, column] = picture[:, column]
    return alone
