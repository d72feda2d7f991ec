"""The clock: it goes forward, and only benches and tests have another one."""

import time

import pytest

from bench import clocked
from server import clock as module
from server.clock import Clock, steady


def test_it_is_this_machines():
    clock = Clock()
    before = clock.monotonic()
    assert abs(clock.wall() - time.time()) < 60
    time.sleep(0.02)
    assert 0.01 < clock.monotonic() - before < 60


def test_without_a_clock_that_sees_sleep_there_is_the_monotonic_one(monkeypatch):
    monkeypatch.setattr(module, "BOOTTIME", None)
    assert abs(steady() - time.monotonic()) < 60


def test_a_fast_one_goes_on_after_a_restart_and_its_date_can_be_set(tmp_path):
    file = tmp_path / "clock.json"
    clocked.write(file, speed=1000.0)
    clock, began = clocked.clock(file), steady()
    time.sleep(0.05)
    first = clock.monotonic()
    assert first - began >= 50
    date = clock.wall()
    assert date - time.time() >= 40
    clocked.set_date(file, -36_000.0)
    assert clock.wall() < date
    assert clock.monotonic() >= first  # what lasts does not go by the date
    assert clocked.clock(file).monotonic() >= first
    clocked.pass_by(file, 1e6)
    assert clock.monotonic() >= first + 1e6
    assert clock.wall() >= date + 1e6 - 36_000


@pytest.mark.parametrize("there", ["speed", "clock", "date"])
def test_no_setting_names_it(there):
    from dataclasses import fields

    from server.settings import Settings

    assert not [one.name for one in fields(Settings) if there in one.name]
