"""For developers at this very machine: recordings they send to have them replayed."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, request

from server.perception.recording import MOST_BYTES, from_bytes
from server.settings import Settings
from server.visitors import Visitors
from server.web.entrance import is_local, is_same_origin


def debug(settings: Settings, visitors: Visitors) -> Blueprint:
    """POST /debug/recordings: a recording's file -> {"name"} for the event `replay`.

    400 with {"message"} for a file that is none, 403 for anybody but a page of our own
    on this machine.
    """
    blueprint = Blueprint("debug", __name__, url_prefix="/debug")

    @blueprint.post("/recordings")
    def keep() -> tuple[Response, int]:
        request.max_content_length = MOST_BYTES
        if not (settings.debug and is_local() and is_same_origin()):
            return jsonify(message="Only a page on this machine can send recordings."), 403
        try:
            recording = from_bytes(request.get_data())
        except ValueError as error:
            return jsonify(message=str(error)), 400
        return jsonify(name=visitors.keep(recording)), 201

    return blueprint
