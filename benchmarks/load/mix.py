"""Open loop: every request has a due time on a fixed schedule, and its latency counts from that time.

A closed loop sends as fast as answers come, so a stall hides the requests that would have come meanwhile (coordinated
omission). Here a stall is seen by all that were due in it. Run as a program: a plan as JSON on standard input, what
happened as JSON on standard output. Timers tick at 1 ms, so a median below that is not resolved: read p99 and up.
"""

import asyncio
import json
import random
import re
import resource
import sys
import time
from collections import Counter, defaultdict, deque
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import uvloop

from benchmarks.series import percentile
from benchmarks.wire import request, whole

NEW_TOKEN = re.compile(rb'"refresh_token"\s*:\s*"([^"]+)"')
Job = tuple[str, float]
"""The kind of a request and when it is due."""


@dataclass(frozen=True, kw_only=True)
class MixPlan:
    """What to send. `shares` maps introspect, refresh and login to how often each comes; `rate` is per second."""

    port: int
    rate: float
    seconds: float
    shares: Mapping[str, float]
    authorization: str
    introspect_path: str
    token_path: str
    access_tokens: tuple[str, ...]
    refresh_tokens: tuple[str, ...]
    login: str
    connections: int = 32

    def to_json(self) -> str:
        """For standard input."""
        return json.dumps(asdict(self))


def schedule(plan: MixPlan) -> list[str]:
    """The kinds of all requests in order: exactly their shares, spread evenly by chance, the same each time."""
    count = int(plan.rate * plan.seconds)
    kinds = [kind for kind, share in plan.shares.items() for _ in range(round(count * share))]
    random.Random(1).shuffle(kinds)
    return kinds


class Connection(asyncio.Protocol):
    """One connection with one request at a time."""

    def __init__(self, load: "Load") -> None:
        self._load = load
        self._buffer = b""
        self._job: Job = ("", 0.0)
        self._transport: Any = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ready for a request."""
        self._transport = transport
        self._load.free.append(self)

    def connection_lost(self, exc: Exception | None) -> None:
        """Whatever was asked on it is lost."""
        self._load.lost += self._load.running

    def send(self, job: Job, data: bytes) -> None:
        """Send one request."""
        self._job = job
        self._transport.write(data)

    def data_received(self, data: bytes) -> None:
        """A part of the answer."""
        self._buffer += data
        if whole(self._buffer):
            answer, self._buffer = self._buffer, b""
            self._load.answered(self._job, answer)
            self._load.free.append(self)


class Load:
    """One run of a plan."""

    def __init__(self, plan: MixPlan) -> None:
        self.plan = plan
        self.free: deque[Connection] = deque()
        self.lost, self.running = 0, False
        self._waiting: deque[Job] = deque()
        self._took: defaultdict[str, list[float]] = defaultdict(list)
        self._wrong: Counter[str] = Counter()
        self._refresh = deque(plan.refresh_tokens)
        self._ready = [self._post(plan.introspect_path, f"token={token}") for token in plan.access_tokens]
        self._login = self._post(plan.token_path, f"grant_type=password&{plan.login}")
        self._random = random.Random(2)

    def _post(self, path: str, body: str) -> bytes:
        return request("POST", path, port=self.plan.port, body=body, authorization=self.plan.authorization)

    def _make(self, kind: str) -> bytes | None:
        if kind == "introspect":
            return self._random.choice(self._ready)
        if kind == "login":
            return self._login
        if not self._refresh:
            self._wrong["refresh queue empty"] += 1
            return None
        return self._post(
            self.plan.token_path, f"grant_type=refresh_token&refresh_token={self._refresh.popleft()}"
        )

    def answered(self, job: Job, answer: bytes) -> None:
        """Count one answer from the moment its request was due."""
        kind, due = job
        self._took[kind].append(time.perf_counter() - due)
        if not answer.startswith(b"HTTP/1.1 200"):
            self._wrong[f"{kind} {answer[9:12].decode()}"] += 1
        elif kind == "introspect" and b'"active":true' not in answer:
            self._wrong["introspect inactive"] += 1
        elif kind == "refresh" and (found := NEW_TOKEN.search(answer)):
            self._refresh.append(found[1].decode())

    async def run(self) -> dict[str, Any]:
        """Send everything, each at its time; then wait for what is under way."""
        loop = asyncio.get_running_loop()
        for _ in range(self.plan.connections):
            await loop.create_connection(lambda: Connection(self), "127.0.0.1", self.plan.port)
        self.running = True
        started, used = time.perf_counter(), resource.getrusage(resource.RUSAGE_SELF)
        await self._send_all(started)
        await self._wait_for_the_rest()
        self.running = False
        took, now = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_SELF)
        own = now.ru_utime + now.ru_stime - used.ru_utime - used.ru_stime
        return {"seconds": took, "own_cpu": own, **self._said()}

    async def _send_all(self, started: float) -> None:
        plan, kinds, sent = self.plan, schedule(self.plan), 0
        deadline = started + plan.seconds * 2 + 10
        while (sent < len(kinds) or self._waiting) and time.perf_counter() < deadline:
            due = min(len(kinds), int((time.perf_counter() - started) * plan.rate) + 1)
            self._waiting.extend((kinds[at], started + at / plan.rate) for at in range(sent, due))
            sent = due
            self._send_what_waits()
            await asyncio.sleep(0.001)  # less would spin

    def _send_what_waits(self) -> None:
        while self._waiting and self.free:
            job = self._waiting.popleft()
            if (data := self._make(job[0])) is not None:
                self.free.popleft().send(job, data)

    async def _wait_for_the_rest(self) -> None:
        for _ in range(4000):
            if len(self.free) >= self.plan.connections:
                return
            await asyncio.sleep(0.005)

    def _said(self) -> dict[str, Any]:
        kinds = {
            kind: {
                "count": len(took),
                **{f"p{name}": percentile(took, share) * 1e6 for name, share in SHARES.items()},
            }
            for kind, took in self._took.items()
        }
        return {"kinds": kinds, "wrong": dict(self._wrong), "lost": self.lost}


SHARES = {"50": 0.5, "99": 0.99, "999": 0.999, "100": 1.0}


def main() -> None:
    """Read the plan, run it, say what happened."""
    given = json.load(sys.stdin)
    print(json.dumps(uvloop.run(Load(MixPlan(**given)).run())))


if __name__ == "__main__":
    main()
