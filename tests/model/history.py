"""What a history holds: every call with the moments it was sent and answered, and every fault there was meanwhile."""

import json
import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

DONE = "done"
"""A token was issued, an order carried out, an account shown."""
ACTIVE, INACTIVE = "active", "inactive"
"""What introspection said."""
REFUSED = "refused"
"""`invalid_grant`."""
UNAUTHORIZED = "unauthorized"
"""401: the client, or the bearer's token, was not accepted."""
UNAVAILABLE = "unavailable"
"""503."""
LOST = "lost"
"""No answer came: the order may have been carried out, or may still be."""
ODD = "odd"
"""Any other answer; `told` holds it."""

NEVER = math.inf
EVERYWHERE = "everywhere"


@dataclass(slots=True)
class Call:
    """One request, or one order that reached the database without a server.

    `process` is `server` or, where that has several workers, `server:connection`, which always reaches the same
    worker; or the name of somebody who is no server. `sent` and `answered` are seconds of the monotonic clock: of a
    moment before the first byte left, and of one after the last byte came (NEVER when none did).
    """

    number: int
    kind: str
    process: str
    sent: float
    answered: float
    outcome: str
    asked: dict[str, Any]
    told: dict[str, Any] = field(default_factory=dict)

    @property
    def server(self) -> str:
        """The server that it went to, whichever worker that was."""
        return self.process.partition(":")[0]

    @property
    def maybe(self) -> bool:
        """Whether nobody knows if it was carried out."""
        return self.outcome in (UNAVAILABLE, LOST)

    @property
    def known(self) -> bool:
        """Whether it was answered with more than an excuse."""
        return self.outcome not in (UNAVAILABLE, LOST, ODD)


@dataclass(slots=True)
class Fault:
    """Something that was broken at `where` (a server, or everywhere) from `start` to `end`."""

    kind: str
    where: str
    start: float
    end: float

    def excuses(self, server: str) -> bool:
        """Whether a server may answer 503, or not at all, meanwhile. Redis is nobody's excuse."""
        return self.kind.startswith(("database", "process")) and self.where in (server, EVERYWHERE)


@dataclass(slots=True)
class Setting:
    """How everything stood before the first call: members by name of user, and by name of client."""

    users: dict[str, dict[str, Any]] = field(default_factory=dict)
    clients: dict[str, dict[str, Any]] = field(default_factory=dict)


@dataclass(slots=True)
class History:
    """All of it. The order of `calls` is the order in which they were sent."""

    setting: Setting
    calls: list[Call] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    def summary(self) -> str:
        """How often what was answered, and what broke."""
        outcomes = Counter(f"{call.kind} {call.outcome}" for call in self.calls)
        faults = Counter(fault.kind for fault in self.faults)
        seconds = self.calls[-1].sent - self.calls[0].sent if self.calls else 0.0
        counted = ", ".join(f"{number} {name}" for name, number in (outcomes + faults).most_common())
        return f"{len(self.calls)} calls in {seconds:.1f} s: {counted}"

    def write(self, path: Path) -> None:
        """Keep it as JSON; a moment that never came is null."""
        path.write_text(json.dumps(asdict(self), default=str).replace("Infinity", "null"))


def read_history(path: Path) -> History:
    """What `write` kept."""
    kept = json.loads(path.read_text())
    return History(
        Setting(**kept["setting"]),
        [Call(**_timed(call, "answered")) for call in kept["calls"]],
        [Fault(**_timed(fault, "end")) for fault in kept["faults"]],
    )


def _timed(members: Mapping[str, Any], moment: str) -> dict[str, Any]:
    told = dict(members)
    told[moment] = NEVER if told[moment] is None else told[moment]
    return told
