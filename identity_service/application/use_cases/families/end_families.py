"""Token families are ended from outside: one, or all of a person, a client or a session."""

from dataclasses import dataclass, replace
from typing import Final

from identity_service.application.use_cases.users.found_user import whose_to_end
from identity_service.domain.entities.token import Family
from identity_service.domain.entities.token_event import FamilyEnded
from identity_service.domain.refusals import NotFound, Unacceptable
from identity_service.domain.services.access_policy import Actor, check_may_end_any
from identity_service.domain.value_objects.ids import ClientId, FamilyId, SessionId, UserId, is_uuid
from identity_service.ports.repositories.tokens import FamilyQuery
from identity_service.ports.unit_of_work import Begin, UnitOfWork

ORDERED: Final = "ended"
PER_TRANSACTION: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class FamilyEnding:
    """Which family, and whose it has to be; `user_id` None: anybody's."""

    by: Actor
    family_id: str
    user_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FamiliesEnding:
    """Of whom all families shall end: at least one is named, and what is named counts together."""

    by: Actor
    user_id: str | None = None
    client_id: str | None = None
    session_id: str | None = None


class EndFamily:
    """Ends a family with every refresh and access token of it.

    - People end their own. Whoever writes users ends those of anybody but administrators.
    - A family that is over, and one of somebody else, are the same: not there.
    """

    def __init__(self, *, begin: Begin) -> None:
        self._begin = begin

    async def __call__(self, order: FamilyEnding) -> None:
        """Raises NotFound, InsufficientScope."""
        if not is_uuid(order.family_id):
            raise NotFound
        async with self._begin() as uow:
            state = await uow.families.get(FamilyId(order.family_id))
            if state is None or order.user_id not in (None, state.family.user_id):
                raise NotFound
            await whose_to_end(uow, state.family.user_id, by=order.by)
            if not (state.alive and await _end(uow, state.family, by=order.by)):
                raise NotFound
            await uow.commit()


class EndFamilies:
    """Ends what lives of a person, of a client, of a session, or of what they have in common.

    - Whoever writes users ends those of a person who is no administrator. Without a person named it takes `admin`.
    - It goes on batch by batch, so that nobody waits long for it; what began meanwhile may be left.
    - The sessions of the person go on, and may give new ones.
    """

    def __init__(self, *, begin: Begin) -> None:
        self._begin = begin

    async def __call__(self, order: FamiliesEnding) -> int:
        """Answers how many. Raises NotFound (there is no such user), InsufficientScope, Unacceptable(`user_id`)."""
        query: FamilyQuery | None = _query(order)
        ended = 0
        while query is not None:
            async with self._begin() as uow:
                await self._check(uow, order)
                found = [each.state.family for each in await uow.family_desk.page(query)]
                for family in found:
                    ended += await _end(uow, family, by=order.by)
                await uow.commit()
            query = replace(query, after=found[-1].id) if len(found) == query.limit else None
        return ended

    async def _check(self, uow: UnitOfWork, order: FamiliesEnding) -> None:
        if order.user_id is None:
            check_may_end_any(order.by)
        else:
            await whose_to_end(uow, order.user_id, by=order.by)


def _query(order: FamiliesEnding) -> FamilyQuery:
    named = (order.user_id, order.client_id, order.session_id)
    if all(each is None for each in named):
        raise Unacceptable.of("user_id", "or client_id or session_id must say whose families are to end")
    if order.session_id is not None and not is_uuid(order.session_id):
        raise NotFound
    return FamilyQuery(
        limit=PER_TRANSACTION,
        user_id=None if order.user_id is None else UserId(order.user_id),
        client_id=None if order.client_id is None else ClientId(order.client_id),
        session_id=None if order.session_id is None else SessionId(order.session_id),
        alive=True,
    )


async def _end(uow: UnitOfWork, family: Family, *, by: Actor) -> bool:
    """Within the caller's transaction; True for the one caller that did it."""
    if not await uow.families.end(family.id, reason=ORDERED):
        return False
    uow.events.add(
        FamilyEnded(
            by=by.id,
            family_id=family.id,
            client_id=family.client_id,
            user_id=family.user_id,
            reason=ORDERED,
        )
    )
    return True
