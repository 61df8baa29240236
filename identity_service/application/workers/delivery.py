"""What waits in the outbox is delivered."""

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Literal

from identity_service.application.workers.runner import GoOn
from identity_service.domain.entities.message import Message
from identity_service.domain.services.redelivery import NotDelivered, Undeliverable, seconds_to_wait
from identity_service.ports.unit_of_work import Begin, StorageUnavailable

log = logging.getLogger(__name__)

BATCH = 50
AT_ONCE = 10
ATTEMPT_SECONDS = 10
"""How long one attempt may take."""
HOLD_SECONDS = 120
"""How long a batch is nobody else's: more than BATCH attempts, AT_ONCE of them side by side, can take."""

Attempt = Literal["delivered", "failed", "dead"]
"""What came of taking a message in hand; one whose last attempt failed is counted as `dead` alone."""
Courier = Callable[[Message], Awaitable[None]]
"""Makes one attempt. Raises NotDelivered, Undeliverable."""


class Delivery:
    """Takes what is due, batch by batch, and has the courier of its kind deliver it.

    - A message is settled after its attempt: whoever dies between the two has it delivered once more.
    - Two processes that do this at once never have the same message in hand, unless one stalls for HOLD_SECONDS.
    - What failed is tried again, ever more slowly, until its time is over. Then, or when the recipient does not want
      it, it is dead, which the log says.
    - A kind that has no courier here is left to processes that have one.
    """

    def __init__(self, *, begin: Begin, couriers: Mapping[str, Courier], chance: Callable[[], float]) -> None:
        """`chance` answers a number from 0 to 1."""
        self._begin = begin
        self._couriers = couriers
        self._chance = chance
        self.attempts: Counter[tuple[str, Attempt]] = Counter()

    async def __call__(self, go_on: GoOn) -> int:
        """Until nothing is due; answers how many arrived. Raises StorageUnavailable."""
        arrived, taken = 0, BATCH
        while taken == BATCH and go_on():
            batch = await self._take()
            taken = len(batch)
            places = asyncio.Semaphore(AT_ONCE)
            outcomes = await asyncio.gather(
                *(self._deliver(message, places) for message in batch), return_exceptions=True
            )
            arrived += _counted(outcomes)
        return arrived

    async def _take(self) -> list[Message]:
        async with self._begin() as uow:
            batch = await uow.outbox.take(kinds=self._couriers.keys(), limit=BATCH, hold_seconds=HOLD_SECONDS)
            if batch:
                await uow.commit()
        return batch

    async def _deliver(self, message: Message, places: asyncio.Semaphore) -> bool:
        async with places:
            try:
                async with asyncio.timeout(ATTEMPT_SECONDS):
                    await self._couriers[message.kind](message)
            except TimeoutError:
                return await self._postpone(message, f"no answer within {ATTEMPT_SECONDS} seconds")
            except NotDelivered as error:
                return await self._postpone(message, str(error))
            except Undeliverable as error:
                return await self._bury(message, str(error))
            except StorageUnavailable:
                raise
            except Exception:  # of one message; the others have nothing to do with it
                log.exception("a message of the kind %s met a defect", message.kind)
                return await self._postpone(message, "a defect, which the log tells")
            async with self._begin() as uow:
                await uow.outbox.deliver(message)
                await uow.commit()
            self.attempts[message.kind, "delivered"] += 1
            return True

    async def _postpone(self, message: Message, error: str) -> bool:
        seconds = seconds_to_wait(message.attempts, chance=self._chance())
        async with self._begin() as uow:
            still = await uow.outbox.postpone(message, seconds=seconds, error=error)
            dead = still and (found := await uow.outbox.get(message.id)) is not None and found.settled_at
            await uow.commit()
        if dead:
            self._dead(message, error)
        else:
            self.attempts[message.kind, "failed"] += 1
        return False

    async def _bury(self, message: Message, error: str) -> bool:
        async with self._begin() as uow:
            dead = await uow.outbox.bury(message, error=error)
            await uow.commit()
        if dead:
            self._dead(message, error)
        return False

    def _dead(self, message: Message, error: str) -> None:
        self.attempts[message.kind, "dead"] += 1
        log.warning(
            "a message was given up",
            extra={
                "message_id": message.id,
                "kind": message.kind,
                "recipient": message.recipient,
                "why": error,
            },
        )


def _counted(outcomes: Sequence[bool | BaseException]) -> int:
    """How many arrived, once all of the batch are over. Raises the first of what was raised."""
    for outcome in outcomes:
        if isinstance(outcome, BaseException):
            raise outcome
    return sum(outcome is True for outcome in outcomes)
