"""Dreams: what pages at /generate want to see, and whose picture is made next.

Rules alone, without threads, clocks or sockets.  A page has one dream at a time, the newest;
its pictures are made one by one, so that everybody's turn comes between them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from models import registry
from server.art.engines import has_card, is_usable
from server.art.felt import DREAM, UPSCALER
from server.settings import Settings
from server.values import EXPRESSIONS

STYLES = ("abstract", "flower-painting", "landscape", "portrait")
"""As in gan_cut/dream.py, which the web process does not load."""
MOST = 20
"""Pictures of one dream."""
SEEDS = 2**31
"""A seed is below it."""
FORMS = ("pictures", "sheet", "walk")

CIRCLE = ("happy", "disgust", "sad", "fear", "surprise", "angry", "neutral")
"""The expressions around the page's control, static/src/generate/petals.js."""
STEPS = 6
"""Frames of a walk from one expression to the next."""
PATIENCE = 1.0
"""Seconds that a dream may wait before its page is told."""
TRIES = 2
"""How often a picture is begun: once more when its worker died."""


@dataclass(frozen=True, slots=True)
class Dream:
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

    def asked(self, number: int) -> dict:
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
class _Wish:
    """A dream on its way."""

    dream: Dream
    address: str
    since: float
    """When it was asked for, or its last answer was made, in seconds of the caller's clock."""
    number: int = 0
    """Of the answer that is next, or is being made."""
    tries: int = 0
    told: bool = False
    """Its page knows that it waits."""


class Dreams:
    """One dream of each page.  Of all addresses that wait, the one served longest ago is next, and
    of its pages the one served longest ago."""

    def __init__(self) -> None:
        self._wishes: dict[str, _Wish] = {}
        """By page, the one served longest ago first."""
        self._making: dict[str, int] = {}
        """Number of the dream of which something is being made, by page: one thing of each."""
        self._served: dict[str, int] = {}
        """When each address that wants something was last served, in turns."""
        self._turns = 0

    def want(self, page: str, dream: Dream, now: float, address: str = "") -> None:
        """It takes the place of what this page has wanted before, and its turn in the line."""
        before = self._wishes.get(page)
        self._wishes[page] = _Wish(dream, address, before.since if before else now)

    def forget(self, page: str) -> None:
        """The page is gone, or wants nothing any more."""
        self._wishes.pop(page, None)

    def take(self) -> tuple[str, Dream, int] | None:
        """Page, dream and number of the answer that is made next."""
        waiting = [page for page in self._wishes if page not in self._making]
        if not waiting:
            return None
        page = min(waiting, key=lambda page: self._served.get(self._wishes[page].address, 0))
        addresses = {wish.address for wish in self._wishes.values()}
        self._turns += 1
        self._served = {name: turn for name, turn in self._served.items() if name in addresses}
        self._served[self._wishes[page].address] = self._turns
        wish = self._wishes[page] = self._wishes.pop(page)  # behind the others from now on
        wish.tries += 1
        self._making[page] = wish.dream.id
        return page, wish.dream, wish.number

    def made(self, page: str, id: int, now: float) -> Dream | None:
        """An answer is there, or has failed; its dream, or None when nobody wants it any more."""
        self._making.pop(page, None)
        wish = self._wishes.get(page)
        if wish is None or wish.dream.id != id:
            return None
        wish.number, wish.tries, wish.since, wish.told = wish.number + 1, 0, now, False
        if wish.number == wish.dream.length:
            del self._wishes[page]
        return wish.dream

    def lost(self, page: str, id: int) -> bool:
        """Its worker died: it is made once more, or (True) has failed."""
        self._making.pop(page, None)
        wish = self._wishes.get(page)
        if wish is None or wish.dream.id != id or wish.tries < TRIES:
            return False
        del self._wishes[page]
        return True

    def late(self, now: float) -> list[tuple[str, int]]:
        """Page and dream of each that has waited for PATIENCE; each is named once."""
        found = [
            (page, wish)
            for page, wish in self._wishes.items()
            if page not in self._making and not wish.told and now - wish.since > PATIENCE
        ]
        for _, wish in found:
            wish.told = True
        return [(page, wish.dream.id) for page, wish in found]

    def clear(self) -> list[tuple[str, int]]:
        """Nothing can be made: page and dream of all that waited."""
        ended = [(page, wish.dream.id) for page, wish in self._wishes.items()]
        self._wishes.clear()
        self._making.clear()
        return ended

    def __len__(self) -> int:
        return len(self._wishes)


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
