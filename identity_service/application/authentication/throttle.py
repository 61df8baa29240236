"""Who may guess once more: counts every try at a door before it is judged, and gives back those that were right."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final, Literal

from identity_service.application.authentication.doors import Door
from identity_service.domain.oauth.errors import TooManyRequests
from identity_service.domain.services.lockout import (
    Kind,
    Limits,
    Source,
    Treatment,
    doubles,
    slowed,
    treatment,
)
from identity_service.ports.cache.guesses import Guesses

Outcome = Literal["right", "wrong"]
Told = Literal["alone", "as a sum", "not"]
OF_NOBODY: Final = 100
"""Tries under names that nobody has which are recorded one by one, in the time that counts are kept for an account."""
MOST_WAITING: Final = 64
"""Tries of one source at one name that wait until others of it are judged; further ones are turned away."""


@dataclass(slots=True)
class _Line:
    """Those of one source at one name: under judgement here, and waiting for one of them to leave."""

    inside: int = 0
    waiting: int = 0
    moved: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """What is guessed at. `key` names it, or the name that nobody has; `epoch` is what a new secret raises: then all
    counts begin anew."""

    key: str
    epoch: int = 0
    exists: bool = True


@dataclass(slots=True, kw_only=True)
class Attempt:
    """One try. It counts if `outcome` is not `right` in the end; None is one that came to nothing, and does not."""

    door: Door
    source: Source
    treatment: Treatment = Treatment.JUDGED
    kind: Kind = Kind.STRANGER
    by_kind: int = 0
    outcome: Outcome | None = None
    keys: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Keys:
    """Under what is counted; names that nobody has crowd out no account."""

    account: Account

    def at(self, source: Source) -> str:
        return self._key("at", source.key)

    def kind(self, kind: Kind) -> str:
        return self._key("kind", kind)

    def network(self, kind: Kind, source: Source) -> str:
        return self._key("network", f"{kind} {source.network}")

    def turn(self, kind: Kind) -> str:
        return self._key("turn", kind)

    def known(self, source: Source) -> str:
        """Outlives the epoch: a new password makes nobody a stranger."""
        return f"known:{source.key} {self.account.key}"

    def _key(self, area: str, what: str) -> str:
        whose = "" if self.account.exists else "nobody-"
        return f"{whose}{area}:{what} {self.account.epoch} {self.account.key}"


class Throttle:
    """Counts tries where they begin, so that of any number of concurrent ones no more are judged than may be.

    - What a caller can see depends on their own tries under the name that they typed, and is the same for names that
      nobody has: at most `per_source` are answered, further ones refused until the window ends.
    - Whether an answered try is judged at all depends on the account (domain/services/lockout.py).
    - A try that comes while others of its source are judged waits for them: they may be right, and then it has room.
    - `outcomes` counts, by door: `right`, `wrong`, `held_back`, `refused`; `attacks`, how many accounts had more wrong
      ones than they may.
    """

    def __init__(self, *, guesses: Guesses, limits: Limits, known_address_seconds: int) -> None:
        self._guesses = guesses
        self._limits = limits
        self._known_for = known_address_seconds
        self._lines: dict[str, _Line] = {}
        self.outcomes: Counter[tuple[Door, str]] = Counter()
        self.attacks = 0

    @asynccontextmanager
    async def attempt(self, door: Door, *, name: str, source: Source) -> AsyncIterator[Attempt]:
        """A try under `name`. Whoever is interrupted has tried; whoever fails for another reason has not.

        Raises TooManyRequests.
        """
        key = f"name:{source.key} {name}"
        line = await self._enter(door, key)
        made = Attempt(door=door, source=source, keys=[key])
        try:
            yield made
        except asyncio.CancelledError:
            made.outcome = made.outcome or "wrong"
            raise
        finally:
            await self._leave(made, key, line)

    async def at(self, made: Attempt, account: Account, *, kind: Kind | None = None) -> Treatment:
        """Whether the try is judged, now that it is known at what it is aimed. Without `kind`, by the address."""
        of, limits = _Keys(account), self._limits
        made.kind = kind or await self._kind(of, made.source)
        by_source = await self._taken(made, of.at(made.source), limits.source_seconds)
        made.by_kind = await self._taken(made, of.kind(made.kind), limits.account_seconds)
        made.treatment = treatment(limits, by_source=by_source, by_kind=made.by_kind)
        if made.treatment is Treatment.SLOWED:
            made.treatment = await self._slowed(made, of)
        return made.treatment

    async def knows(self, account: Account, source: Source) -> None:
        """The account was entered from there."""
        if self._known_for:
            await self._guesses.remember(_Keys(account).known(source), for_seconds=self._known_for)

    def told(self, made: Attempt) -> Told:
        """How a wrong try at an account is recorded."""
        limits = self._limits
        if made.by_kind <= limits.per_source:
            return "alone"
        under_attack = made.by_kind == limits.per_account + 1
        return "as a sum" if under_attack or doubles(made.by_kind) else "not"

    async def told_of_nobody(self) -> tuple[Told, int]:
        """How a try under a name that nobody has is recorded, and how many there were; counted for all together."""
        counted = await self._guesses.take("nobody:all", per_seconds=self._limits.account_seconds)
        if counted.number <= OF_NOBODY:
            return "alone", counted.number
        return "as a sum" if doubles(counted.number) else "not", counted.number

    async def _kind(self, of: _Keys, source: Source) -> Kind:
        known = await self._guesses.remembers(of.known(source))
        return Kind.KNOWN_ADDRESS if known else Kind.STRANGER

    async def _slowed(self, made: Attempt, of: _Keys) -> Treatment:
        seconds = self._limits.source_seconds
        by_network = await self._taken(made, of.network(made.kind, made.source), seconds)
        in_turn = await self._taken(made, of.turn(made.kind), seconds) if by_network <= 1 else 0
        return slowed(self._limits, by_network=by_network, in_turn=in_turn)

    async def _taken(self, made: Attempt, key: str, per_seconds: int) -> int:
        counted = await self._guesses.take(key, per_seconds=per_seconds)
        made.keys.append(key)
        return counted.number

    async def _enter(self, door: Door, key: str) -> _Line:
        line = self._lines.setdefault(key, _Line())
        line.waiting += 1
        try:
            await self._wait_for_room(line, key, door)
            line.inside += 1
        finally:
            line.waiting -= 1
            self._forget(key, line)
        return line

    async def _wait_for_room(self, line: _Line, key: str, door: Door) -> None:
        limits = self._limits
        while True:
            moved = line.moved
            counted = await self._guesses.take(key, per_seconds=limits.source_seconds, most=limits.per_source)
            if counted.taken:
                return
            if moved.is_set():  # somebody left meanwhile
                continue
            if not line.inside or line.waiting > MOST_WAITING:
                self.outcomes[door, "refused"] += 1
                raise TooManyRequests(retry_after_seconds=counted.seconds_left)
            await moved.wait()

    async def _leave(self, made: Attempt, key: str, line: _Line) -> None:
        self._count(made)
        try:
            if made.outcome != "wrong":
                for taken in made.keys:
                    await self._guesses.give_back(taken)
        finally:
            line.inside -= 1
            line.moved.set()
            line.moved = asyncio.Event()
            self._forget(key, line)

    def _count(self, made: Attempt) -> None:
        if made.outcome is None:
            return
        held_back = made.outcome == "wrong" and made.treatment is Treatment.HELD_BACK
        self.outcomes[made.door, "held_back" if held_back else made.outcome] += 1
        if made.outcome == "wrong" and made.by_kind == self._limits.per_account + 1:
            self.attacks += 1

    def _forget(self, key: str, line: _Line) -> None:
        if not line.inside and not line.waiting:
            self._lines.pop(key, None)
