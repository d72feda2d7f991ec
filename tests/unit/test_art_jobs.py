"""The queue of jobs: whose turn it is, and every way in which a job ends."""

import pytest

from server.art.jobs import OVER, Job, JobQueue, QueueFull


@pytest.fixture
def queue() -> JobQueue:
    return JobQueue(most=6, most_of_address=6, most_of_visit=3)


def add(queue: JobQueue, *names: str) -> None:
    """`a1` is the first job of visit a."""
    for name in names:
        queue.add(Job(name, name[0], "monet"))


def taken(queue: JobQueue, count: int) -> list[str]:
    return [queue.begin_next(now=0.0).id for _ in range(count)]


def test_one_visit_after_the_other_in_order(queue):
    add(queue, "a1", "a2", "b1", "a3", "b2", "c1")
    order = ["a1", "b1", "c1", "a2", "b2", "a3"]
    assert [queue.place(name) for name in order] == [1, 2, 3, 4, 5, 6]
    assert taken(queue, 6) == order
    assert queue.begin_next(now=0.0) is None


def test_who_was_served_longest_ago_is_next(queue):
    add(queue, "a1", "b1")
    assert taken(queue, 2) == ["a1", "b1"]
    add(queue, "b2", "a2", "c1")
    assert taken(queue, 3) == ["c1", "a2", "b2"]


def test_it_is_bounded(queue):
    add(queue, "a1", "a2", "a3")
    with pytest.raises(QueueFull) as full:
        add(queue, "a4")
    assert full.value.code == "enough"
    add(queue, "b1", "b2", "c1")
    with pytest.raises(QueueFull) as full:
        add(queue, "d1")
    assert full.value.code == "full"
    queue.end("a1", "cancelled")
    add(queue, "d1")


def test_one_address_after_the_other_and_there_one_visit_after_the_other():
    queue = JobQueue(most=24, most_of_address=12, most_of_visit=3)
    for name in ("a1", "a2", "b1", "b2", "c1"):
        queue.add(Job(name, name[0], "monet", address="192.0.2.1"))
    queue.add(Job("x1", "x", "monet", address="192.0.2.2"))
    assert queue.place("x1") == 2, "behind the first, before everybody else"
    queue.add(Job("x2", "x", "monet", address="192.0.2.2"))
    queue.add(Job("y1", "y", "monet", address="192.0.2.2"))
    assert taken(queue, 8) == ["a1", "x1", "b1", "y1", "c1", "x2", "a2", "b2"]
    queue.add(Job("a3", "a", "monet", address="192.0.2.1"))
    queue.add(Job("x3", "x", "monet", address="192.0.2.2"))
    assert taken(queue, 2) == ["x3", "a3"], "the address served longest ago"


def test_nobody_can_fill_it_for_others():
    """Nine connections of one address, each with as many jobs as it may have."""
    queue = JobQueue(most=24, most_of_address=12, most_of_visit=3)
    refused = 0
    for visit in "abcdefghi":
        for number in range(4):
            try:
                queue.add(Job(f"{visit}{number}", visit, "monet", address="192.0.2.1"))
            except QueueFull:
                refused += 1
    assert len(queue) == 17 and refused == 36 - 17
    queue.add(Job("x1", "x", "monet", address="192.0.2.2"))
    assert queue.place("x1") == 2
    queue.add(Job("z1", "z", "monet", address="192.0.2.1"))
    assert queue.place("z1") <= 20, "a visitor behind the same router, too"
    for visit in range(100):
        try:
            queue.add(Job(f"v{visit}", f"v{visit}", "monet", address="192.0.2.1"))
        except QueueFull as full:
            assert full.code == "full"
    assert len([job for job in queue.waiting() if job.address == "192.0.2.1"]) == 24
    queue.add(Job("y1", "y", "monet", address="192.0.2.3"))
    assert queue.place("y1") <= 3
    with pytest.raises(QueueFull):
        queue.add(Job("x2", "x", "monet", address="192.0.2.2"))


@pytest.mark.parametrize("state", OVER)
def test_a_job_ends_once(queue, state):
    add(queue, "a1")
    queue.begin_next(now=0.0)
    assert queue.end("a1", state, "why").state == state
    assert queue.end("a1", state) is None
    assert queue.get("a1") is None
    assert len(queue) == 0


def test_it_ends_only_in_known_ways(queue):
    add(queue, "a1")
    with pytest.raises(ValueError, match="queued"):
        queue.end("a1", "queued")


def test_progress_only_grows_and_only_while_it_is_worked_on(queue):
    add(queue, "a1")
    assert queue.report("a1", 0.5) is None
    queue.begin_next(now=0.0)
    assert queue.report("a1", 0.5).progress == 0.5
    assert queue.report("a1", 0.4) is None
    assert queue.report("a1", 7.0).progress == 1.0
    queue.end("a1", "cancelled")
    assert queue.report("a1", 0.9) is None


def test_a_lost_job_goes_first_once_and_then_has_failed(queue):
    add(queue, "a1", "b1")
    queue.begin_next(now=0.0)
    again = queue.lost("a1")
    assert (again.state, again.progress) == ("queued", 0.0)
    add(queue, "c1")
    assert queue.place("a1") == 1
    assert queue.begin_next(now=1.0).tries == 2
    failed = queue.lost("a1")
    assert (failed.state, failed.code) == ("failed", "worker-lost")
    assert queue.lost("a1") is None


def test_what_takes_too_long_is_found(queue):
    add(queue, "a1", "b1")
    queue.begin_next(now=10.0)
    queue.begin_next(now=50.0)
    assert [job.id for job in queue.overdue(now=60.0, most=30.0)] == ["a1"]


def test_jobs_of_a_visit(queue):
    add(queue, "a1", "b1", "a2")
    queue.begin_next(now=0.0)
    assert [job.id for job in queue.of("a")] == ["a1", "a2"]
    assert [job.id for job in queue.working()] == ["a1"]
