"""The circuit opens on silence only, and closes on the first answer."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from identity_service.adapters.sql.circuit import LATEST_SECONDS, PATIENCE_SECONDS, Circuit
from identity_service.ports.unit_of_work import StorageUnavailable

LONGEST = 5.0


class Witnesses:
    """Answers at once: what a new connection and one of the pool would find out."""

    def __init__(self) -> None:
        self.new, self.pooled = True, True
        self.asked: list[float] = []
        self.now = self.stands_still = 0.0

    def clock(self) -> float:
        return self.now

    async def ask_new(self, seconds: float) -> bool:
        self.asked.append(seconds)
        await asyncio.sleep(0)
        return self.new

    async def ask_pooled(self, seconds: float) -> bool:
        await asyncio.sleep(0)
        self.now += self.stands_still
        return self.pooled


@pytest.fixture
def witnesses() -> Witnesses:
    return Witnesses()


@pytest.fixture
async def circuit(witnesses: Witnesses) -> AsyncIterator[Circuit]:
    made = Circuit(new=witnesses.ask_new, pooled=witnesses.ask_pooled, longest=LONGEST, clock=witnesses.clock)
    yield made
    await made.close()


async def settled() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


@pytest.mark.parametrize(("new", "pooled"), [(True, True), (True, False), (False, True)])
async def test_one_witness_that_hears_the_database_keeps_the_circuit_closed(
    circuit: Circuit, witnesses: Witnesses, new: bool, pooled: bool
) -> None:
    witnesses.new, witnesses.pooled = new, pooled
    circuit.suspect()
    await settled()
    assert not circuit.is_open
    circuit.refuse()


async def test_silence_everywhere_opens_it_and_the_first_answer_closes_it(
    circuit: Circuit, witnesses: Witnesses
) -> None:
    witnesses.new = witnesses.pooled = False
    circuit.suspect()
    await settled()
    with pytest.raises(StorageUnavailable, match="does not answer"):
        circuit.refuse()
    with pytest.raises(StorageUnavailable, match="does not answer"):
        await circuit.connect("never asked")
    assert set(witnesses.asked) == {PATIENCE_SECONDS, LONGEST}, "a slow database is waited for too"
    witnesses.new = True
    async with asyncio.timeout(60):
        while circuit.is_open:
            await asyncio.sleep(0.005)
    circuit.refuse()


async def test_silence_while_the_process_itself_stood_still_is_none_of_the_database(
    circuit: Circuit, witnesses: Witnesses
) -> None:
    witnesses.new = witnesses.pooled = False
    witnesses.stands_still = PATIENCE_SECONDS
    circuit.suspect()
    await settled()
    assert witnesses.asked == [PATIENCE_SECONDS]
    circuit.refuse()
    witnesses.stands_still = LATEST_SECONDS / 2  # a busy loop, which has listened most of the time
    circuit.suspect()
    await settled()
    with pytest.raises(StorageUnavailable):
        circuit.refuse()


async def test_without_a_suspicion_nobody_is_asked(circuit: Circuit, witnesses: Witnesses) -> None:
    witnesses.new = witnesses.pooled = False
    await settled()
    assert (witnesses.asked, circuit.is_open) == ([], False)


async def test_suspicions_that_come_together_are_one(circuit: Circuit, witnesses: Witnesses) -> None:
    for _ in range(5):
        circuit.suspect()
    await settled()
    assert len(witnesses.asked) == 1
