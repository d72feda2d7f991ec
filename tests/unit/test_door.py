"""Who holds a line, for how long, and how often they may ask."""

import pytest

from server.door import (
    ANSWERING,
    ASKING,
    AT_ONCE,
    Door,
    neighbourhood,
)


class Clock:
    now = 0.0

    def __call__(self) -> float:
        self.now += 0.001  # nobody does two things at once
        return self.now


class House:
    """A door, and who was cut at it."""

    def __init__(self, **options) -> None:
        self.clock, self.cut = Clock(), []
        self.door = Door(clock=self.clock, **options)

    def comes(self, name: str, address: str = "192.0.2.1"):
        return self.door.enter(address, lambda: self.cut.append(name))


def test_of_one_address_the_line_that_lingers_longest_has_to_go():
    house = House(most=100, most_of_one=3)
    lines = [house.comes(str(number)) for number in range(3)]
    house.comes("other", "192.0.2.2")
    house.door.may_ask(lines[0])
    house.comes("3")
    assert house.cut == ["1"], "the first has got further meanwhile"
    house.comes("4")
    assert house.cut == ["1", "2"] and len(house.door) == 4


def test_an_honest_visitor_gets_in_beside_a_thousand_silent_lines():
    house = House(most=64, most_of_one=16)
    for number in range(1000):
        house.comes(f"silent {number}", f"192.0.2.{number % 200}")
        if number == 500:
            house.door.leave(house.comes("honest", "198.51.100.7"))
    assert "honest" not in house.cut and len(house.door) == 64


@pytest.mark.parametrize("step, most", [("asks", ASKING), ("may_ask", ANSWERING)])
def test_every_step_has_its_time(step, most):
    house = House()
    line = house.comes("slow")
    getattr(house.door, step)(line)
    house.clock.now += most - 1
    house.door.cut_overdue()
    assert house.cut == []
    house.clock.now += 2
    house.door.cut_overdue()
    assert house.cut == ["slow"] and len(house.door) == 0


def test_who_was_let_in_is_no_longer_ours():
    house = House(most_of_one=1)
    house.door.leave(house.comes("page"))
    house.clock.now += 1000
    house.comes("next")
    house.door.cut_overdue()
    assert house.cut == []


def test_whoever_asks_too_often_waits_and_nobody_else_does():
    house = House()
    greedy, other = house.comes("greedy"), house.comes("other", "192.0.2.2")
    assert sum(house.door.may_ask(greedy) for _ in range(2 * AT_ONCE)) < AT_ONCE + 50
    assert house.door.may_ask(other)


def test_through_the_proxy_everybody_comes():
    house = House(trusted="192.0.2.1", most_of_one=2)
    lines = [house.comes(str(number)) for number in range(20)]
    assert all(house.door.may_ask(lines[0]) for _ in range(2 * AT_ONCE)) and not house.cut


@pytest.mark.parametrize(
    "address, known",
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("nonsense", "nonsense"),
    ],
)
def test_what_counts_as_one_address(address, known):
    assert neighbourhood(address) == known
