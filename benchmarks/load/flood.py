"""Wrong sign-ins at a fixed rate from many addresses of the loopback network, and two people who sign in meanwhile.

Run as a program: a plan as JSON on standard input, what happened as JSON on standard output. Each request has a
connection of its own, from the address of whoever sends it. A wrong one has a name of its own; each tenth aims at the
first of the two people. The first comes from an address that knows them, the second from one that nobody has seen.
"""

import asyncio
import json
import sys
import time
from collections import Counter
from dataclasses import asdict, dataclass, field
from typing import Any
from urllib.parse import urlencode

import uvloop

from benchmarks.series import percentile
from benchmarks.wire import request

PATIENCE_SECONDS = 40.0
AIMED = 10
"""Each of so many wrong ones is tried at the account of the first person."""


@dataclass(frozen=True, kw_only=True)
class FloodPlan:
    """What to send. `rate` is wrong sign-ins a second; both people sign in `people_rate` times a second."""

    port: int
    path: str
    authorization: str = field(repr=False)
    rate: float
    people_rate: float
    seconds: float
    addresses: int
    round: int
    known: tuple[str, str] = field(repr=False)
    newcomer: tuple[str, str] = field(repr=False)

    def to_json(self) -> str:
        """For standard input."""
        return json.dumps(asdict(self))


@dataclass
class Said:
    """What became of the requests of one kind."""

    statuses: Counter[str] = field(default_factory=Counter)
    took: list[float] = field(default_factory=list)

    def told(self) -> dict[str, Any]:
        """For standard output; times in milliseconds, of those that were let in."""
        told: dict[str, Any] = {"statuses": dict(self.statuses)}
        if self.took:
            told |= {f"p{int(share * 100)}": percentile(self.took, share) * 1e3 for share in (0.5, 1.0)}
        return told


def source(number: int, *, block: int) -> str:
    """The loopback address of this number in a block of 64,000; numbers 254 apart are in another /24."""
    return f"127.{block}.{number // 254 % 254}.{number % 254 + 1}"


def form(username: str, password: str) -> str:
    """The body of a password grant."""
    return urlencode({"grant_type": "password", "username": username, "password": password})


class Flood:
    """One run of a plan."""

    def __init__(self, plan: FloodPlan) -> None:
        self._plan = plan
        self._said = {kind: Said() for kind in ("wrong", "known", "newcomer")}

    async def run(self) -> dict[str, Any]:
        """Sends everything at its time, and waits for the answers."""
        plan = self._plan
        wrong = self._schedule("wrong", plan.rate)
        people = [self._schedule(kind, plan.people_rate) for kind in ("known", "newcomer")]
        await asyncio.gather(wrong, *people)
        return {kind: said.told() for kind, said in self._said.items()}

    async def _schedule(self, kind: str, rate: float) -> None:
        started, tasks = time.perf_counter(), []
        for number in range(int(rate * self._plan.seconds)):
            await asyncio.sleep(max(0.0, started + number / rate - time.perf_counter()))
            tasks.append(asyncio.create_task(self._send(kind, number)))
        await asyncio.gather(*tasks)

    async def _send(self, kind: str, number: int) -> None:
        address, body = self._who(kind, number)
        began = time.perf_counter()
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                status = await self._ask(address, body)
        except (OSError, TimeoutError) as error:
            status = type(error).__name__
        self._said[kind].statuses[status] += 1
        if status == "200":
            self._said[kind].took.append(time.perf_counter() - began)

    def _who(self, kind: str, number: int) -> tuple[str, str]:
        plan = self._plan
        if kind == "known":
            return "127.0.0.1", form(*plan.known)
        if kind == "newcomer":
            return source(plan.round * 1000 + number, block=250), form(*plan.newcomer)
        name = plan.known[0] if number % AIMED == 0 else f"somebody-{plan.round}-{number}"
        return source(number % plan.addresses * 7, block=1), form(name, "not the password")

    async def _ask(self, address: str, body: str) -> str:
        plan = self._plan
        reader, writer = await asyncio.open_connection("127.0.0.1", plan.port, local_addr=(address, 0))
        try:
            data = request(
                "POST", plan.path, port=plan.port, body=body, authorization=plan.authorization, close=True
            )
            writer.write(data)
            return (await reader.readline())[9:12].decode()
        finally:
            writer.close()


def main() -> None:
    """Read the plan, run it, say what happened."""
    print(json.dumps(uvloop.run(Flood(FloodPlan(**json.load(sys.stdin))).run())))


if __name__ == "__main__":
    main()
