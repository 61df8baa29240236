"""What a process draws in advance: never more than there is, in the background, and one drawing at a time."""

import asyncio
from collections.abc import Sequence

import pytest

from identity_service.adapters.memory.quotas import MemoryQuotas
from identity_service.application.admission.admission import Tally
from identity_service.application.admission.policy_in_use import PolicyInUse
from identity_service.application.admission.shares import CLOSED_SECONDS, Shares
from identity_service.application.liveness.known_callers import KnownCaller
from identity_service.domain.services.quota_policy import parse_policy
from identity_service.ports.cache.quotas import Charge, Taken
from tests.clock import Clock
from tests.entities import client

DAY = 86_400


class FarAway:
    """Quotas that have to be asked for, as those in Redis; `opened` lets them answer."""

    def __init__(self, clock: Clock) -> None:
        self.shared = MemoryQuotas(clock)
        self.drawn: list[int] = []
        self.opened = asyncio.Event()
        self.opened.set()

    def take_at_once(self, charges: Sequence[Charge], *, most: int = 1) -> Taken | None:
        return None if charges else Taken(most, ())

    async def take(self, charges: Sequence[Charge], *, most: int = 1, without: float = 1.0) -> Taken:
        await asyncio.sleep(0)
        await self.opened.wait()
        taken = self.shared.take_at_once(charges, most=most)
        self.drawn.append(taken.granted)
        return taken


class Process:
    """One of several."""

    def __init__(self, quotas: FarAway, limit: int, clock: Clock) -> None:
        self.policy = PolicyInUse(parse_policy(f"[client]\nintrospect = {{ limit = {limit}, per = {DAY} }}"))
        self.tally = Tally()
        self.shares = Shares(
            endpoint="introspect", quotas=quotas, policy=self.policy, tally=self.tally, clock=clock
        )

    async def ask(self, caller: KnownCaller) -> bool:
        """At the door, or else the ordinary way."""
        return self.shares.spend(caller) or bool((await self.shares.take(caller.client)).granted)


CALLER = KnownCaller.of(client(client_id="one"))
OTHER = KnownCaller.of(client(client_id="other"))


@pytest.fixture
def clock() -> Clock:
    return Clock()


async def all_drawn() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


async def test_of_sixteen_callers_at_once_in_four_processes_exactly_the_limit_pass(clock: Clock) -> None:
    quotas = FarAway(clock)
    processes = [Process(quotas, 100, clock) for _ in range(4)]

    async def caller(process: Process) -> int:
        passed = 0
        for _ in range(20):
            passed += await process.ask(CALLER)
            await asyncio.sleep(0)
        return passed

    passed = await asyncio.gather(*(caller(processes[at % 4]) for at in range(16)))
    left = sum(share.left for process in processes for share in process.shares._shares.values())

    assert sum(passed) + left == 100
    assert left <= 4 * 2 * 5


async def test_the_next_share_is_drawn_before_this_one_is_empty(clock: Clock) -> None:
    quotas = FarAway(clock)
    process = Process(quotas, 1000, clock)
    await process.ask(CALLER)
    passed = 0
    while len(quotas.drawn) == 1:
        assert process.shares.spend(CALLER)
        passed += 1
        await all_drawn()

    assert quotas.drawn == [50, 50]
    assert passed == 50 - 1 - 12


async def test_while_a_share_is_being_drawn_nobody_draws_another(clock: Clock) -> None:
    quotas = FarAway(clock)
    process = Process(quotas, 1000, clock)
    quotas.opened.clear()
    waiting = [asyncio.create_task(process.ask(CALLER)) for _ in range(30)]
    await all_drawn()
    quotas.opened.set()

    assert await asyncio.gather(*waiting) == [True] * 30
    assert quotas.drawn == [50]


async def test_a_small_quota_is_drawn_one_by_one(clock: Clock) -> None:
    quotas = FarAway(clock)
    one, other = Process(quotas, 3, clock), Process(quotas, 3, clock)

    assert [await process.ask(CALLER) for process in (one, other, one, other, one)] == [True] * 3 + [
        False
    ] * 2


async def test_after_there_was_nothing_nobody_is_asked_for_a_moment(clock: Clock) -> None:
    quotas = FarAway(clock)
    process = Process(quotas, 1, clock)
    asked = [await process.ask(CALLER) for _ in range(20)]
    before = len(quotas.drawn)
    clock.now += CLOSED_SECONDS
    asked.append(await process.ask(CALLER))

    assert asked == [True] + [False] * 20
    assert (before, len(quotas.drawn)) == (2, 3)
    assert process.tally.counts == {
        ("introspect", "client", "allowed"): 1,
        ("introspect", "client", "limited"): 20,
    }


async def test_callers_have_shares_of_their_own(clock: Clock) -> None:
    process = Process(FarAway(clock), 1, clock)

    assert [await process.ask(caller) for caller in (CALLER, CALLER, OTHER)] == [True, False, True]


async def test_without_a_quota_everybody_passes_at_the_door(clock: Clock) -> None:
    quotas = FarAway(clock)
    process = Process(quotas, 1, clock)
    process.policy.replace(parse_policy(""))

    assert all(process.shares.spend(CALLER) for _ in range(5000))
    assert quotas.drawn == []


async def test_as_many_callers_are_remembered_as_fit(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("identity_service.application.admission.shares.MOST_SHARES", 2)
    process = Process(FarAway(clock), 100, clock)
    for at in range(5):
        await process.ask(KnownCaller.of(client(client_id=f"client {at}")))

    assert len(process.shares) == 2


async def test_drawing_ends_with_the_process(clock: Clock) -> None:
    quotas = FarAway(clock)
    process = Process(quotas, 100, clock)
    quotas.opened.clear()
    waiting = asyncio.create_task(process.ask(CALLER))
    await all_drawn()
    await process.shares.close()

    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert quotas.drawn == []
