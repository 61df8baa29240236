"""Endings over Redis pub/sub: fast when Redis is there, and missed by nobody when it is not."""

import asyncio
import json
import logging
import os
from collections import deque
from collections.abc import Sequence
from hmac import compare_digest
from typing import Any

from redis.asyncio import Redis

from identity_service.adapters.redis.client import AWAY
from identity_service.ports.cache.endings_carrier import CarrierState, Hear
from identity_service.ports.security import KeyedDigest

log = logging.getLogger(__name__)

CHANNEL = "identity-service:endings"
PURPOSE = "endings-carrier"
MAC_BYTES = 32
SENDER_BYTES = 16
MOST_QUEUED = 10_000
MOST_IN_A_MESSAGE = 500
PING_SECONDS = 1.0
PAUSE_SECONDS = 0.5


class RedisEndingsCarrier:
    """`ports.EndingsCarrier`. Every message bears a MAC: nobody without the master key can make us forget answers.

    One task sends what is queued, another listens; a Redis that does not answer a ping is left and tried again.
    """

    def __init__(self, client: Redis, *, digest: KeyedDigest, timeout_seconds: float) -> None:
        self._client = client
        self._digest = digest
        self._timeout = timeout_seconds
        self._sender = os.urandom(SENDER_BYTES)
        self._queue: deque[str] = deque(maxlen=MOST_QUEUED)
        self._queued = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._state: CarrierState = "away"
        self._hear: Hear = _nobody

    @property
    def state(self) -> CarrierState:
        return self._state

    def publish(self, tags: Sequence[str]) -> None:
        """When the queue is full the oldest tags give way: they will have travelled by the feed."""
        self._queue.extend(tags)
        self._queued.set()

    async def start(self, hear: Hear) -> None:
        self._hear = hear
        self._tasks = [asyncio.create_task(self._send()), asyncio.create_task(self._listen())]

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks = []
        self._state = "away"

    async def _send(self) -> None:
        while True:
            await self._queued.wait()
            self._queued.clear()
            while self._queue:
                await self._send_some()

    async def _send_some(self) -> None:
        tags = [self._queue.popleft() for _ in range(min(len(self._queue), MOST_IN_A_MESSAGE))]
        try:
            async with asyncio.timeout(self._timeout):
                await self._client.publish(CHANNEL, self._message(tags))
        except AWAY as error:
            self._queue.clear()
            self._change("away", error)

    async def _listen(self) -> None:
        while True:
            try:
                await self._hear_until_lost()
            except AWAY as error:
                self._change("away", error)
            await asyncio.sleep(PAUSE_SECONDS)

    async def _hear_until_lost(self) -> None:
        async with self._client.pubsub() as subscription:
            async with asyncio.timeout(self._timeout * 2):
                await subscription.subscribe(CHANNEL)
            asked = True  # the subscription itself is confirmed
            while True:
                heard = await subscription.get_message(timeout=PING_SECONDS)
                if heard is not None:
                    asked = False
                    self._change("connected")
                    self._receive(heard)
                elif asked:
                    raise TimeoutError("Redis does not answer")
                else:
                    asked = True
                    async with asyncio.timeout(self._timeout):
                        await subscription.ping()

    def _receive(self, heard: dict[str, Any]) -> None:
        if heard["type"] == "message":
            tags = self._opened(heard["data"])
            if tags:
                self._hear(tags)

    def _message(self, tags: Sequence[str]) -> bytes:
        signed = self._sender + json.dumps(list(tags)).encode()
        return self._digest.mac(PURPOSE, signed) + signed

    def _opened(self, message: bytes) -> list[str]:
        """The tags in a message of another process of ours; none in anything else."""
        mac, signed = message[:MAC_BYTES], message[MAC_BYTES:]
        if not compare_digest(mac, self._digest.mac(PURPOSE, signed)):
            log.debug("a message on %s was not ours", CHANNEL)
            return []
        if signed.startswith(self._sender):
            return []
        return list(json.loads(signed[SENDER_BYTES:]))

    def _change(self, state: CarrierState, why: object = "") -> None:
        if state != self._state:
            self._state = state
            if state == "away":
                log.warning("Redis is away (%s): endings travel by the database alone", why)
            else:
                log.info("Redis carries endings")


def _nobody(tags: Sequence[str]) -> None:
    """Before `start` nothing is heard."""
