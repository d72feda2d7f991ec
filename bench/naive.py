"""What one would write first: Holistic inside the event handler of an eventlet server.

The baseline of the socket figures; it speaks enough of the protocol for the same
visitors.  `python -m bench.naive PORT`; servers.py starts it.
"""

from __future__ import annotations

import sys
import time

from server.concurrency import patch


def main(port: int) -> None:
    patch("eventlet")
    import mediapipe
    from flask import Flask
    from flask_socketio import SocketIO, emit

    from server.perception.picture import decode

    app = Flask("naive")
    socketio = SocketIO(app, async_mode="eventlet", transports=["websocket"])
    holistic = mediapipe.solutions.holistic.Holistic(model_complexity=1)

    @socketio.on("consent")
    def consent() -> None:
        emit("status", {"state": "ready", "place": 0})

    @socketio.on("frame")
    def frame(number, jpeg, _options) -> None:
        emit("next", {"number": number, "outcome": "taken"})
        result = holistic.process(decode(jpeg, 1280 * 720))
        parts = (result.face_landmarks, result.pose_landmarks)
        parts += (result.left_hand_landmarks, result.right_hand_landmarks)
        points = [[(p.x, p.y) for p in part.landmark] if part else [] for part in parts]
        emit("scene", {"frame": number, "points": points})

    @socketio.on("clock")
    def clock() -> float:
        return time.monotonic()

    socketio.run(app, port=port)


if __name__ == "__main__":
    main(int(sys.argv[1]))
