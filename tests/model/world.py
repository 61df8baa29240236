"""What the callers of a run know together: accounts, clients, tokens, and the history as it grows."""

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import islice
from random import Random
from typing import Any

from tests.forged import claims_of
from tests.model.history import LOST, NEVER, Call, Fault, History, Setting
from tests.model.wire import basic

MOST_ENDED = 400


@dataclass(slots=True, eq=False)
class Person:
    """An account as its administrators believe it to be."""

    name: str
    id: str
    username: str
    password: str
    active: bool = True
    busy: bool = False
    changed: float = 0.0


@dataclass(slots=True, eq=False)
class Program:
    """A client as its administrators believe it to be."""

    name: str
    id: str
    secret: str
    active: bool = True
    busy: bool = False
    former: tuple[str, ...] = ()
    changed: float = 0.0

    @property
    def authorization(self) -> str:
        return basic(self.id, self.secret)


@dataclass(slots=True, eq=False)
class Held:
    """A token in somebody's hands, with the name that the history gives it."""

    name: str
    text: str
    client: Program
    person: Person | None
    family: int
    ended: float = NEVER


@dataclass
class World:
    """Shared by all callers of a run; nobody waits while changing it."""

    people: dict[str, Person]
    clients: dict[str, Program]
    history: History
    access: list[Held] = field(default_factory=list)
    refresh: list[Held] = field(default_factory=list)
    spent: deque[Held] = field(default_factory=lambda: deque(maxlen=100))
    ended: deque[Held] = field(default_factory=lambda: deque(maxlen=MOST_ENDED))
    ripening: deque[Held] = field(default_factory=deque)
    invitations: deque[Held] = field(default_factory=deque)
    administrator: Held | None = None
    _names: dict[str, str] = field(default_factory=dict)

    @property
    def owners(self) -> list[Program]:
        """The clients that people and they themselves get tokens through."""
        return [client for client in self.clients.values() if client.name.startswith("client")]

    def begin(self, kind: str, process: str, asked: dict[str, Any]) -> Call:
        """A call is about to be sent."""
        call = Call(len(self.history.calls), kind, process, time.monotonic(), NEVER, LOST, asked)
        self.history.calls.append(call)
        return call

    def name_of(self, text: str, kind: str) -> str:
        """What the history calls a token; the same text is the same token."""
        return self._names.setdefault(text, f"{kind}{len(self._names)}")

    def take_in(self, call: Call, answer: dict[str, Any], client: Program, person: Person | None) -> None:
        """Tokens were answered."""
        offset = time.monotonic() - time.time()
        family = int(call.asked.get("family", call.number))
        call.told["access"] = self.name_of(answer["access_token"], "access")
        call.told["expires"] = expiry(answer["access_token"]) + offset
        self.access.append(Held(call.told["access"], answer["access_token"], client, person, family))
        if "refresh_token" in answer:
            call.told["refresh"] = self.name_of(answer["refresh_token"], "refresh")
            if all(held.name != call.told["refresh"] for held in self.refresh):
                held = Held(call.told["refresh"], answer["refresh_token"], client, person, family)
                self.refresh.append(held)

    def end(self, which: Callable[[Held], bool]) -> None:
        """These are believed to have ended just now; they are asked about a while longer."""
        now = time.monotonic()
        for kind in (self.access, self.refresh):
            gone = [held for held in kind if which(held)]
            kind[:] = [held for held in kind if not which(held)]
            for held in gone:
                held.ended = now
            self.ended.extend(gone)
            self.ripening.extend(gone)

    def ripe(self, rng: Random) -> Held | None:
        """A token whose end was answered a good second ago, where there is one: the moment to ask about it."""
        now = time.monotonic()
        while self.ripening and self.ripening[0].ended < now - 1.5:
            self.ripening.popleft()
        due = [held for held in self.ripening if held.ended < now - 1.0]
        return rng.choice(due) if due else None

    def lately_ended(self, most: int) -> list[Held]:
        """Tokens whose end was answered more than a second ago, the latest first."""
        due = (held for held in reversed(self.ended) if held.ended < time.monotonic() - 1.0)
        return list(islice(due, most))

    def fault(self, kind: str, where: str) -> Fault:
        """Something breaks now; whoever mends it sets its end."""
        fault = Fault(kind, where, time.monotonic(), NEVER)
        self.history.faults.append(fault)
        return fault


def expiry(access_token: str) -> float:
    """The `exp` of an access token, seconds since 1970."""
    return float(claims_of(access_token)["exp"])


def new_world(people: list[Person], clients: list[Program], graces: dict[str, float]) -> World:
    """A world before its first call."""
    setting = Setting(
        {p.name: {"username": p.username, "password": p.password} for p in people},
        {
            c.name: {
                "secret": c.secret,
                "grace": graces.get(c.name, 0),
                "resource_server": c.name == "resource",
            }
            for c in clients
        },
    )
    return World({p.name: p for p in people}, {c.name: c for c in clients}, History(setting))
