"""Readings as plain messages, for the channel between worker and server."""

from __future__ import annotations

from dataclasses import asdict

import numpy as np

from server.values import Body, Face, Guess, Hand, Head, Landmarks, Reading

SHAPES = {"face": (468, 3), "body": (33, 4), "left_hand": (21, 3), "right_hand": (21, 3)}
NUMBERS = ("time", "body_age", "hands_age", "people", "aspect")
CROP = (112, 112, 3)
MASK = (72, 96)
"""Height and width of a mask."""


def pack_landmarks(landmarks: Landmarks) -> dict:
    """Landmarks -> dict of numbers and little-endian float32 bytes."""
    message = {name: getattr(landmarks, name) for name in NUMBERS}
    for name in SHAPES:
        points = getattr(landmarks, name)
        message[name] = None if points is None else points.astype("<f4").tobytes()
    return message


def unpack_landmarks(message: dict) -> Landmarks:
    parts = {name: message[name] for name in NUMBERS}
    for name, shape in SHAPES.items():
        if message[name] is not None:
            parts[name] = np.frombuffer(message[name], "<f4").reshape(shape)
    return Landmarks(**parts)


def pack_reading(reading: Reading) -> dict:
    return {
        "frame": reading.frame,
        "landmarks": pack_landmarks(reading.landmarks),
        "head": reading.head and asdict(reading.head),
        "body": reading.body and asdict(reading.body),
        "hands": [asdict(hand) for hand in reading.hands],
        "expression": reading.expression and asdict(reading.expression),
        "face": reading.face and asdict(reading.face),
        "pose": reading.pose and asdict(reading.pose),
        "crop": None if reading.crop is None else reading.crop.tobytes(),
        "mask": None if reading.mask is None else reading.mask.tobytes(),
    }


def unpack_reading(message: dict) -> Reading:
    def part(kind: type, name: str):
        return message[name] and kind(**message[name])

    crop, mask = message["crop"], message["mask"]
    return Reading(
        frame=message["frame"],
        landmarks=unpack_landmarks(message["landmarks"]),
        head=part(Head, "head"),
        body=part(Body, "body"),
        hands=tuple(Hand(**hand) for hand in message["hands"]),
        expression=part(Guess, "expression"),
        face=part(Face, "face"),
        pose=part(Guess, "pose"),
        crop=None if crop is None else np.frombuffer(crop, np.uint8).reshape(CROP),
        mask=None if mask is None else np.frombuffer(mask, np.uint8).reshape(MASK),
    )
