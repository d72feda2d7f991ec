"""What pages at /generate want to see, and whose picture is made next.

Rules alone, without threads, clocks or sockets.  A page has one request at a time, the newest;
its pictures are made one by one, so that everybody's turn comes between them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from models import registry
from server.art.emotion_engines import DREAM, UPSCALER
from server.art.engines import has_card, is_usable
from server.settings import Settings
from server.values import EXPRESSIONS

STYLES = ("abstract", "flower-painting", "landscape", "portrait")
"""As in gan_cut/dream.py, which the web process does not load."""
MOST = 20
"""Pictures of one request."""
SEEDS = 2**31
"""A seed is below it."""
FORMS = ("pictures", "sheet", "walk")

CIRCLE = ("happy", "disgust", "sad", "fear", "surprise", "angry", "neutral")
"""The expressions around the page's control, static/src/generate/petals.js."""
STEPS = 6
"""Frames of a walk from one expression to the next."""
PATIENCE = 1.0
"""Seconds that a request may wait before its page is told."""
TRIES = 2
"""How often a picture is begun: once more when its worker died."""


@dataclass(frozen=True, slots=True)
class GenerationRequest:
    """What one page wants to see."""

    id: int
    """The page's own number."""
    style: str
    mixture: Mapping[str, float]
    """Share of each of the seven expressions; sums to 1."""
    count: int
    seed: int
    form: str
    """pictures: each by itself, in full size.  sheet: all small, side by side, for a hand that
    still moves.  walk: one picture on its way through all expressions and back."""
    picture: int = 0
    """Of a walk: the one that walks, 0 to count - 1."""

    @property
    def length(self) -> int:
        """How many answers it has."""
        if self.form == "walk":
            return STEPS * len(self._stations())
        return self.count if self.form == "pictures" else 1

    def message(self, number: int) -> dict:
        """What the worker is asked for its answer `number`; see worker.py."""
        walks = self.form == "walk"
        mixture = self._on_the_way(number) if walks else self.mixture
        return {
            "style": self.style,
            "mixture": [mixture.get(name, 0.0) for name in EXPRESSIONS],
            # picture i of a seed is the same whatever the count: a walk needs no others
            "count": self.picture + 1 if walks else self.count,
            "seed": self.seed,
            "picture": None if self.form == "sheet" else self.picture if walks else number,
            "format": {"pictures": "PNG", "sheet": "JPEG", "walk": "WEBP"}[self.form],
        }

    def _stations(self) -> list[Mapping[str, float]]:
        """From its mixture once around the circle, beginning at its strongest expression."""
        first = CIRCLE.index(max(CIRCLE, key=lambda name: self.mixture.get(name, 0.0)))
        others = [CIRCLE[(first + turn) % len(CIRCLE)] for turn in range(1, len(CIRCLE))]
        return [self.mixture, *({name: 1.0} for name in others)]

    def _on_the_way(self, frame: int) -> dict[str, float]:
        """The mixture of one frame; the last leads back to the first.  It lingers at each."""
        stations = self._stations()
        leg, step = divmod(frame, STEPS)
        here, there = stations[leg], stations[(leg + 1) % len(stations)]
        share = step / STEPS
        share = share * share * (3 - 2 * share)
        return {
            name: (1 - share) * here.get(name, 0.0) + share * there.get(name, 0.0)
            for name in EXPRESSIONS
        }


@dataclass(slots=True)
class _Pending:
    """A request on its way."""

    request: GenerationRequest
    address: str
    since: float
    """When it was asked for, or its last answer was made, in seconds of the caller's clock."""
    number: int = 0
    """Of the answer that is next, or is being made."""
    tries: int = 0
    told: bool = False
    """Its page knows that it waits."""


class GenerationRequests:
    """One request of each page.  Of all addresses that wait, the one served longest ago is next,
    and of its pages the one served longest ago."""

    def __init__(self) -> None:
        self._pending: dict[str, _Pending] = {}
        """By page, the one served longest ago first."""
        self._making: dict[str, int] = {}
        """Number of the request of which something is being made, by page: one thing of each."""
        self._served: dict[str, int] = {}
        """When each address that wants something was last served, in turns."""
        self._turns = 0

    def put(self, page: str, request: GenerationRequest, now: float, address: str = "") -> None:
        """It takes the place of what this page has wanted before, and its turn in the line."""
        before = self._pending.get(page)
        self._pending[page] = _Pending(request, address, before.since if before else now)

    def forget(self, page: str) -> None:
        """The page is gone, or wants nothing any more."""
        self._pending.pop(page, None)

    def begin_next(self) -> tuple[str, GenerationRequest, int] | None:
        """Page, request and number of the answer that is made next."""
        waiting = [page for page in self._pending if page not in self._making]
        if not waiting:
            return None
        page = min(waiting, key=lambda page: self._served.get(self._pending[page].address, 0))
        addresses = {pending.address for pending in self._pending.values()}
        self._turns += 1
        self._served = {name: turn for name, turn in self._served.items() if name in addresses}
        self._served[self._pending[page].address] = self._turns
        pending = self._pending[page] = self._pending.pop(page)  # behind the others from now on
        pending.tries += 1
        self._making[page] = pending.request.id
        return page, pending.request, pending.number

    def end_answer(self, page: str, id: int, now: float) -> GenerationRequest | None:
        """An answer is there, or has failed; its request, or None when nobody wants it any more."""
        self._making.pop(page, None)
        pending = self._pending.get(page)
        if pending is None or pending.request.id != id:
            return None
        pending.number += 1
        pending.tries, pending.since, pending.told = 0, now, False
        if pending.number == pending.request.length:
            del self._pending[page]
        return pending.request

    def lost(self, page: str, id: int) -> bool:
        """Its worker died: it is made once more, or (True) has failed."""
        self._making.pop(page, None)
        pending = self._pending.get(page)
        if pending is None or pending.request.id != id or pending.tries < TRIES:
            return False
        del self._pending[page]
        return True

    def late(self, now: float) -> list[tuple[str, int]]:
        """Page and request of each that has waited for PATIENCE; each is named once."""
        found = [
            (page, pending)
            for page, pending in self._pending.items()
            if page not in self._making and not pending.told and now - pending.since > PATIENCE
        ]
        for _, pending in found:
            pending.told = True
        return [(page, pending.request.id) for page, pending in found]

    def clear(self) -> list[tuple[str, int]]:
        """Nothing can be made: page and request of all that waited."""
        ended = [(page, pending.request.id) for page, pending in self._pending.items()]
        self._pending.clear()
        self._making.clear()
        return ended

    def __len__(self) -> int:
        return len(self._pending)


def offered(settings: Settings) -> bool:
    """Whether this installation can dream.

    Raises ModelError for weights that are not those of their card.
    """
    if not settings.art or not is_usable(settings, DREAM):
        return False
    for file in (DREAM, UPSCALER):
        model = Path(file).stem
        if is_usable(settings, file) and has_card(settings, model):  # one's own need none
            registry.check(model, settings.weights)
    return True
