"""Who of those that wait for a hash is next, and who leaves for whom."""

from identity_service.adapters.crypto.waiting_room import WaitingRoom
from identity_service.ports.security import Standing

KNOWN, FRESH, SUSPECT = Standing


def room_of(**entries: int) -> WaitingRoom[str]:
    """So many of each standing, each of an address of its own."""
    room: WaitingRoom[str] = WaitingRoom()
    for name, count in entries.items():
        for number in range(count):
            room.add(f"{name}{number}", f"{name}{number}", Standing[name.upper()])
    return room


def first(room: WaitingRoom[str], count: int) -> list[str]:
    return [room.take().rstrip("0123456789") for _ in range(count)]


def test_each_standing_has_its_share_of_the_turns() -> None:
    turns = first(room_of(known=50, fresh=50, suspect=50), 40)

    assert [turns.count(name) for name in ("known", "fresh", "suspect")] == [20, 15, 5]


def test_turns_of_who_is_not_there_go_to_the_best_who_are() -> None:
    assert first(room_of(fresh=8, suspect=8), 8) == ["fresh"] * 5 + ["suspect"] + ["fresh"] * 2
    assert first(room_of(suspect=3), 3) == ["suspect"] * 3


def test_a_flood_of_suspects_lets_everybody_else_go_first() -> None:
    room = room_of(suspect=1000)
    room.add("a", "newcomer", FRESH)

    assert room.take() == "newcomer"


def test_the_worst_leave_first() -> None:
    room = room_of(known=2, fresh=2, suspect=1)

    left = [room.make_room("x", KNOWN).rstrip("0123456789") for _ in range(3)]
    assert left == ["suspect", "fresh", "fresh"]
    assert room.yields("x", KNOWN) is None


def test_nobody_leaves_for_somebody_worse_or_as_good() -> None:
    room = room_of(known=2, fresh=2)

    assert room.yields("x", SUSPECT) is None
    assert room.yields("x", FRESH) is None
    assert room.yields("x", KNOWN) is FRESH


def test_of_ones_own_standing_the_greediest_leaves() -> None:
    room = room_of(fresh=1)
    for number in range(3):
        room.add("greedy", f"greedy {number}", FRESH)

    assert room.yields("greedy", FRESH) is None
    assert room.make_room("modest", FRESH) == "greedy 2"


def test_an_address_that_became_suspect_waits_with_the_suspects() -> None:
    room = room_of(suspect=1)
    for address, entry in (("a", "early"), ("a", "later"), ("b", "other")):
        room.add(address, entry, FRESH)
    room.add("a", "known", KNOWN)
    room.suspect("a")

    assert [room.count("a", standing) for standing in Standing] == [1, 0, 2]
    assert [room.take() for _ in range(5)] == ["known", "other", "suspect0", "early", "later"]


def test_who_is_discarded_is_gone_wherever_they_waited() -> None:
    room: WaitingRoom[str] = WaitingRoom()
    for number, standing in enumerate(Standing):
        room.add("a", f"entry {number}", standing)
    room.suspect("a")
    room.discard("a", "entry 1")
    room.discard("b", "entry 2")

    assert [room.take() for _ in range(len(room))] == ["entry 0", "entry 2"]
