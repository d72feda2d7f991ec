"""The page and the watchdog's `/health`."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path

from flask import Blueprint, Response, jsonify, render_template

from server.settings import Settings
from server.web.security import is_development, is_local

ROOT = Path(__file__).parents[2]
MANIFEST = ROOT / "static" / "dist" / ".vite" / "manifest.json"
ENTRY = "src/main.js"


def pages(settings: Settings, health: Callable[[], dict]) -> Blueprint:
    """The visitor's page and what staff's programs ask for."""
    blueprint = Blueprint("pages", __name__)
    started = time.monotonic()

    @blueprint.get("/")
    def index() -> str:
        dev = is_development()
        entry = None if dev else json.loads(MANIFEST.read_text())[ENTRY]
        return render_template(
            "index.html",
            dev=dev,
            entry=entry,
            emotion=settings.emotion,
            debug=settings.debug and is_local(),
        )

    @blueprint.get("/health")
    def report() -> tuple[Response, int]:
        """200 while every perception worker is ready, else 503."""
        state = health()
        well = all(worker["ready"] for worker in state["perception"])
        uptime = round(time.monotonic() - started, 1)
        body = {"status": "ok" if well else "starting", "uptime": uptime, **state}
        return jsonify(body), 200 if well else 503

    return blueprint
