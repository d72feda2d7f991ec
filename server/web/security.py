"""Response headers and cookies that keep the page to itself."""

from __future__ import annotations

from flask import Flask, Response, request
from flask.sessions import SecureCookieSessionInterface

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


class Cookies(SecureCookieSessionInterface):
    """What came over https, through a proxy, too, goes back over https alone."""

    def get_cookie_secure(self, app: Flask) -> bool:
        return request.is_secure


def secure(app: Flask) -> None:
    """Add the headers to every answer, and keep cookies to pages like that which set them.

    There is no Strict-Transport-Security: a browser that remembers it could not
    reach an installation any more that goes back to http or makes a new certificate.
    """
    app.config.update(
        SESSION_COOKIE_NAME="mien",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Strict",
        PERMANENT_SESSION_LIFETIME=STAFF_SESSION,
    )

    app.session_interface = Cookies()

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


def keep_private(response: Response) -> Response:
    """For the pages of the staff: nothing of them stays in a browser's cache."""
    response.headers["Cache-Control"] = "no-store"
    # With "no-referrer" a browser would not say where a form comes from, either.
    response.headers["Referrer-Policy"] = "same-origin"
    return response
