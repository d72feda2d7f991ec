"""The line of jobs: whose turn it is, and every way in which a job ends."""

import pytest

from server.art.jobs import OVER, Job, Line, LineFull


@pytest.fixture
def line() -> Line:
    return Line(most=6, most_of_one=3)


def add(line: Line, *names: str) -> None:
    """`a1` is the first job of visit a."""
    for name in names:
        line.add(Job(name, name[0], "monet"))


def taken(line: Line, count: int) -> list[str]:
    return [line.take(now=0.0).id for _ in range(count)]


def test_one_visit_after_the_other_in_order(line):
    add(line, "a1", "a2", "b1", "a3", "b2", "c1")
    assert [line.place(name) for name in ("a1", "b1", "c1", "a2", "b2", "a3")] == [1, 2, 3, 4, 5, 6]
    assert taken(line, 6) == ["a1", "b1", "c1", "a2", "b2", "a3"]
    assert line.take(now=0.0) is None


def test_who_was_served_longest_ago_is_next(line):
    add(line, "a1", "b1")
    assert taken(line, 2) == ["a1", "b1"]
    add(line, "b2", "a2", "c1")
    assert taken(line, 3) == ["c1", "a2", "b2"]


def test_it_is_bounded(line):
    add(line, "a1", "a2", "a3")
    with pytest.raises(LineFull) as full:
        add(line, "a4")
    assert full.value.code == "enough"
    add(line, "b1", "b2", "c1")
    with pytest.raises(LineFull) as full:
        add(line, "d1")
    assert full.value.code == "full"
    line.end("a1", "cancelled")
    add(line, "d1")


@pytest.mark.parametrize("state", OVER)
def test_a_job_ends_once(line, state):
    add(line, "a1")
    line.take(now=0.0)
    assert line.end("a1", state, "why").state == state
    assert line.end("a1", state) is None
    assert line.get("a1") is None
    assert len(line) == 0


def test_it_ends_only_in_known_ways(line):
    add(line, "a1")
    with pytest.raises(ValueError, match="queued"):
        line.end("a1", "queued")


def test_progress_only_grows_and_only_while_it_is_worked_on(line):
    add(line, "a1")
    assert line.report("a1", 0.5) is None
    line.take(now=0.0)
    assert line.report("a1", 0.5).progress == 0.5
    assert line.report("a1", 0.4) is None
    assert line.report("a1", 7.0).progress == 1.0
    line.end("a1", "cancelled")
    assert line.report("a1", 0.9) is None


def test_a_lost_job_goes_first_once_and_then_has_failed(line):
    add(line, "a1", "b1")
    line.take(now=0.0)
    again = line.lost("a1")
    assert (again.state, again.progress) == ("queued", 0.0)
    add(line, "c1")
    assert line.place("a1") == 1
    assert line.take(now=1.0).tries == 2
    failed = line.lost("a1")
    assert (failed.state, failed.code) == ("failed", "worker-lost")
    assert line.lost("a1") is None


def test_what_takes_too_long_is_found(line):
    add(line, "a1", "b1")
    line.take(now=10.0)
    line.take(now=50.0)
    assert [job.id for job in line.overdue(now=60.0, most=30.0)] == ["a1"]


def test_jobs_of_a_visit(line):
    add(line, "a1", "b1", "a2")
    line.take(now=0.0)
    assert [job.id for job in line.of("a")] == ["a1", "a2"]
    assert [job.id for job in line.working()] == ["a1"]
