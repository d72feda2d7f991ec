"""Logs: readable lines, no pictures, no flood, no forged lines."""

import io
import logging

import numpy as np
import pytest

from server.logs import LONGEST, Lines, OncePer, room


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


def test_once_per_owner_and_key(log):
    once = OncePer(log)
    for _ in range(1000):
        once.warning("a", "too-fast", "refused (%s)", "too-fast")
    once.warning("a", "bad-frame", "refused (%s)", "bad-frame")
    once.warning("b", "too-fast", "refused (%s)", "too-fast")
    assert len(log.lines()) == 3
    once.forget("a")
    once.forget("b")
    once.forget("never seen")
    assert log.lines()[3:] == [log.lines()[3]] and "too-fast ×1000" in log.lines()[3]
    once.warning("a", "too-fast", "again")
    assert len(log.lines()) == 5
