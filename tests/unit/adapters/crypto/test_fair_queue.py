"""The fair queue: turns by address, order within one, removal (PROTOCOL §7)."""

import pytest

from identity_service.adapters.crypto.fair_queue import FairQueue


def queue_of(*entries):
    queue = FairQueue()
    for entry in entries:
        queue.add(entry[0], entry)
    return queue


def drained(queue):
    return [queue.take() for _ in range(len(queue))]


@pytest.mark.parametrize(
    ("entries", "order"),
    [
        ("", ""),
        ("a1 a2 a3", "a1 a2 a3"),
        ("a1 a2 a3 b1", "a1 b1 a2 a3"),
        ("a1 a2 a3 b1 c1 b2", "a1 b1 c1 a2 b2 a3"),
    ],
)
def test_addresses_take_turns_and_keep_their_own_order(entries, order):
    assert drained(queue_of(*entries.split())) == order.split()


def test_an_address_that_was_served_goes_behind_one_that_came_meanwhile():
    queue = queue_of("a1", "a2", "a3")
    assert queue.take() == "a1"
    queue.add("b", "b1")
    assert drained(queue) == ["a2", "b1", "a3"]


def test_a_discarded_entry_is_gone_and_a_foreign_one_changes_nothing():
    queue = queue_of("a1", "a2", "b1")
    queue.discard("a", "a1")
    queue.discard("a", "a1")
    queue.discard("b", "a2")
    queue.discard("nobody", "a2")
    assert (len(queue), queue.count("a"), queue.count("b"), queue.count("nobody")) == (2, 1, 1, 0)
    queue.discard("a", "a2")
    assert drained(queue) == ["b1"]


def test_the_newest_entry_of_the_longest_address_can_be_taken():
    queue = queue_of("a1", "b1", "b2", "c1")
    assert queue.longest() == "b"
    assert queue.take_newest("b") == "b2"
    assert queue.take_newest("b") == "b1"
    assert drained(queue) == ["a1", "c1"]


def test_an_empty_queue_has_nothing_to_take():
    queue = queue_of("a1")
    queue.take()
    assert len(queue) == 0
    for look in (queue.take, lambda: queue.take_newest("a")):
        with pytest.raises(KeyError):
            look()
    with pytest.raises(ValueError, match="empty"):
        queue.longest()
