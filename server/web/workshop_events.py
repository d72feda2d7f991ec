"""Socket.IO events of the workshop's page: checked here, done elsewhere.

A namespace of its own, for whoever has come in with the staff's password; every event is
checked again, because another password ends that at once.  docs/protocol.md lists them.
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable
from functools import wraps

from flask import request
from flask_socketio import ConnectionRefusedError, SocketIO

from models.registry import ModelError
from server.door import TokenBucket
from server.settings import Settings
from server.web.staff import is_staff
from server.workshop.poses import WorkshopError
from server.workshop.workshop import Workshop

log = logging.getLogger(__name__)

NAMESPACE = "/workshop"
EVENTS_PER_SECOND = 10


def register(
    socketio: SocketIO, settings: Settings, workshop: Workshop, welcome: dict[str, object]
) -> None:
    """Connect every event of the workshop."""
    frames: dict[str, TokenBucket] = {}
    orders: dict[str, TokenBucket] = {}

    def refuse(message: str) -> None:
        socketio.emit("problem", {"message": message}, to=request.sid, namespace=NAMESPACE)

    def on(event: str) -> Callable:
        """An event of staff, not too many a second; what it cannot do is said."""

        def decorate(act: Callable) -> Callable:
            @wraps(act)
            def handle(*data: object) -> None:
                if not is_staff(settings):
                    refuse("The password has changed. Load the page again and come in.")
                    return
                if not orders[request.sid].take():
                    refuse("That was too fast. Once more?")
                    return
                first = data[0] if data and isinstance(data[0], dict) else {}
                try:
                    act(first)
                except (WorkshopError, ModelError) as error:
                    refuse(str(error))
                except OSError as error:
                    log.error("the workshop: %s", error)
                    refuse(f"It could not be kept: {os.strerror(error.errno or 0)}.")

            socketio.on(event, namespace=NAMESPACE)(handle)
            return handle

        return decorate

    @socketio.on("connect", namespace=NAMESPACE)
    def connect(_auth=None) -> None:
        if not is_staff(settings):
            raise ConnectionRefusedError("staff")
        frames[request.sid] = TokenBucket(settings.max_frame_rate, 10)
        orders[request.sid] = TokenBucket(EVENTS_PER_SECOND, 2 * EVENTS_PER_SECOND)
        socketio.emit("welcome", welcome, to=request.sid, namespace=NAMESPACE)
        workshop.arrive(request.sid)

    @socketio.on("disconnect", namespace=NAMESPACE)
    def disconnect(_reason=None) -> None:
        # As with visitors: it may be found out in the middle of a message to this very page.
        socketio.start_background_task(workshop.leave, request.sid)
        frames.pop(request.sid, None)
        orders.pop(request.sid, None)

    @socketio.on("frame", namespace=NAMESPACE)
    def frame(number=None, jpeg=None, *_more) -> None:
        whole = type(number) is int and 0 <= number < 2**53 and isinstance(jpeg, bytes)
        if not is_staff(settings) or not workshop.may_send_frames(request.sid):
            refuse("Turn the camera on first.")
        elif not whole or len(jpeg) > settings.max_frame_bytes:
            refuse(f"A frame is a counter and a JPEG of at most {settings.max_frame_bytes} bytes.")
        elif frames[request.sid].take():
            workshop.see(request.sid, number, jpeg)

    @socketio.on("clock", namespace=NAMESPACE)
    def clock(*_data) -> float:
        return time.monotonic()

    @on("camera")
    def camera(data: dict) -> None:
        workshop.camera(request.sid, data.get("on") is True)

    @on("record")
    def record(data: dict) -> None:
        workshop.record(request.sid, data.get("pose"), data.get("person"))

    @on("cancel")
    def cancel(_data: dict) -> None:
        workshop.cancel(request.sid)

    @on("pose")
    def pose(data: dict) -> None:
        workshop.set_pose(data)

    @on("remove")
    def remove(data: dict) -> None:
        if "take" in data:
            workshop.remove_take(data["take"])
        elif "person" in data:
            workshop.remove_person(data["person"])
        elif "version" in data:
            workshop.remove_version(data["version"])
        else:
            workshop.remove_pose(data.get("pose"))

    @on("train")
    def train(_data: dict) -> None:
        workshop.train()

    @on("publish")
    def publish(data: dict) -> None:
        workshop.publish(data.get("version"))
