"""The workshop's page for staff, and recordings as CSV, out and in."""

from __future__ import annotations

import tempfile
from pathlib import Path

from flask import Blueprint, Response, jsonify, redirect, render_template, request, url_for

from server.settings import Settings
from server.web.entrance import is_same_origin
from server.web.pages import assets
from server.web.security import keep_private
from server.web.staff import is_staff
from server.workshop.csv_form import MOST_BYTES
from server.workshop.poses import WorkshopError
from server.workshop.workshop import Workshop

ENTRY = "src/workshop/main.js"
PIECE = 64 * 1024
"""Bytes read at a time, so that nobody else waits."""
LONGEST_FILE_NAME = 60


def workshop_pages(settings: Settings, workshop: Workshop) -> Blueprint:
    """Everything under /workshop; who is not staff is sent to the door and comes back."""
    blueprint = Blueprint("workshop", __name__, url_prefix="/workshop")

    blueprint.after_request(keep_private)

    @blueprint.get("")
    def page() -> str | Response:
        if not is_staff(settings):
            return redirect(url_for("staff.desk", to="workshop"), 303)
        return render_template("workshop.html", **assets(ENTRY))

    @blueprint.get("/recordings.csv")
    def export() -> Response:
        """A Body Language Decoder CSV of all recordings, or of one `person`."""
        if not is_staff(settings):
            return redirect(url_for("staff.desk", to="workshop"), 303)
        lines = workshop.export(request.args.get("person"))
        name = {"Content-Disposition": "attachment; filename=poses.csv"}
        return Response(lines, mimetype="text/csv", headers=name)

    @blueprint.post("/recordings.csv")
    def import_csv() -> tuple[Response, int]:
        """Keep the recordings of a CSV (the body) of one `person`: 201 with {"takes",
        "merged"}, or 4xx
        with {"message"}, and then nothing has been changed."""
        if not is_same_origin() or not is_staff(settings):
            return jsonify(message="Only staff can bring recordings in, on this page."), 403
        name = Path(request.args.get("name", "")).name[:LONGEST_FILE_NAME] or "the file"
        if (request.content_length or 0) > MOST_BYTES:
            return jsonify(message=too_large(name)), 413
        request.max_content_length = MOST_BYTES
        try:
            # where the next start finds it, if it is not removed here
            with tempfile.NamedTemporaryFile(prefix=".import-", dir=workshop.recordings) as file:
                while piece := request.stream.read(PIECE):
                    file.write(piece)
                file.flush()
                answer = workshop.import_csv(Path(file.name), name, request.args.get("person", ""))
        except (WorkshopError, OSError) as error:
            return jsonify(message=str(error)), 400
        if answer["kind"] == "failed":
            return jsonify(message=answer["message"]), 400
        return jsonify(takes=answer["takes"], merged=answer["merged"]), 201

    return blueprint


def too_large(name: str) -> str:
    return (
        f"{name} is larger than {MOST_BYTES // 1_000_000} MB: rows 2 and on, column 'class' to the"
        " last, hold far more than can be learnt from. Send it in several files."
    )
