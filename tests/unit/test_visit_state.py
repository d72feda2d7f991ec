"""The visitor's way: every event in every state, and every wait."""

import pytest

from server.visit_state import CONSENTED, NEXT, STATES, Times, VisitState, after, waited

TIMES = Times(alone=45, absence=20, capture=4, goodbye=8)

EXPECTED = {
    # state: touch, consent, capture, stop, replay
    "attract": ("notice", "play", "attract", "attract", "replay"),
    "notice": ("notice", "play", "notice", "notice", "replay"),
    "play": ("play", "play", "capture", "goodbye", "replay"),
    "capture": ("capture", "capture", "capture", "goodbye", "replay"),
    "goodbye": ("notice", "play", "goodbye", "goodbye", "replay"),
    "replay": ("replay", "play", "replay", "notice", "replay"),
}
EVENTS = ("touch", "consent", "capture", "stop", "replay")


def test_the_table_is_whole():
    assert set(EXPECTED) == set(STATES)
    assert set(EVENTS) == set(NEXT)


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("event", EVENTS)
def test_events(state, event):
    expected = EXPECTED[state][EVENTS.index(event)]
    assert after(VisitState(state, 1.0), event, now=5.0).state == expected


def test_an_unknown_event_is_a_mistake():
    with pytest.raises(KeyError):
        after(VisitState(), "dance", 0.0)


def test_only_consent_leads_to_where_the_camera_sees():
    for state in set(STATES) - set(CONSENTED):
        for event in set(EVENTS) - {"consent"}:
            assert after(VisitState(state), event, 1.0).state not in CONSENTED
        assert waited(VisitState(state, 0.0), 0.0, 1e6, TIMES).state not in CONSENTED


def test_what_changes_nothing_keeps_the_time():
    way = VisitState("play", 3.0)
    assert after(way, "consent", 50.0) is way
    assert waited(way, seen=49.0, now=50.0, times=TIMES) is way


def test_a_notice_left_alone_attracts():
    assert waited(VisitState("notice", 0.0), 0.0, 44.9, TIMES).state == "notice"
    assert waited(VisitState("notice", 0.0), 0.0, 45.0, TIMES) == VisitState("attract", 45.0)


def test_a_touch_lets_the_notice_wait_anew():
    touched = after(VisitState("notice", 0.0), "touch", 40.0)
    assert waited(touched, 0.0, 60.0, TIMES).state == "notice"
    assert waited(touched, 0.0, 85.0, TIMES).state == "attract"


@pytest.mark.parametrize("state", CONSENTED)
def test_nobody_in_view_ends_the_visit(state):
    assert waited(VisitState(state, 99.0), seen=80.0, now=99.9, times=TIMES).state == state
    assert waited(VisitState(state, 99.0), seen=80.0, now=100.0, times=TIMES) == VisitState(
        "goodbye", 100.0
    )


def test_somebody_in_view_may_stay_for_ever():
    assert waited(VisitState("play", 0.0), seen=35_999.0, now=36_000.0, times=TIMES).state == "play"


def test_a_capture_goes_back_to_play_and_a_goodbye_to_the_notice():
    assert waited(VisitState("capture", 10.0), seen=13.0, now=14.0, times=TIMES) == VisitState(
        "play", 14.0
    )
    assert waited(VisitState("goodbye", 10.0), seen=0.0, now=18.0, times=TIMES) == VisitState(
        "notice", 18.0
    )


def test_a_replay_waits_for_nothing():
    assert waited(VisitState("replay", 0.0), seen=0.0, now=1e6, times=TIMES).state == "replay"


def test_a_page_left_alone_comes_round_to_attract_from_everywhere():
    for state in set(STATES) - {"replay"}:
        way = VisitState(state, 0.0)
        for now in range(0, 200):
            way = waited(way, seen=0.0, now=float(now), times=TIMES)
        assert way.state == "attract"
