"""The page and the watchdog's `/health`."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path

from flask import Blueprint, Response, jsonify, render_template

from server.settings import Settings
from server.web.entrance import is_development, is_local

ROOT = Path(__file__).parents[2]
MANIFEST = ROOT / "static" / "dist" / ".vite" / "manifest.json"
ENTRY = "src/main.js"
GENERATE = "src/generate/main.js"


def assets(name: str) -> dict[str, object]:
    """What a template needs to load an entry of the page: `dev`, and the files of the build.

    Style sheets of the parts that several entries share are named with the parts.
    """
    if is_development():
        return {"dev": True, "source": name}
    manifest = json.loads(MANIFEST.read_text())
    parts, css = [name], []
    for part in parts:
        css += [sheet for sheet in manifest[part].get("css", ()) if sheet not in css]
        parts += [one for one in manifest[part].get("imports", ()) if one not in parts]
    scripts = [manifest[part]["file"] for part in parts]
    return {"dev": False, "script": scripts[0], "preload": scripts[1:], "css": css}


def pages(
    settings: Settings, pictures: bool, dreams: bool, health: Callable[[], dict]
) -> Blueprint:
    """The visitor's pages and what staff's programs ask for; `pictures`: captures become some;
    `dreams`: /generate makes some of nothing."""
    blueprint = Blueprint("pages", __name__)
    started = time.monotonic()

    @blueprint.get("/")
    def index() -> str:
        return render_template(
            "index.html",
            **assets(ENTRY),
            emotion=settings.emotion,
            pictures=pictures,
            dreams=dreams,
            debug=settings.debug and is_local(),
        )

    @blueprint.get("/generate")
    def generate() -> str:
        return render_template(
            "generate.html", **assets(GENERATE), dreams=dreams, saving=settings.saving
        )

    @blueprint.get("/health")
    def report() -> tuple[Response, int]:
        """200 and "ok" while seats, connections, workers and pages agree; else 503, and `problems`
        says in words what does not."""
        state = health()
        sees = all(worker["ready"] for worker in state["perception"])
        status = "trouble" if state["problems"] and sees else "ok" if sees else "starting"
        uptime = round(time.monotonic() - started, 1)
        return jsonify(status=status, uptime=uptime, **state), 200 if status == "ok" else 503

    return blueprint
