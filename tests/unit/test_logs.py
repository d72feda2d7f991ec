"""Logs: readable lines, no pictures, no flood, no forged lines."""

import io
import logging

import numpy as np
import pytest

from server.logs import (
    AT_FIRST,
    LONGEST,
    LONGEST_TRACEBACK,
    PAUSE,
    QUIET,
    Bounded,
    Lines,
    room,
)


@pytest.fixture
def log():
    """A logger of the web room; its lines come back from `log.lines()`."""
    logger = logging.Logger("server.web.events")
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(Lines())
    logger.addHandler(handler)
    logger.lines = lambda: stream.getvalue().splitlines()
    return logger


def test_a_line_has_time_level_and_room(log):
    log.warning("refused (%s)", "bad-frame")
    time, level, of, *message = log.lines()[0].split()
    assert time.count(":") == 2
    assert (level, of, " ".join(message)) == ("WARNING", "web", "refused (bad-frame)")


@pytest.mark.parametrize(
    "logger, expected",
    [("server.stage", "stage"), ("server", "server"), ("models.pose.train", "models")],
)
def test_room(logger, expected):
    assert room(logger) == expected


def test_pictures_are_logged_as_their_size(log):
    jpeg = b"\xff\xd8secret"
    log.warning("got %s, %r and %s", jpeg, bytearray(jpeg), np.zeros((480, 640, 3), np.uint8))
    log.warning("got %s", memoryview(jpeg))
    log.warning("got %(jpeg)s", {"jpeg": jpeg})
    shown = "\n".join(log.lines())
    assert "secret" not in shown
    assert "<8 bytes>" in shown and "<480×640×3 uint8>" in shown


def test_a_strangers_text_stays_one_short_line(log):
    log.warning("name %s", "x\n12:00:00 ERROR   web  forged\x1b[2J" + "y" * 10_000)
    (line,) = log.lines()
    assert "x\\n12:00:00 ERROR" in line and "\x1b" not in line
    assert len(line) < LONGEST + 100


def test_a_traceback_is_kept(log):
    try:
        raise ValueError("broken")
    except ValueError:
        log.exception("failed")
    assert log.lines()[0].endswith("failed")
    assert log.lines()[-1] == "ValueError: broken"


def test_each_cause_is_told_a_few_times_and_then_counted(log):
    now = [0.0]
    log.handlers[0].addFilter(Bounded(lambda: now[0]))

    def refuse(code: str) -> None:
        log.warning(f"refused ({code}): %s", "why")

    for _ in range(1000):
        refuse("too-fast")
    refuse("bad-frame")
    assert len(log.lines()) == AT_FIRST + 1, "another cause has lines of its own"
    now[0] += PAUSE
    for _ in range(1000):
        refuse("too-fast")
    assert len(log.lines()) == AT_FIRST + 2
    assert log.lines()[-1].endswith(f"({1000 - AT_FIRST} more like it)")
    now[0] += QUIET
    for _ in range(1000):
        refuse("too-fast")
    assert len(log.lines()) == 2 * AT_FIRST + 2


def test_a_strangers_words_are_no_cause_of_their_own(log):
    log.handlers[0].addFilter(Bounded(lambda: 0.0))
    for number in range(1000):
        log.warning("Invalid session " + str(number))
        log.warning("refused: %s", number)
    assert len(log.lines()) == 2 * AT_FIRST


def test_a_traceback_has_an_end(log):
    try:
        raise ValueError("x" * 1_000_000)
    except ValueError:
        log.exception("failed")
    assert len("\n".join(log.lines())) < LONGEST_TRACEBACK + 200
