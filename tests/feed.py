"""Waits for news of what ended to arrive."""

import asyncio

import pytest

from identity_service.infrastructure.hearing import boottime
from tests.house import House


async def caught_up(house: House) -> None:
    """Until the follower has applied a read that began after this call."""
    now, lease = boottime(), house.container.hearing.lease()
    for _ in range(1000):
        if lease.age is not None and boottime() - lease.age >= now:
            return
        await asyncio.sleep(0.01)
    pytest.fail("the feed was not read")


async def knows_what_ended(house: House) -> None:
    """Until the house has read all that ended before, so that new tokens need not be looked up."""
    async with asyncio.timeout(10):
        while not house.container.hearing.ended_tokens().complete:
            await asyncio.sleep(0.01)
