"""A visitor's way through the installation: what the page shows, and when that changes.

    attract ──touch──▶ notice ──consent──▶ play ◀──▶ capture
       ▲                │ ▲                  │          │
       └──left alone────┘ └────── goodbye ◀──┴──────────┘
                                     stop, or nobody in view

One page has one VisitState.  It knows no clock: times are seconds of the caller's
monotonic clock.  docs/protocol.md says what the page does in each state.
"""

from __future__ import annotations

from typing import NamedTuple

STATES = ("attract", "notice", "play", "capture", "goodbye", "replay")
"""replay: the page asked for a recorded session (`?replay=NAME`); time changes nothing there."""

CONSENTED = ("play", "capture")
"""Only here may the camera see, and only the person who has agreed."""

NEXT = {
    # Where an event leads.  What is not here changes nothing.
    "touch": {"attract": "notice", "notice": "notice", "goodbye": "notice"},
    "consent": {
        "attract": "play",
        "notice": "play",
        "goodbye": "play",
        "replay": "play",
    },
    "capture": {"play": "capture"},
    "stop": {"play": "goodbye", "capture": "goodbye", "replay": "notice"},
    "replay": dict.fromkeys(STATES, "replay"),
}


class Times(NamedTuple):
    """How long each wait lasts, in seconds."""

    alone: float
    """The notice stands untouched before the recorded session plays."""
    absence: float
    """Nobody is in view before the visit ends."""
    capture: float
    """The capture is looked at."""
    goodbye: float
    """The goodbye stands before the next visitor's notice."""


class VisitState(NamedTuple):
    """Where a page is, since when."""

    state: str = "notice"
    since: float = 0.0


def after(visit_state: VisitState, event: str, now: float) -> VisitState:
    """The visit state after touch, consent, capture, stop or replay.

    A state that an event leads to itself begins anew.  Raises KeyError for
    another event.
    """
    state = NEXT[event].get(visit_state.state)
    return visit_state if state is None else VisitState(state, now)


def waited(visit_state: VisitState, seen: float, now: float, times: Times) -> VisitState:
    """The visit state when it is `now`; `seen` is when somebody was last in view, or agreed."""
    state, since = visit_state
    if state in CONSENTED and now - seen >= times.absence:
        return VisitState("goodbye", now)
    if state == "capture" and now - since >= times.capture:
        return VisitState("play", now)
    if state == "goodbye" and now - since >= times.goodbye:
        return VisitState("notice", now)
    if state == "notice" and now - since >= times.alone:
        return VisitState("attract", now)
    return visit_state
