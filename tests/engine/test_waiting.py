"""Whose turn it is: in order, but for one who floods; nothing overtakes a hook or its own."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from reactor_runtime.engine.waiting import Waiting


@dataclass(frozen=True)
class Item:
    owner: str
    number: int
    bounded: bool = True
    key: str | None = None

    def supersede(self) -> None: ...


def filled(pattern: str, **options: int) -> Waiting:
    """One item for each letter; `-` is a hook."""
    waiting = Waiting(1000, **options)
    for number, owner in enumerate(pattern):
        assert waiting.put(Item(owner, number, bounded=owner != "-"), float(number))
    return waiting


def taken(waiting: Waiting) -> str:
    """The owners of all that come, in the order in which they do."""
    order = ""
    while (next_one := waiting.take()) is not None:
        order += next_one[0].item.owner
    return order


def test_in_the_order_in_which_they_came_while_nobody_has_too_many() -> None:
    assert taken(filled("aabacb-ab", ahead=4)) == "aabacb-ab"


def test_one_with_too_many_lets_the_others_go_first() -> None:
    assert taken(filled("aaaaaab", ahead=2)) == "baaaaaa"
    assert taken(filled("aaaabab", ahead=3)) == "bbaaaaa"
    assert taken(filled("aaabab", ahead=4)) == "aaabab"


def test_two_with_too_many_take_turns() -> None:
    assert taken(filled("aaaaaabbbbbb", ahead=2)).startswith("ababab")


def test_one_of_many_is_not_behind_two_with_too_many() -> None:
    assert taken(filled("aaaaaabbbbbbc", ahead=2)).startswith("c")


def test_nothing_overtakes_a_hook() -> None:
    assert taken(filled("aaaaa-b", ahead=2)) == "aaaaa-b"
    assert taken(filled("aaaab-ab", ahead=2)) == "baaaa-ab"


@given(st.text("abc-", max_size=40), st.integers(1, 5))
def test_each_ones_own_stay_in_order_and_hooks_stay_where_they_are(pattern: str, ahead: int) -> None:
    waiting = filled(pattern, ahead=ahead)
    order: list[Item] = []
    while (next_one := waiting.take()) is not None:
        item = next_one[0].item
        assert isinstance(item, Item)
        order.append(item)
    assert sorted(item.number for item in order) == list(range(len(pattern)))
    for owner in "abc":
        numbers = [item.number for item in order if item.owner == owner]
        assert numbers == sorted(numbers)
    for place, item in enumerate(order):
        if not item.bounded:
            assert all(other.number < item.number for other in order[:place])
            assert all(other.number > item.number for other in order[place + 1 :])


def test_room_is_bounded_together_and_each_and_free_again() -> None:
    waiting = Waiting(4, each=3)
    assert [waiting.put(Item("a", number), 0.0) for number in range(4)] == [True, True, True, False]
    assert [waiting.put(Item("b", number), 0.0) for number in range(2)] == [True, False]
    assert waiting.put(Item("-", 0, bounded=False), 0.0)
    waiting.discard(lambda item: item.owner == "a")
    assert len(waiting) == 2 and waiting.put(Item("a", 9), 5.0)
    assert waiting.since == 0.0 and waiting.submitted == 6
    assert taken(waiting) == "b-a"


def test_where_there_is_no_room_a_newer_one_takes_the_place_of_the_one_it_supersedes() -> None:
    waiting = Waiting(2)
    assert waiting.put(Item("a", 1, key="slide"), 0.0) and waiting.put(Item("a", 2), 0.0)
    assert not waiting.put(Item("a", 3), 0.0)
    assert waiting.put(Item("a", 4, key="slide"), 0.0)
    numbers = []
    while (next_one := waiting.take()) is not None:
        numbers.append((next_one[0].item.number, next_one[1]))  # type: ignore[attr-defined]
    assert numbers == [(2, False), (4, False)]
