"""Attack 22: a name whose servers never answer holds a place, and no more than that."""

import asyncio
import logging
import threading
from collections.abc import AsyncIterator, Sequence

import pytest

from identity_service.adapters.http_client.fetcher import GuardedFetcher
from identity_service.adapters.http_client.guarded import GuardedWay
from identity_service.adapters.http_client.look_ups import LookUps
from identity_service.adapters.http_client.outcomes import Failed
from identity_service.ports.fetch import Unfetchable

PLACES = 3


class Resolver:
    """The operating system's: names that begin with `slow` hang until they are let go."""

    def __init__(self) -> None:
        self.go = threading.Event()
        self.hanging = threading.Semaphore(0)
        self.ended = threading.Semaphore(0)

    def __call__(self, host: str, port: int) -> Sequence[str]:
        if host.startswith("slow"):
            self.hanging.release()
            self.go.wait(60)
            self.ended.release()
        if host.startswith("no"):
            raise OSError("no such name")
        return ["192.0.2.1"]

    async def until(self, semaphore: threading.Semaphore, number: int) -> None:
        """Waits for so many look-ups to get there."""
        for _ in range(number):
            assert await asyncio.to_thread(semaphore.acquire, timeout=60)


@pytest.fixture
async def resolver() -> AsyncIterator[Resolver]:
    made = Resolver()
    yield made
    made.go.set()


@pytest.fixture
def look_ups(resolver: Resolver) -> LookUps:
    return LookUps(look_up=resolver, most=PLACES)


async def hang(
    look_ups: LookUps, resolver: Resolver, number: int = PLACES
) -> list[asyncio.Task[Sequence[str]]]:
    """So many look-ups that hang, seen from those who wait for them."""

    async def one(name: str) -> Sequence[str]:
        return await look_ups(name, 443)

    tasks = [asyncio.create_task(one(f"slow{number}.example")) for number in range(number)]
    await resolver.until(resolver.hanging, number)
    return tasks


async def test_what_was_found_or_raised_is_the_callers(look_ups: LookUps) -> None:
    assert await look_ups("keys.example", 443) == ["192.0.2.1"]
    with pytest.raises(OSError, match="no such name"):
        await look_ups("nowhere.example", 443)
    assert (look_ups.under_way, look_ups.refused) == (0, 0)


async def test_a22_when_all_hang_the_next_is_refused_at_once_and_the_log_says_so_once(
    look_ups: LookUps, resolver: Resolver, caplog: pytest.LogCaptureFixture
) -> None:
    tasks = await hang(look_ups, resolver)

    with caplog.at_level(logging.WARNING):
        for _ in range(2):
            with pytest.raises(Failed, match="too many names are being looked up") as refused:
                await look_ups("keys.example", 443)

    assert refused.value.outcome == "no_look_up"
    assert (look_ups.under_way, look_ups.refused) == (PLACES, 2)
    assert len(caplog.records) == 1
    resolver.go.set()
    assert await asyncio.gather(*tasks) == [["192.0.2.1"]] * PLACES
    assert await look_ups("keys.example", 443) == ["192.0.2.1"]
    assert look_ups.under_way == 0


async def test_a22_who_goes_away_leaves_the_place_taken_until_the_look_up_ends(
    look_ups: LookUps, resolver: Resolver
) -> None:
    tasks = await hang(look_ups, resolver)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)

    assert look_ups.under_way == PLACES
    with pytest.raises(Unfetchable):
        await look_ups("keys.example", 443)
    resolver.go.set()
    await resolver.until(resolver.ended, PLACES)
    while look_ups.under_way:
        await asyncio.sleep(0)
    assert await look_ups("keys.example", 443) == ["192.0.2.1"]


async def test_a22_a_fetch_gives_up_in_time_and_later_ones_say_why_they_cannot(
    look_ups: LookUps, resolver: Resolver
) -> None:
    way = GuardedWay(timeout_seconds=0.05, resolve=look_ups)
    fetcher = GuardedFetcher(way, kind="jwks")

    async def get(host: str) -> str:
        with pytest.raises(Unfetchable) as failed:
            await fetcher.get(f"https://{host}/", accept=("application/json",), most_bytes=100)
        return str(failed.value)

    for number in range(PLACES):
        assert await get(f"slow{number}.example") == "no whole answer in time"
    assert await get("keys.example") == "too many names are being looked up"
    assert way.asked.counts == {("jwks", "late"): PLACES, ("jwks", "no_look_up"): 1}
