"""/health notices when the books of its parts disagree, and says what does."""

from dataclasses import replace

import pytest

from server.agreement import LASTING, Agreement, Books, sleeping

WELL = Books(
    connections=["c1", "c2", "c3"],
    counted=["c1", "c2"],
    pages=["anna", "ben"],
    visitors=["anna", "ben"],
    seated=["anna", "staff"],
    lent=["anna", "staff"],
    waiting=["ben"],
    line=["ben"],
)


class House:
    def __init__(self, books: Books) -> None:
        self.books, self.now = books, 0.0
        self.agreement = Agreement(lambda: self.books, lambda: self.now)


def test_all_is_well():
    house = House(WELL)
    for house.now in (0.0, 100.0):
        assert house.agreement.problems() == []


@pytest.mark.parametrize(
    "change, says",
    [
        ({"connections": ["c1"]}, "a place is taken by a connection that is gone"),
        ({"pages": ["anna"]}, "a visitor has no connection"),
        ({"visitors": ["anna"]}, "a page belongs to no visitor"),
        ({"lent": ["anna", "staff", "gone"]}, "a tracker set is lent to nobody"),
        ({"seated": ["anna", "staff", "new"]}, "a seat has no tracker set"),
        ({"line": []}, "somebody waits outside the line"),
        ({"line": ["ben", "gone"]}, "a place in the line belongs to nobody"),
    ],
)
def test_what_does_not_agree_is_said_when_it_lasts(change, says):
    house = House(replace(WELL, **change))
    assert house.agreement.problems() == []
    house.now = LASTING + 1
    assert house.agreement.problems() == [says]
    house.books = WELL
    assert house.agreement.problems() == []


def test_each_new_disagreement_has_its_time():
    house = House(WELL)
    for number in range(20):
        house.now += 2.0
        house.books = replace(WELL, lent=["anna", "staff", f"leaving {number}"])
        assert house.agreement.problems() == []
    house.books = replace(WELL, lent=["anna", "staff", "x", "y"])
    house.agreement.problems()
    house.now += LASTING + 1
    assert house.agreement.problems() == ["a tracker set is lent to nobody (2 times)"]


def test_workers_that_are_not_ready_are_named():
    assert sleeping([{"ready": True}, {"ready": False}], "painter") == ["painter 1 is not ready"]
