"""Captures come in, pictures go out: only with the token of a visit that goes on."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection

from flask import Blueprint, Response, jsonify, request

from server.art.engines import OWN, has_learned
from server.art.jobs import QueueFull
from server.art.picture import LARGEST, BadPicture, check
from server.art.service import MOST_PIXELS
from server.door import TokenBucket, neighbourhood
from server.perception.service import UnreadablePicture
from server.studio import Studio, VisitOver
from server.visitors import Visitors
from server.web.entrance import is_same_origin

MOST_BYTES = 8_000_000
"""Of a capture."""
AT_ONCE, PER_SECOND = 4, 0.5
"""Captures of one visit, and pictures of its own."""
AT_ONCE_HERE, PER_SECOND_HERE = 64, 8.0
"""The same of all visits of one address: visits are begun and left in no time."""
REMEMBERED = 1000
"""Visits and addresses whose rate is known; the one that was quiet longest is forgotten first."""
LONGEST_WORD = 64
TOKEN = "X-Mien-Visit"
"""The header that carries a visit's token."""


def art_pages(
    studio: Studio, visitors: Visitors, engines: Collection[str], own_pictures: bool
) -> Blueprint:
    """Everything under /art; `own_pictures` lets visitors send some of their own.

    Errors are {"code", "message"}; docs/protocol.md lists them.
    """
    blueprint = Blueprint("art", __name__, url_prefix="/art")
    buckets: OrderedDict[str, TokenBucket] = OrderedDict()

    def may_send(visit: str, address: str) -> bool:
        return take_one(f"at {address}", PER_SECOND_HERE, AT_ONCE_HERE) and take_one(
            visit, PER_SECOND, AT_ONCE
        )

    def take_one(whose: str, rate: float, burst: float) -> bool:
        bucket = buckets.setdefault(whose, TokenBucket(rate, burst))
        buckets.move_to_end(whose)
        if len(buckets) > REMEMBERED:
            buckets.popitem(last=False)
        return bucket.take()

    def visit_of_request() -> str | None:
        return studio.visit_of_token(request.headers.get(TOKEN, ""))

    @blueprint.after_request
    def keep_private(response: Response) -> Response:
        response.headers["Cache-Control"] = "no-store"
        return response

    @blueprint.post("/captures")
    def add_capture() -> tuple[Response, int]:
        """A PNG, `?engine=NAME&scene=NAME` -> 202 and {"id", "face"}; with `&own=1` it is a
        picture of the visitor's own, and the expression in it is the mixture."""
        visit = visit_of_request()
        visitor = visit and studio.visitor_of(visit)
        engine, scene = request.args.get("engine", ""), request.args.get("scene", "")
        if not is_same_origin():
            return problem("foreign", "Only Mien's own page can send captures.", 403)
        if (request.content_length or MOST_BYTES + 1) > MOST_BYTES:
            return problem("too-large", f"A capture has at most {MOST_BYTES} bytes.", 413)
        request.max_content_length = MOST_BYTES
        # read before it is refused, or the page meets a broken connection instead of the answer
        png = request.get_data()
        if visitor is None:
            return problem("no-visit", "There is no such visit, or it is over.", 401)
        if engine not in engines or not 0 < len(scene) <= LONGEST_WORD:
            return problem("unknown-engine", f"There are: {', '.join(engines)}.", 404)
        own = "own" in request.args
        if own and not own_pictures:
            return problem("no-own", "This house takes no pictures of your own.", 403)
        if not has_learned(engine, OWN if own else scene):
            return problem("unlearned", f"{engine} has not learned pictures of this scene.", 422)
        address = neighbourhood(request.remote_addr or "")
        if not may_send(visit, address):
            return problem("too-fast", "One capture every two seconds is enough.", 429)
        try:
            check(png, "PNG", LARGEST**2 if own else MOST_PIXELS)
            mixture, seed = visitors.mixture_and_seed(visitor)
            found = visitors.expression_in(png) if own else None
            id = studio.add_capture(visit, engine, png, scene, found or mixture, seed, address)
        except (BadPicture, UnreadablePicture) as error:
            return problem("bad-capture", f"The capture cannot be read: {error}.", 400)
        except (KeyError, VisitOver):
            return problem("no-visit", "The visit has just ended.", 401)
        except QueueFull as error:
            return problem(error.code, str(error), 503 if error.code == "full" else 429)
        except OSError:
            return problem("no-space", "There is no room for another picture.", 507)
        return jsonify(id=id, face=found is not None), 202

    @blueprint.get("/pictures/<id>.png")
    def picture(id: str) -> Response | tuple[Response, int]:
        return part(id, "image", "image/png")

    @blueprint.get("/strokes/<id>.bin")
    def strokes(id: str) -> Response | tuple[Response, int]:
        return part(id, "strokes", "application/octet-stream")

    @blueprint.get("/references/<id>.jpg")
    def reference(id: str) -> Response | tuple[Response, int]:
        return part(id, "reference", "image/jpeg")

    @blueprint.get("/looks/<id>.png")
    def look(id: str) -> Response | tuple[Response, int]:
        return part(id, "look", "image/png")

    @blueprint.delete("/pictures/<id>")
    def delete(id: str) -> tuple[Response | str, int]:
        visit = visit_of_request()
        if not is_same_origin():
            return problem("foreign", "Only Mien's own page can delete pictures.", 403)
        if visit is None or not studio.delete(visit, id):
            return problem("unknown-picture", "This visit has no such picture.", 404)
        return "", 204

    def part(id: str, which: str, kind: str) -> Response | tuple[Response, int]:
        visit = visit_of_request()
        try:
            content = visit and studio.read(visit, id, which)
        except OSError:  # deleted in this moment
            content = None
        if content is None:
            return problem("unknown-picture", "This visit has no such picture.", 404)
        return Response(content, mimetype=kind)

    return blueprint


def problem(code: str, message: str, status: int) -> tuple[Response, int]:
    return jsonify(code=code, message=message), status
