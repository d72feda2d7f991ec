"""Response headers that keep the page to itself, and hosts that may be asked."""

from __future__ import annotations

import ipaddress
import socket

from flask import Flask, Response, abort, request

STAFF_SESSION = 12 * 60 * 60
"""Seconds, one long day; closing the browser ends it, too."""

POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' blob: data:",
    "font-src": "'self'",
    "connect-src": "'self' blob:",  # a model's textures are unpacked into blobs
    "media-src": "'self' blob:",
    "worker-src": "'self' blob:",
    "manifest-src": "'self'",
    "frame-ancestors": "'none'",
    "base-uri": "'none'",
    "form-action": "'self'",
}


def secure(app: Flask, https: bool) -> None:
    """Add the headers to every answer, and answer only to our own names.

    There is no Strict-Transport-Security: a browser that remembers it could not
    reach an installation any more that goes back to http or makes a new certificate.

    A page elsewhere can point a name of its own at this machine (DNS
    rebinding); its requests then carry that name, and are refused here.
    """
    ours = {"localhost", socket.gethostname().lower(), socket.gethostname().lower() + ".local"}

    app.config.update(
        SESSION_COOKIE_NAME="mien",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Strict",
        SESSION_COOKIE_SECURE=https,
        PERMANENT_SESSION_LIFETIME=STAFF_SESSION,
    )

    @app.before_request
    def refuse_foreign_names() -> None:
        if not is_ours(request.host, ours):
            abort(421, "This machine does not go by that name. Use its address instead.")

    @app.after_request
    def add_headers(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = "; ".join(
            f"{directive} {sources}" for directive, sources in POLICY.items()
        )
        response.headers["Permissions-Policy"] = "camera=(self), microphone=(), geolocation=()"
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers.setdefault("Referrer-Policy", "no-referrer")
        response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
        response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
        return response


def is_ours(host: str, names: set[str]) -> bool:
    """Whether a Host header names this machine: a known name or any IP address."""
    name = host.rsplit(":", 1)[0] if host.count(":") == 1 or host.startswith("[") else host
    try:
        ipaddress.ip_address(name.strip("[]"))
    except ValueError:
        return name.lower() in names
    return True


def is_local() -> bool:
    """Whether the request or event comes from this machine."""
    return request.remote_addr in ("127.0.0.1", "::1")


def is_development() -> bool:
    """Whether Vite's development server on this machine passed the request on."""
    return "X-Mien-Dev" in request.headers and is_local()


def is_same_origin() -> bool:
    """Whether a form or script of our own page sent the request: browsers name its origin."""
    return request.headers.get("Origin") == request.host_url.rstrip("/")


def keep_private(response: Response) -> Response:
    """For the pages of the staff: nothing of them stays in a browser's cache."""
    response.headers["Cache-Control"] = "no-store"
    # With "no-referrer" a browser would not say where a form comes from, either.
    response.headers["Referrer-Policy"] = "same-origin"
    return response
