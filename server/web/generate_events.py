"""Socket.IO events of the page /generate: checked here, done elsewhere.

A namespace of its own, because who dreams is no visitor: no camera, no consent, nothing is kept.
docs/protocol.md lists the events.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping

from flask import request
from flask_socketio import ConnectionRefusedError, SocketIO

from server.art.generation_requests import FORMS, MOST, SEEDS, STYLES, GenerationRequest
from server.art.service import Art
from server.door import TokenBucket, neighbourhood
from server.values import EXPRESSIONS

log = logging.getLogger(__name__)

NAMESPACE = "/generate"
DREAMS_PER_SECOND = 20
MOST_SHARE = 1e6
"""Of one expression, before the shares are made to sum to 1."""


def register(socketio: SocketIO, art: Art, dreaming: bool) -> None:
    """Connect every event of the page; `dreaming`: this machine can."""
    wishes: dict[str, TokenBucket] = {}

    def refuse(code: str, message: str) -> None:
        log.warning(f"refused ({code}): %s", message)
        problem = {"code": code, "message": message}
        socketio.emit("problem", problem, to=request.sid, namespace=NAMESPACE)

    @socketio.on("connect", namespace=NAMESPACE)
    def connect(_auth=None) -> None:
        if not dreaming:
            raise ConnectionRefusedError("no-dreams")
        wishes[request.sid] = TokenBucket(DREAMS_PER_SECOND, 2 * DREAMS_PER_SECOND)
        welcome = {"styles": STYLES, "expressions": EXPRESSIONS, "most": MOST}
        socketio.emit("welcome", welcome, to=request.sid, namespace=NAMESPACE)

    @socketio.on("disconnect", namespace=NAMESPACE)
    def disconnect(_reason=None) -> None:
        # As with visitors: it may be found out in the middle of a message to this very page.
        socketio.start_background_task(art.stop_generating, request.sid)
        wishes.pop(request.sid, None)

    @socketio.on("dream", namespace=NAMESPACE)
    def dream(data=None, *_more) -> None:
        if not wishes[request.sid].take():
            refuse("too-fast", f"Dream at most {DREAMS_PER_SECOND} times a second.")
            return
        try:
            wanted = request_of(data)
        except ValueError as error:
            refuse("bad-dream", str(error))
        else:
            art.generate(request.sid, wanted, neighbourhood(request.remote_addr or ""))

    @socketio.on("wake", namespace=NAMESPACE)
    def wake(*_data) -> None:
        art.stop_generating(request.sid)


def request_of(data: object) -> GenerationRequest:
    """What a page asks for.  Raises ValueError, which names the choices."""
    if not isinstance(data, Mapping):
        raise ValueError("A dream has id, style, mixture, count, seed and form.")
    id, style, form = data.get("id"), data.get("style"), data.get("form")
    count, seed, picture = data.get("count"), data.get("seed"), data.get("picture", 0)
    if not _is_integer(id, 0, 2**53 - 1):
        raise ValueError("The id of a dream is a whole number from 0.")
    if not isinstance(style, str) or style not in STYLES:
        raise ValueError(f"The style is one of {', '.join(STYLES)}.")
    if not isinstance(form, str) or form not in FORMS:
        raise ValueError(f"The form is one of {', '.join(FORMS)}.")
    if not _is_integer(count, 1, MOST):
        raise ValueError(f"The count is a whole number from 1 to {MOST}.")
    if not _is_integer(seed, 0, SEEDS - 1):
        raise ValueError(f"The seed is a whole number from 0 to {SEEDS - 1}.")
    if not _is_integer(picture, 0, count - 1):
        raise ValueError("The picture that walks is a whole number from 0, below the count.")
    return GenerationRequest(id, style, mixture_of(data.get("mixture")), count, seed, form, picture)


def mixture_of(shares: object) -> dict[str, float]:
    """Shares of the seven expressions that sum to 1, of any that are not all 0.

    Raises ValueError.
    """
    names = ", ".join(EXPRESSIONS)
    if not isinstance(shares, Mapping) or not set(shares) <= set(EXPRESSIONS):
        raise ValueError(f"The mixture has a share of some of {names}.")
    if not all(_is_share(share) for share in shares.values()):
        raise ValueError(f"A share of the mixture is a number from 0 to {MOST_SHARE:g}.")
    largest = max(shares.values(), default=0)
    if largest == 0:
        raise ValueError(f"A mixture needs something: at least one share of {names} above 0.")
    # by the largest first: of shares that are tiny, the sum may be 0
    parts = {name: shares.get(name, 0) / largest for name in EXPRESSIONS}
    whole = sum(parts.values())
    return {name: part / whole for name, part in parts.items()}


def _is_integer(value: object, least: int, most: int) -> bool:
    return type(value) is int and least <= value <= most


def _is_share(value: object) -> bool:
    return type(value) in (int, float) and 0 <= value <= MOST_SHARE
