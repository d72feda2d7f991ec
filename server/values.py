"""The values that cross Mien's borders: Reading, Command, SceneState, Artwork.

Each is a frozen dataclass defined here once.  Nothing in this file imports
Flask, MediaPipe or any other room, so that `stage/` can be used alone.

Coordinates
    *Picture coordinates* (Readings): x and y from 0 to 1, from the top left
    corner of the camera picture as the camera sees it, not mirrored.
    *Scene coordinates* (SceneStates): x and y from -1 to 1, x to the right
    and y up, as the visitor sees them in a mirror.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

EXPRESSIONS = ("angry", "disgust", "fear", "happy", "neutral", "sad", "surprise")
"""The seven classes of expression, in the order of every probability vector."""

NEUTRAL_POSE = "neutral"
"""The pose of somebody who does nothing that has a name."""


@dataclass(frozen=True, slots=True, eq=False)
class Landmarks:
    """What the trackers found in one frame, and nothing else.

    This is what a recording stores: no picture can be made from it.
    All coordinates are picture coordinates in float32; z is depth in picture
    widths, smaller is nearer to the camera.  A part that was not seen is None.
    """

    time: float
    """When the frame was taken, in seconds of the server's monotonic clock."""
    face: np.ndarray | None = None
    """[468, 3] x, y, z of the nearest face: MediaPipe's face mesh."""
    body: np.ndarray | None = None
    """[33, 4] x, y, z, visibility (0 to 1): MediaPipe's pose landmarks."""
    left_hand: np.ndarray | None = None
    """[21, 3] x, y, z of the visitor's own left hand."""
    right_hand: np.ndarray | None = None
    """[21, 3] x, y, z of the visitor's own right hand."""
    body_age: float = 0.0
    """Seconds since the frame in which the body was found."""
    hands_age: float = 0.0
    """Seconds since the frame in which the hands were found."""
    people: int = 0
    """How many faces were in view when last counted."""
    aspect: float = 4 / 3
    """Width of the picture divided by its height: makes x and y comparable."""


@dataclass(frozen=True, slots=True)
class Head:
    """Where the leading head is and how it is turned; picture coordinates."""

    x: float
    y: float
    size: float
    """Height of the face as a share of the picture's height."""
    yaw: float
    """Degrees; positive when the face turns to the right side of the picture."""
    pitch: float
    """Degrees; positive when the face looks up."""
    roll: float
    """Degrees; positive when the head tilts clockwise in the picture."""
    confidence: float
    """0 to 1: how far this face can be trusted (size, turn, being cut off)."""


@dataclass(frozen=True, slots=True)
class Face:
    """How the parts of the leading face are moved; all 0 at rest, but an open eye is 1."""

    jaw: float
    """0 closed, 1 wide open."""
    smile: float
    """-1: the corners of the mouth are drawn down; 1: wide and up."""
    pucker: float
    """0 to 1: the lips are drawn together."""
    brows: float
    """-1 drawn down, 1 raised."""
    left_eye: float
    """0 closed, 1 open; the visitor's own left."""
    right_eye: float


@dataclass(frozen=True, slots=True)
class Hand:
    """One hand in view; picture coordinates."""

    side: str
    """'left' or 'right': the visitor's own."""
    x: float
    y: float
    open: float
    """0 is a fist, 1 is a spread hand."""
    confidence: float


@dataclass(frozen=True, slots=True)
class Body:
    """Measures of the body that do not depend on place or size."""

    openness: float
    """0: arms close to the trunk or crossed; 1: arms spread wide."""
    energy: float
    """0: still; 1: moving as fast as people do.  From speed over body size."""
    lean: float
    """-1 to 1: the trunk leans to the left or right side of the picture."""
    x: float
    """Middle of the shoulders."""
    y: float
    confidence: float


@dataclass(frozen=True, slots=True)
class Guess:
    """Probabilities of classes, and how far they can be trusted at all."""

    probabilities: Mapping[str, float]
    """Sums to 1."""
    confidence: float
    """0 to 1; a side view, a tiny face, a half-hidden body lower it; an expression's also poor
    light, a hand before the mouth, two classes that are equally likely."""


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """What one frame says.  "Nobody there" is a Reading whose parts are None."""

    frame: int
    """The browser's number of the frame."""
    landmarks: Landmarks
    head: Head | None = None
    body: Body | None = None
    hands: tuple[Hand, ...] = ()
    expression: Guess | None = None
    """None without a face, and always with `--no-emotion`."""
    face: Face | None = None
    """The same."""
    pose: Guess | None = None
    """The classifier's poses and movements, and by the hands' geometry `victory` (two fingers
    held up) and `thumbs_up`."""
    crop: np.ndarray | None = None
    """[112, 112, 3] uint8 RGB, eyes level and at a fixed place; only when the
    frame asked for it.  Its confidence is the head's."""
    mask: np.ndarray | None = None
    """[72, 96] uint8 over the whole picture: 255 where people are; only when the
    frame asked for it."""

    @property
    def time(self) -> float:
        return self.landmarks.time

    @property
    def present(self) -> bool:
        return self.head is not None or self.body is not None


COMMANDS = ("clear", "more", "capture", "cancel", "freeze", "scene")
"""What a visitor, staff or a pose can ask of the stage."""


@dataclass(frozen=True, slots=True)
class Command:
    """Something asked of the stage.

    clear    all objects leave
    more     a few more objects are born
    capture  the page takes a picture of the canvas
    cancel   a running countdown is stopped
    freeze   the form holds still, or moves again
    scene    show the scene called `argument`; the next one without
    """

    name: str
    argument: str | None = None

    def __post_init__(self) -> None:
        if self.name not in COMMANDS:
            raise ValueError(f"unknown command {self.name!r}; known: {', '.join(COMMANDS)}")


@dataclass(frozen=True, slots=True)
class SceneObject:
    """One thing in the scene."""

    id: int
    kind: str
    """sphere, capsule, torus, knot, box, cone, octahedron, tetrahedron or shard."""
    size: float
    """Radius in scene units."""
    position: tuple[float, float, float]
    """Scene coordinates; z from -1 (far) to 1 (near)."""
    colour: tuple[float, float, float]
    """OKLCH: lightness 0 to 1, chroma 0 to 0.37, hue in degrees."""
    spin: tuple[float, float, float]
    """Radians per second about x, y and z."""
    meaning: str | None = None
    """A word of `colour.meanings`, such as 'water'; None when it stands for nothing."""


@dataclass(frozen=True, slots=True)
class Action:
    """Something the page does once.  `name` is clear, capture, scene or freeze."""

    id: int
    name: str
    argument: str | None = None


@dataclass(frozen=True, slots=True)
class SceneState:
    """What the scene shows: the only thing a scene sees.

    `stage.to_json` gives the plain form that travels; docs/protocol.md documents it.
    """

    time: float = 0.0
    frame: int = 0
    present: bool = False
    people: int = 0
    mixture: Mapping[str, float] | None = None
    expression: str | None = None
    certainty: float = 0.0
    affect: Mapping[str, float] = field(default_factory=dict)
    face: Mapping[str, float] | None = None
    pose: Mapping[str, object] = field(default_factory=dict)
    colour: Mapping[str, object] = field(default_factory=dict)
    form: Mapping[str, float] = field(default_factory=dict)
    motion: Mapping[str, float] = field(default_factory=dict)
    body: Mapping[str, object] = field(default_factory=dict)
    add: tuple[SceneObject, ...] = ()
    remove: tuple[int, ...] = ()
    actions: tuple[Action, ...] = ()
    countdown: Mapping[str, object] | None = None
    frozen: bool = False
    reset: bool = False
    memory: object = field(default=None, compare=False, repr=False)
    """What `step` remembers from one call to the next; never travels."""


class Made(NamedTuple):
    """A finished picture, and what is shown with it."""

    png: bytes
    reference: bytes | None = None
    """A JPEG of the set that the engine learned from."""
    scores: Mapping[str, float] | None = None
    """As `Artwork` has them."""
    look: bytes | None = None
    """A PNG, as `Artwork` describes it."""


@dataclass(frozen=True, slots=True)
class Artwork:
    """A picture made of a capture, or still to be made.  Times are seconds since 1970."""

    id: str
    """32 hexadecimal digits, drawn by lot: names its files and its job."""
    visit: str
    """Whose it is: the hash of the visit's token, from which nobody finds the token."""
    engine: str
    scene: str
    """Name of the scene that was captured."""
    mixture: Mapping[str, float] | None
    """Share of each expression in the last seconds before it was sent, or in the visitor's own
    picture; None with `--no-emotion`."""
    seed: int
    """Of the visit: what was drawn by lot in the scene."""
    created: float
    capture: bool = True
    """The gallery has what it is made from, a PNG: until it is made."""
    strokes: bool = False
    """It has the strokes of which the picture is made (`gan_cut.painter`)."""
    image: bool = False
    """It has the picture, a PNG."""
    reference: bool = False
    """It has a JPEG of the set that the engine learned from, to be shown beside it."""
    look: bool = False
    """It has a PNG to be laid over the picture: black, and opaque where the critic finds nothing
    of the greatest of the scores."""
    finished: float | None = None
    scores: Mapping[str, float] | None = None
    """Share of each expression in what people would name before the picture more than before other
    works, says the art critic; None where no critic has looked."""
