"""The desk: a page for staff behind a password.  It never reads expressions."""

from __future__ import annotations

import hmac
import logging
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable

from flask import (
    Blueprint,
    Response,
    current_app,
    redirect,
    render_template,
    request,
    session,
    url_for,
)

from server.door import TokenBucket
from server.password import fingerprint, is_right
from server.screens import TURNS, Screens
from server.settings import Settings, is_loopback
from server.web.entrance import is_same_origin
from server.web.security import STAFF_SESSION, keep_private

log = logging.getLogger(__name__)

ATTEMPTS, PER_MINUTE = 5, 3
"""Of one address: at once, and then each minute."""
ADDRESSES = 1000
"""Remembered; the one that was quiet longest is forgotten first."""
LONGEST_FORM = 2000
"""Bytes."""


Line = tuple[str, str, bool]
"""Of the desk: what, how it is, and whether that is well."""

BACK = {"workshop": "workshop.page"}
"""Pages that send whoever is not staff to the door, and where the door leads back to."""


def is_staff(settings: Settings) -> bool:
    """Whether this request or event comes from somebody who has come in with the password, and has
    not left: a copy of their cookie is worth nothing then."""
    own, given = fingerprint(settings), session.get("staff")
    if (
        not own
        or not isinstance(given, str)
        or not hmac.compare_digest(given.encode(), own.encode())
    ):
        return False
    ends = sessions().get(session.get("id"))
    return ends is not None and time.monotonic() < ends


def sessions() -> dict[str, float]:
    """When each session of staff ends that has not been left, by its id; none outlives us."""
    return current_app.extensions.setdefault("staff_sessions", {})


def begin_session(settings: Settings) -> None:
    now = time.monotonic()
    for id, ends in list(sessions().items()):
        if ends < now:
            del sessions()[id]
    session.clear()
    session["staff"], session["id"] = fingerprint(settings), secrets.token_hex(16)
    sessions()[session["id"]] = now + STAFF_SESSION


def staff(
    settings: Settings,
    health: Callable[[], dict],
    screens: Screens,
    aside: Callable = lambda function, *arguments: function(*arguments),
) -> Blueprint:
    """The pages under /staff: log in, look, log out.

    `aside(function, *arguments)` runs what takes long without keeping visitors waiting.
    """
    blueprint = Blueprint("staff", __name__, url_prefix="/staff")
    started = time.monotonic()
    attempts: OrderedDict[str, TokenBucket] = OrderedDict()

    def may_try(address: str) -> bool:
        bucket = attempts.setdefault(address, TokenBucket(PER_MINUTE / 60, ATTEMPTS))
        attempts.move_to_end(address)
        if len(attempts) > ADDRESSES:
            attempts.popitem(last=False)
        return bucket.take()

    def login(problem: str = "", code: int = 200) -> tuple[str, int]:
        back = request.args.get("to", "")
        back = back if back in BACK else None
        return render_template("staff_login.html", problem=problem, to=back), code

    @blueprint.before_request
    def only_from_here() -> tuple[str, int] | None:
        """Other sites cannot post: browsers name the origin of every form."""
        request.max_content_length = LONGEST_FORM
        if request.method == "POST" and not is_same_origin():
            return login("This form came from another page. Please try again here.", 403)
        return None

    blueprint.after_request(keep_private)

    @blueprint.get("")
    def desk() -> str | tuple[str, int]:
        if not is_staff(settings):
            return login()
        uptime = time.monotonic() - started
        lines = in_words(health(), screens.lines(), uptime, settings)
        return render_template("staff.html", lines=lines, wish=screens.wish, turns=TURNS)

    @blueprint.post("/camera")
    def camera() -> Response | tuple[str, int]:
        if not is_staff(settings):
            return login(code=403)
        form = request.form
        try:
            screens.choose(form.get("camera", ""), form.get("turn", ""), "mirror" in form)
        except ValueError as error:
            return str(error), 400
        log.info("staff want the camera %r, turned by %d, mirror %s", *screens.wish)
        return redirect(url_for("staff.desk"), 303)

    @blueprint.post("")
    def enter() -> Response | tuple[str, int]:
        address = request.remote_addr or ""
        if not may_try(address):
            log.warning("too many attempts at the staff password from %s", address)
            return login("Too many attempts. Please wait a minute.", 429)
        if not aside(is_right, settings, request.form.get("password", "")):
            log.warning("a wrong staff password from %s", address)
            return login("That is not the password.", 403)
        attempts.pop(address, None)
        begin_session(settings)
        log.info("staff came in from %s", address)
        return redirect(url_for(BACK.get(request.args.get("to", ""), "staff.desk")), 303)

    @blueprint.post("/leave")
    def leave() -> Response:
        if is_staff(settings):
            sessions().pop(session["id"], None)
        session.clear()
        return redirect(url_for("staff.desk"), 303)

    return blueprint


def in_words(health: dict, screens: list[Line], uptime: float, settings: Settings) -> list[Line]:
    """The state of the installation, what is wrong first."""
    visitors, workers = health["visitors"], health["perception"]
    ready = sum(worker["ready"] for worker in workers)
    restarts = sum(worker["restarts"] for worker in workers)
    if ready == len(workers):
        tracker = "It sees." if not restarts else f"It sees; restarted {times(restarts)}."
    else:
        tracker = "It is starting. If that lasts longer than a minute, restart Mien."
    playing = f"{visitors['camera']} of {settings.max_visitors} places taken"
    waiting = visitors["waiting"]
    memory = sum(worker["memory"] for worker in workers) / 2**20
    reads = "movement and facial expression" if settings.emotion else "movement only"
    lines = [
        *(("What does not agree", problem, False) for problem in health["problems"]),
        *(screens or [("Screens", "No page is open: open Mien's address on the screen.", False)]),
        ("Tracker", tracker, ready == len(workers)),
        ("Playing now", playing, True),
        ("Waiting in line", str(waiting) if waiting else "nobody", True),
        ("Open pages", f"{visitors['connected']}, {visitors['attract']} unattended", True),
        ("Visits since the start", str(visitors["visits"]), True),
        ("Running for", duration(uptime), True),
        ("Memory of the tracker", f"{memory:.0f} MB", True),
        ("It reads", reads, True),
        *paintings(health["art"]),
        *departures(health["outside"], settings),
    ]
    return sorted(lines, key=lambda line: line[2])


def paintings(art: dict) -> list[Line]:
    """How the pictures are getting on; nothing where none are made."""
    workers = art["workers"]
    if not workers:
        return []
    restarts = sum(worker["restarts"] for worker in workers)
    ready = all(worker["ready"] for worker in workers)
    state = "Ready" if ready else "It is starting; visitors wait a little longer"
    if restarts:
        state += f"; restarted {times(restarts)}"
    jobs = f"{art['made']} made, {art['jobs']} in the making"
    return [("Painter", f"{state}.", ready), ("Pictures since the start", jobs, True)]


def departures(outside: dict, settings: Settings) -> list[Line]:
    """Whether something has left this machine, as far as was seen; and what staff let in."""
    looks, seen = outside["looks"], outside["seen"]
    looked = f"looked at {times(looks)} since the start"
    if seen:
        state = ("Something has left this machine", "; ".join(seen), False)
    elif looks:
        state = ("Nothing has left this machine", f"Its connections were {looked}.", True)
    else:
        state = ("What leaves this machine", "Its connections cannot be looked at.", False)
    switched = []
    if not is_loopback(settings.host):
        switched.append(f"browsers in the network come in ({settings.host})")
    if settings.proxy:
        switched.append(f"the proxy {settings.proxy} is believed")
    return [state, ("Switched on by staff", ", ".join(switched) or "nothing", True)]


def times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"


def duration(seconds: float) -> str:
    """Hours and minutes, in words."""
    minutes = int(seconds // 60)
    days, hours = divmod(minutes // 60, 24)
    parts = [(days, "day"), (hours, "hour"), (minutes % 60, "minute")]
    words = [f"{n} {word}{'s' * (n != 1)}" for n, word in parts if n]
    return ", ".join(words) or "less than a minute"
