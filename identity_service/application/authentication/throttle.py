"""Who may guess once more: counts every try at a door before it is judged, and gives back those that were right."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final, Literal

from identity_service.application.authentication.doors import Door
from identity_service.application.authentication.turnstile import Turnstile
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
from identity_service.ports.cache.guesses import Count, Guesses, Wanted
from identity_service.ports.security import Standing

Outcome = Literal["right", "wrong"]
Told = Literal["alone", "as a sum", "not"]
OF_NOBODY: Final = 100
"""Tries under names that nobody has which are recorded one by one, in the time that counts are kept for an account."""
UNSUSPECTED: Final = 3
"""Tries of one address that were not right, at whatever accounts, after which its next hash waits behind others'."""
LOOK: Final = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """What is guessed at. `key` names it, or the name that nobody has; `epoch` is what a new secret raises: then all
    counts begin anew."""

    key: str
    epoch: int = 0
    exists: bool = True

    def counter(self, area: str, what: str) -> str:
        """Under what is counted; names that nobody has crowd out no account."""
        whose = "" if self.exists else "nobody-"
        return f"{whose}{area}:{what} {self.epoch} {self.key}"


@dataclass(slots=True, kw_only=True)
class Attempt:
    """One try. It counts if `outcome` is not `right` in the end; None is one that came to nothing, and does not."""

    door: Door
    name: str
    source: Source
    kind: Kind
    standing: Standing = Standing.KNOWN
    treatment: Treatment = Treatment.JUDGED
    by_kind: int = 0
    outcome: Outcome | None = None
    keys: list[str] = field(default_factory=list)

    @property
    def tries(self) -> str:
        """Counts those of an address that were not right, whether they were judged or not."""
        return f"tries:{self.source.key}"


class Throttle:
    """Counts tries where they begin, so that of any number of concurrent ones no more are judged than may be.

    - What a caller can see depends on their own tries under the name that they typed, and is the same for names that
      nobody has: at most `per_source` are answered, further ones refused until the window ends.
    - Whether an answered try is judged at all depends on the account (domain/services/lockout.py).
    - `outcomes` counts, by door: `right`, `wrong`, `held_back`, `refused`; `attacks`, how many accounts had more wrong
      ones than they may.
    """

    def __init__(self, *, guesses: Guesses, limits: Limits, known_address_seconds: int) -> None:
        self._guesses = guesses
        self._limits = limits
        self._known_for = known_address_seconds
        self._turnstile = Turnstile()
        self.outcomes: Counter[tuple[Door, str]] = Counter()
        self.attacks = 0

    @asynccontextmanager
    async def attempt(
        self, door: Door, *, name: str, source: Source, kind: Kind = Kind.STRANGER
    ) -> AsyncIterator[Attempt]:
        """A try under `name`; a stranger may prove to be at a known address. Whoever is interrupted has tried; whoever
        fails for another reason has not.

        Raises TooManyRequests.
        """
        made = Attempt(door=door, name=name, source=source, kind=kind)
        key = f"name:{source.key} {name}"
        try:
            async with self._turnstile.through(
                key, lambda: self._enter(made, key), give_back=lambda: self._leave(made)
            ):
                try:
                    yield made
                except asyncio.CancelledError:
                    made.outcome = made.outcome or "wrong"
                    raise
        except TooManyRequests:
            self.outcomes[door, "refused"] += 1
            raise

    async def at(self, made: Attempt, account: Account) -> Treatment:
        """Whether the try is judged, now that it is known at what it is aimed."""
        limits = self._limits
        by_source, made.by_kind = await self._taken(
            made,
            Wanted(account.counter("at", made.source.key), limits.source_seconds),
            Wanted(account.counter("kind", made.kind), limits.account_seconds),
        )
        made.treatment = treatment(limits, by_source=by_source, by_kind=made.by_kind)
        if made.treatment is Treatment.SLOWED:
            made.treatment = await self._slowed(made, account)
        return made.treatment

    async def knows(self, names: Iterable[str], source: Source) -> None:
        """Somebody signed in from there who goes by these names. A new password makes nobody a stranger."""
        if self._known_for:
            keys = [_known(name, source) for name in names]
            await self._guesses.remember(*keys, for_seconds=self._known_for)

    def told(self, made: Attempt) -> Told:
        """How a wrong try at an account is recorded."""
        limits = self._limits
        if made.by_kind <= limits.per_source:
            return "alone"
        under_attack = made.by_kind == limits.per_account + 1
        return "as a sum" if under_attack or doubles(made.by_kind) else "not"

    async def told_of_nobody(self) -> tuple[Told, int]:
        """How a try under a name that nobody has is recorded, and how many there were; counted for all together."""
        [counted] = await self._guesses.take(Wanted("nobody:all", self._limits.account_seconds))
        if counted.number <= OF_NOBODY:
            return "alone", counted.number
        return "as a sum" if doubles(counted.number) else "not", counted.number

    async def _enter(self, made: Attempt, key: str) -> Count:
        limits = self._limits
        place = Wanted(key, limits.source_seconds, limits.per_source)
        if made.kind is Kind.STRANGER and not made.keys:
            counted, known, tries = await self._guesses.take(
                place,
                Wanted(_known(made.name, made.source), 1, LOOK),
                Wanted(made.tries, limits.source_seconds),
            )
            made.keys.append(made.tries)
            if known.number:
                made.kind = Kind.KNOWN_ADDRESS
            elif tries.number > UNSUSPECTED:
                made.standing = Standing.SUSPECT
            else:
                made.standing = Standing.FRESH
        else:
            [counted] = await self._guesses.take(place)
        if counted.taken:
            made.keys.append(key)
        return counted

    async def _leave(self, made: Attempt) -> None:
        self._count(made)
        if made.outcome == "right":
            await self._guesses.give_back(*made.keys)
        elif made.outcome is None:
            # A flood would never be known for one if tries that found no room to be hashed did not count for that.
            await self._guesses.give_back(*(key for key in made.keys if key != made.tries))

    async def _slowed(self, made: Attempt, account: Account) -> Treatment:
        seconds, kind = self._limits.source_seconds, made.kind
        network = account.counter("network", f"{kind} {made.source.network}")
        [by_network] = await self._taken(made, Wanted(network, seconds))
        in_turn = 0
        if by_network <= 1:
            [in_turn] = await self._taken(made, Wanted(account.counter("turn", kind), seconds))
        return slowed(self._limits, by_network=by_network, in_turn=in_turn)

    async def _taken(self, made: Attempt, *wanted: Wanted) -> list[int]:
        counts = await self._guesses.take(*wanted)
        made.keys.extend(each.key for each in wanted)
        return [counted.number for counted in counts]

    def _count(self, made: Attempt) -> None:
        if made.outcome is None:
            return
        held_back = made.outcome == "wrong" and made.treatment is Treatment.HELD_BACK
        self.outcomes[made.door, "held_back" if held_back else made.outcome] += 1
        if made.outcome == "wrong" and made.by_kind == self._limits.per_account + 1:
            self.attacks += 1


def _known(name: str, source: Source) -> str:
    return f"known:{source.key} {name}"
