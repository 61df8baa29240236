"""Whether a refresh looks as if somebody else had the token, and what follows from that."""

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from identity_service.domain.entities.origin import UNKNOWN, Finding, Noted, Origin, Travel
from identity_service.domain.entities.token import Family
from identity_service.domain.entities.token_event import FamilyEnded, RefreshSuspected
from identity_service.domain.oauth.errors import InvalidGrant
from identity_service.domain.services.refresh_risk import (
    MOST_A_MINUTE,
    NEAR_KILOMETRES,
    Sighting,
    broken_rules,
    kilometres,
    noted_with,
    score,
    still_counting,
)
from identity_service.domain.value_objects.ids import FamilyId
from identity_service.ports.places import Places
from identity_service.ports.refresh_rules import RefreshRules
from identity_service.ports.unit_of_work import Begin, Read, UnitOfWork

log = logging.getLogger(__name__)

RISK: Final = "risk"
MOST_COUNTED: Final = 10_000
"""Families whose refreshes are counted within one minute; more than that are not looked at for their pace."""


@dataclass(frozen=True, slots=True)
class Thresholds:
    """From how many points on there is an event, and from how many the person has to sign in anew. 0: never."""

    event: int
    sign_in: int


async def plain_rules(seen: Sighting) -> Sequence[Finding]:
    """`ports.RefreshRules`: those that come with the server."""
    return broken_rules(seen)


class Pace:
    """How often this process has refreshed families within the running minute."""

    def __init__(self, clock: Callable[[], float]) -> None:
        """`clock` counts seconds and never goes back."""
        self._clock = clock
        self._minute = 0
        self._counts: dict[FamilyId, int] = {}

    def count(self, family_id: FamilyId) -> int:
        """One more of this family; answers how many that are."""
        minute = int(self._clock() / 60)
        if minute != self._minute:
            self._minute = minute
            self._counts.clear()
        seen = self._counts.get(family_id, 0) + 1
        if seen > 1 or len(self._counts) < MOST_COUNTED:
            self._counts[family_id] = seen
        return seen


class WatchRefreshes:
    """Looks at each refresh that was granted, before its tokens leave.

    - One that comes from where the family's last one came from is not looked at further, unless there are very many or
      it repeats another: it costs a comparison, and no statement.
    - What the rules find is kept with the family and counts for an hour. From one threshold on there is an event. From
      another on the family ends, and the client is refused: the person has to sign in anew.
    - Rules that fail find nothing.
    """

    def __init__(
        self,
        *,
        begin: Begin,
        read: Read,
        rules: RefreshRules,
        places: Places,
        pace: Pace,
        thresholds: Thresholds,
    ) -> None:
        self._begin = begin
        self._read = read
        self._places = places
        self._rules = rules
        self._pace = pace
        self._thresholds = thresholds
        self._on = bool(thresholds.event or thresholds.sign_in)
        self.found: dict[str, int] = {}
        self.ended = 0

    def sighting(self, family: Family, origin: Origin, *, replayed: bool = False) -> Sighting | None:
        """What has to be judged; None for a refresh like those before it."""
        if not self._on:
            return None
        refreshes = self._pace.count(family.id)
        known = family.origin
        usual = known == origin or (known != UNKNOWN and known.is_like(origin))
        if usual and not replayed and refreshes != MOST_A_MINUTE:
            return None
        return Sighting(known=known, now=origin, replayed=replayed, refreshes=refreshes)

    async def judge(self, family: Family, seen: Sighting, *, token: bytes) -> None:
        """`token` is the digest of the presented one. Raises InvalidGrant where the family has ended by it."""
        found = await self._ask(await self._travelled(seen, token))
        if not found and seen.known == seen.now:
            return
        async with self._begin() as uow:
            watched = await uow.family_desk.watched(family.id)
            if watched is None:
                raise InvalidGrant(detail="the family ended while its refresh was judged")
            noted = noted_with(watched.noted, found, at=watched.now)
            before = {each.finding.name for each in still_counting(watched.noted, at=watched.now)}
            ended = await self._follow(uow, family, seen.now, noted, before=before)
            await uow.commit()
        self._count(found)
        if ended:
            self.ended += 1
            raise InvalidGrant(detail=f"refresh token: the family ended at a risk of {score(noted)} points")

    async def _travelled(self, seen: Sighting, token: bytes) -> Sighting:
        here, there = self._places.of(seen.now.address), self._places.of(seen.known.address)
        if here is None or there is None or (far := kilometres(here, there)) < NEAR_KILOMETRES:
            return seen
        async with self._read() as uow:
            since = await uow.family_desk.last_use(token, repeated=seen.replayed)
        return seen if since is None else replace(seen, travel=Travel(far, since.total_seconds()))

    async def _ask(self, seen: Sighting) -> Sequence[Finding]:
        try:
            return await self._rules(seen)
        except Exception:  # whoever plugs rules in may ask a service that is away
            log.exception("the rules about refreshes failed")
            return ()

    async def _follow(
        self,
        uow: UnitOfWork,
        family: Family,
        origin: Origin,
        noted: Sequence[Noted],
        *,
        before: Iterable[str],
    ) -> bool:
        """Within the caller's transaction. Whether the family has ended."""
        points, found = score(noted), tuple(sorted(each.finding.name for each in noted))
        ends = 0 < self._thresholds.sign_in <= points
        await uow.family_desk.note(family.id, origin=family.origin if ends else origin, noted=noted)
        told: dict[str, Any] = {
            "by": family.client_id,
            "family_id": family.id,
            "client_id": family.client_id,
            "user_id": family.user_id,
            "found": found,
            "score": points,
            "address": origin.address,
            "user_agent": origin.user_agent,
        }
        if ends:
            uow.events.add(
                FamilyEnded(**told, reason=RISK), new=await uow.families.end(family.id, reason=RISK)
            )
        elif 0 < self._thresholds.event <= points and not set(found) <= set(before):
            uow.events.add(RefreshSuspected(**told))
        return ends

    def _count(self, found: Iterable[Finding]) -> None:
        for finding in found:
            self.found[finding.name] = self.found.get(finding.name, 0) + 1
