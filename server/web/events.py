"""Socket.IO events: checked here, done elsewhere.  docs/protocol.md lists them."""

from __future__ import annotations

import logging
import time
from collections.abc import Collection

from flask import request
from flask_socketio import SocketIO

from server.door import TokenBucket
from server.screens import CAMERA, Report, Screens
from server.settings import Settings
from server.studio import Studio
from server.values import COMMANDS, Command
from server.visitors import Visitors
from server.web.entrance import is_local

log = logging.getLogger(__name__)

LONGEST_WORD = 64
COMMANDS_PER_SECOND = 10
LIVE_PER_SECOND = 40
MOST_LIVE_BYTES = 100_000
"""Of one picture for the living canvas."""
MOST_RATE = 1000
"""Frames a second."""
ART = ("cancel", "delete")
"""What can be asked of a picture."""


def register(
    socketio: SocketIO,
    settings: Settings,
    visitors: Visitors,
    welcome: dict,
    studio: Studio,
    live: Collection[str],
    screens: Screens,
) -> None:
    """Connect every event of the protocol; `live` names the engines of the living canvas."""
    frames: dict[str, TokenBucket] = {}
    orders: dict[str, TokenBucket] = {}
    canvases: dict[str, TokenBucket] = {}

    def refuse(code: str, message: str) -> None:
        log.warning(f"refused ({code}): %s", message)
        socketio.emit("problem", {"code": code, "message": message}, to=request.sid)

    @socketio.on("connect")
    def connect(_auth=None) -> None:
        frames[request.sid] = TokenBucket(settings.max_frame_rate, 10)
        orders[request.sid] = TokenBucket(COMMANDS_PER_SECOND, 2 * COMMANDS_PER_SECOND)
        canvases[request.sid] = TokenBucket(LIVE_PER_SECOND, 10)
        visitors.arrive(request.sid)
        screens.arrive(request.sid, request.remote_addr or "")
        socketio.emit("welcome", welcome, to=request.sid)

    @socketio.on("disconnect")
    def disconnect(_reason=None) -> None:
        # It may be found out in the middle of a message to this very visitor, when locks are held.
        socketio.start_background_task(visitors.leave, request.sid)
        screens.leave(request.sid)
        frames.pop(request.sid, None)
        orders.pop(request.sid, None)
        canvases.pop(request.sid, None)

    @socketio.on("frame")
    def frame(number=None, jpeg=None, options=None, *_more) -> None:
        if not visitors.may_send_frames(request.sid):
            refuse("no-consent", "Send `consent` first, and frames once `status` says ready.")
        elif not _is_count(number) or not isinstance(jpeg, bytes) or not _is_options(options):
            refuse("bad-frame", "A frame is a counter, the bytes of a JPEG, and options.")
        elif len(jpeg) > settings.max_frame_bytes:
            refuse("too-large", f"A frame has at most {settings.max_frame_bytes} bytes.")
        elif not frames[request.sid].take():
            refuse("too-fast", f"Send at most {settings.max_frame_rate} frames a second.")
        else:
            options = options or {}
            crop, mask = bool(options.get("crop")), bool(options.get("mask"))
            visitors.see(request.sid, number, jpeg, crop, mask)

    @socketio.on("touch")
    def touch(*_data) -> None:
        if _ordered():
            visitors.touch(request.sid)

    @socketio.on("consent")
    def consent(data=None, *_more) -> None:
        token = data.get("token") if isinstance(data, dict) else None
        if _ordered():
            visitors.consent(request.sid, token if _is_word(token) else None)

    @socketio.on("stop")
    def stop(*_data) -> None:
        if _ordered():
            visitors.stop(request.sid)

    @socketio.on("command")
    def command(data=None, *_more) -> None:
        if not _ordered():
            return
        name = data.get("name") if isinstance(data, dict) else None
        argument = data.get("argument") if isinstance(data, dict) else None
        if name not in COMMANDS or not (argument is None or _is_word(argument)):
            refuse("bad-command", f"A command has a name ({', '.join(COMMANDS)}) and an argument.")
        else:
            visitors.command(request.sid, Command(name, argument))

    @socketio.on("art")
    def art(data=None, *_more) -> None:
        if not _ordered():
            return
        name = data.get("name") if isinstance(data, dict) else None
        id = data.get("id") if isinstance(data, dict) else None
        visit = studio.visit_of_visitor(request.sid)
        if name not in ART or not _is_word(id):
            refuse("bad-command", f"Ask to {' or '.join(ART)}, and name the picture's id.")
        elif visit is None or not getattr(studio, name)(visit, id):
            refuse("unknown-picture", "This visit has no such picture.")

    @socketio.on("canvas")
    def canvas(number=None, jpeg=None, options=None, *_more) -> None:
        engine = options.get("engine") if isinstance(options, dict) else None
        if studio.visit_of_visitor(request.sid) is None:
            refuse("no-consent", "The living canvas is for visitors who are playing.")
        elif not _is_count(number) or not isinstance(jpeg, bytes) or engine not in live:
            refuse("bad-canvas", "Send a counter, the bytes of a JPEG, and a living engine.")
        elif len(jpeg) > MOST_LIVE_BYTES:
            refuse("too-large", f"A picture of the canvas has at most {MOST_LIVE_BYTES} bytes.")
        elif not canvases[request.sid].take():
            refuse("too-fast", f"Send at most {LIVE_PER_SECOND} pictures a second.")
        else:
            studio.paint_live(request.sid, number, engine, jpeg)

    @socketio.on("replay")
    def replay(data=None, *_more) -> None:
        if not _ordered():
            return
        name = data.get("name") if isinstance(data, dict) else None
        if not _is_word(name) or name not in visitors.recordings:
            known = ", ".join(visitors.recordings)
            refuse("unknown-replay", f"There is no such recording; known: {known}.")
        else:
            visitors.replay(request.sid, name)

    @socketio.on("record")
    def record(data=None, *_more) -> None:
        if not _ordered():
            return
        on = data.get("on") if isinstance(data, dict) else None
        if not (settings.debug and is_local()):
            refuse("no-debug", "Recording is for developers at this very machine.")
        elif not visitors.may_send_frames(request.sid):
            refuse("no-consent", "Only who has agreed to the camera can be recorded.")
        elif not isinstance(on, bool):
            refuse("bad-command", "Recording is switched on or off: true or false.")
        else:
            visitors.record(request.sid, on)

    @socketio.on("screen")
    def screen(data=None, *_more) -> None:
        if not _ordered():
            return
        report = _report(data)
        if report is None:
            refuse("bad-screen", "Tell the camera's state, scene, quality, rate and hidden.")
        else:
            screens.tell(request.sid, report)

    @socketio.on("clock")
    def clock(*_data) -> float:
        return time.monotonic()

    def _ordered() -> bool:
        if orders[request.sid].take():
            return True
        refuse("too-fast", f"Send at most {COMMANDS_PER_SECOND} commands a second.")
        return False


def _is_count(value: object) -> bool:
    return type(value) is int and 0 <= value < 2**53


def _is_word(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value) <= LONGEST_WORD


def _report(data: object) -> Report | None:
    """What a page tells of itself; None when it is none."""
    if not isinstance(data, dict):
        return None
    camera, scene, quality, rate, hidden = (data.get(name) for name in Report._fields)
    words = all(isinstance(one, str) and len(one) <= LONGEST_WORD for one in (scene, quality))
    known = isinstance(camera, str) and camera in CAMERA and isinstance(hidden, bool)
    number = type(rate) in (int, float) and 0 <= rate <= MOST_RATE
    return Report(camera, scene, quality, rate, hidden) if words and known and number else None


def _is_options(value: object) -> bool:
    return value is None or isinstance(value, dict)
