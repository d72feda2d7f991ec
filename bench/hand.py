"""From a hand before the camera to the canvas: two pictures of a person signing take turns
in the camera, each with a mark in a corner that tells the page which one it shows.

Measured is the time from the moment at which the page could see the new picture (the
camera's own delay is over) to the first canvas that changes faster than the same scene does
by itself while the hands rest: breath and drift are slow, an answer is not.
"""

from __future__ import annotations

from itertools import combinations

import cv2
import numpy as np

from bench import frames
from datasets.paths import data_folder
from server.perception import recording
from server.values import Landmarks

CLIP = "asl_sorry"
REST = 5.4
"""Seconds that each picture stands: an answer swings for some of them, and breath, which comes
every five, must not keep step."""
CAMERA_RATE = 15
MARK = 48
"""Edge of the mark in pixels."""
LATEST = 1.2
"""Seconds after which an answer is none."""
QUIET = 1.8
"""Seconds before a change in which the canvas shows how it moves by itself."""
BEYOND = 1.5
"""Times the pace of 99 of 100 canvases at rest: what is slower is no answer."""

WATCH = f"""
const video = () => document.querySelector('video')
const small = (width, height) => {{
    const canvas = document.createElement('canvas')
    Object.assign(canvas, {{ width, height }})
    return canvas.getContext('2d', {{ willReadFrequently: true }})
}}
const seen = {{ marks: [], times: [], pictures: [] }}
const corner = small(1, 1)
const onVideo = (now) => {{
    corner.drawImage(video(), 8, 8, {MARK - 16}, {MARK - 16}, 0, 0, 1, 1)
    seen.marks.push([now, corner.getImageData(0, 0, 1, 1).data[1] > 127])
    video().requestVideoFrameCallback(onVideo)
}}
video().requestVideoFrameCallback(onVideo)
const view = small(64, 36)
let drawn = 0
const onFrame = () => {{
    requestAnimationFrame(onFrame)
    if (mien.drawnFrames === drawn) return
    drawn = mien.drawnFrames
    view.drawImage(document.getElementById('stage'), 0, 0, 64, 36)
    const {{ data }} = view.getImageData(0, 0, 64, 36)
    seen.times.push(performance.now())
    seen.pictures.push(Array.from({{ length: 64 * 36 }}, (_, at) => data[4 * at + 1]))
}}
requestAnimationFrame(onFrame)
window.seen = seen
"""
"""Run in the page: remember when each camera picture and each canvas was there."""


def camera() -> list[np.ndarray]:
    """RGB pictures [480, 640, 3] of one round: hands here, hands there.

    Raises FileNotFoundError without the shared videos.
    """
    path = data_folder() / "videos" / f"{CLIP}.mkv"
    if not path.exists():
        raise FileNotFoundError(f"{path}: the hand needs the shared data (MIEN_DATA)")
    session = recording.load(recording.FOLDER / f"{CLIP}.npz")
    here, there = two_places(session.frames)
    pictures = []
    for frame, shade in ((here, 0), (there, 255)):
        picture = cv2.cvtColor(at(path, frame.time), cv2.COLOR_BGR2RGB)
        picture = cv2.resize(picture, (frames.WIDTH, frames.HEIGHT), interpolation=cv2.INTER_AREA)
        picture[:MARK, :MARK] = shade
        pictures += [picture] * round(REST * CAMERA_RATE)
    return pictures


def two_places(session: tuple[Landmarks, ...]) -> tuple[Landmarks, Landmarks]:
    """Of a recording, the two frames whose hands differ most and whose heads differ little."""
    known = [f for f in session if f.face is not None and f.right_hand is not None]

    def moved(pair: tuple[Landmarks, Landmarks]) -> float:
        one, other = pair
        hand = np.linalg.norm((one.right_hand - other.right_hand)[:, :2].mean(0))
        head = np.linalg.norm((one.face - other.face)[:, :2].mean(0))
        return float(hand - 3 * head)

    return max(combinations(known, 2), key=moved)


def at(path, seconds: float) -> np.ndarray:
    """The picture of a video at this time."""
    source = cv2.VideoCapture(str(path))
    source.set(cv2.CAP_PROP_POS_MSEC, 1000 * seconds)
    done, picture = source.read()
    source.release()
    if not done:
        raise ValueError(f"{path} has no picture at {seconds:.2f} s")
    return picture


def delays(seen: dict) -> list[float]:
    """Milliseconds from each change of the hands to the canvas; infinite where none came."""
    times = np.array(seen["times"]) / 1000
    pictures = np.array(seen["pictures"], np.float32)
    changes = [
        now / 1000
        for (_, before), (now, shown) in zip(seen["marks"], seen["marks"][1:], strict=False)
        if before != shown
    ]
    changes = [c for c in changes if times[0] + REST < c < times[-1] - LATEST]
    if not changes:
        raise ValueError("the camera's mark was not seen to change")
    speeds = np.abs(np.diff(pictures, axis=0)).mean(axis=1) / np.diff(times)
    times = times[1:]
    resting = [speeds[(times > c - QUIET) & (times <= c)] for c in changes]
    usual = BEYOND * np.percentile(np.concatenate(resting), 99)
    answers = [(times > c) & (times < c + LATEST) & (speeds > usual) for c in changes]
    return [
        1000 * (times[answer][0] - change) if answer.any() else float("inf")
        for change, answer in zip(changes, answers, strict=True)
    ]
