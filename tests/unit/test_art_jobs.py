"""The line of jobs: whose turn it is, and every way in which a job ends."""

import pytest

from server.art.jobs import OVER, Job, Line, LineFull


@pytest.fixture
def line() -> Line:
    return Line(most=6, most_of_address=6, most_of_visit=3)


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


def test_one_address_after_the_other_and_there_one_visit_after_the_other():
    line = Line(most=24, most_of_address=12, most_of_visit=3)
    for name in ("a1", "a2", "b1", "b2", "c1"):
        line.add(Job(name, name[0], "monet", address="192.0.2.1"))
    line.add(Job("x1", "x", "monet", address="192.0.2.2"))
    assert line.place("x1") == 2, "behind the first, before everybody else"
    line.add(Job("x2", "x", "monet", address="192.0.2.2"))
    line.add(Job("y1", "y", "monet", address="192.0.2.2"))
    assert taken(line, 8) == ["a1", "x1", "b1", "y1", "c1", "x2", "a2", "b2"]
    line.add(Job("a3", "a", "monet", address="192.0.2.1"))
    line.add(Job("x3", "x", "monet", address="192.0.2.2"))
    assert taken(line, 2) == ["x3", "a3"], "the address served longest ago"


def test_nobody_can_fill_it_for_others():
    """Nine connections of one address, each with as many jobs as it may have."""
    line = Line(most=24, most_of_address=12, most_of_visit=3)
    refused = 0
    for visit in "abcdefghi":
        for number in range(4):
            try:
                line.add(Job(f"{visit}{number}", visit, "monet", address="192.0.2.1"))
            except LineFull:
                refused += 1
    assert len(line) == 17 and refused == 36 - 17
    line.add(Job("x1", "x", "monet", address="192.0.2.2"))
    assert line.place("x1") == 2
    line.add(Job("z1", "z", "monet", address="192.0.2.1"))
    assert line.place("z1") <= 20, "a visitor behind the same router, too"
    for visit in range(100):
        try:
            line.add(Job(f"v{visit}", f"v{visit}", "monet", address="192.0.2.1"))
        except LineFull as full:
            assert full.code == "full"
    assert len([job for job in line.waiting() if job.address == "192.0.2.1"]) == 24
    line.add(Job("y1", "y", "monet", address="192.0.2.3"))
    assert line.place("y1") <= 3
    with pytest.raises(LineFull):
        line.add(Job("x2", "x", "monet", address="192.0.2.2"))


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
