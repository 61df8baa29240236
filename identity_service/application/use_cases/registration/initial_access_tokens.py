"""Operators hand out what lets programs register themselves, and take it back."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from identity_service.application.cursors import Page
from identity_service.application.dto.initial_access_token_view import InitialAccessTokenView
from identity_service.domain.entities.initial_access_token import NewInitialAccessToken
from identity_service.domain.entities.registration_event import (
    InitialAccessTokenCreated,
    InitialAccessTokenRevoked,
)
from identity_service.domain.refusals import Faults, NotFound, Unacceptable
from identity_service.domain.value_objects.ids import InitialAccessTokenId, is_uuid
from identity_service.domain.value_objects.plain_text import plain_text
from identity_service.domain.value_objects.secret import OpaqueKind, Secret, digest, opaque_token
from identity_service.ports.unit_of_work import Begin, Read

MOST_USES: Final = 10_000
SHORTEST, LONGEST = 60, 31_536_000
"""Seconds that one lives."""
MOST_NOTE: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class InitialAccessTokenOrder:
    """For how many clients, for how many seconds, and what the operator wants to remember about it."""

    by: str
    uses: int = 1
    life_seconds: int = 86_400
    note: str | None = None


@dataclass(frozen=True, slots=True)
class NewToken:
    """The token itself, which is shown this once."""

    view: InitialAccessTokenView
    token: Secret


class CreateInitialAccessToken:
    """Makes a token, of which a digest is kept."""

    def __init__(self, *, begin: Begin, random: Callable[[int], bytes], new_id: Callable[[], str]) -> None:
        self._begin = begin
        self._random = random
        self._new_id = new_id

    async def __call__(self, order: InitialAccessTokenOrder) -> NewToken:
        """Raises Unacceptable."""
        _check(order)
        token = opaque_token(OpaqueKind.INITIAL_ACCESS_TOKEN, self._random(32))
        new = NewInitialAccessToken(
            id=InitialAccessTokenId(self._new_id()),
            digest=digest(token.reveal()),
            note=order.note,
            uses=order.uses,
            life_seconds=order.life_seconds,
        )
        async with self._begin() as uow:
            stored = await uow.initial_access_tokens.add(new)
            uow.events.add(
                InitialAccessTokenCreated(by=order.by, initial_access_token_id=new.id, uses=new.uses)
            )
            await uow.commit()
        return NewToken(InitialAccessTokenView.of(stored), token)


def _check(order: InitialAccessTokenOrder) -> None:
    faults = Faults()
    with faults.gathered():
        if not 1 <= order.uses <= MOST_USES:
            raise Unacceptable.of("uses", f"must be between 1 and {MOST_USES}")
    with faults.gathered():
        if not SHORTEST <= order.life_seconds <= LONGEST:
            raise Unacceptable.of("ttl", f"must be between {SHORTEST} and {LONGEST} seconds")
    with faults.gathered():
        if order.note is not None:
            plain_text("note", order.note, most=MOST_NOTE)
    faults.check()


@dataclass(frozen=True, slots=True, kw_only=True)
class InitialAccessTokenListing:
    """Place and size of the page; `cursor` is the id of the last one before."""

    limit: int = 50
    cursor: str | None = None


class ListInitialAccessTokens:
    """Lists them, the newest first, those that are used up, expired or revoked included."""

    def __init__(self, *, read: Read) -> None:
        self._read = read

    async def __call__(self, order: InitialAccessTokenListing) -> Page[InitialAccessTokenView]:
        after = None if order.cursor is None else InitialAccessTokenId(order.cursor)
        async with self._read() as uow:
            found = await uow.initial_access_tokens.page(limit=order.limit + 1, after=after)
        shown = found[: order.limit]
        views = tuple(map(InitialAccessTokenView.of, shown))
        return Page(views, shown[-1].id if len(found) > order.limit else None)


class RevokeInitialAccessToken:
    """Takes one back: nobody registers by it any more. Clients that did stay."""

    def __init__(self, *, begin: Begin) -> None:
        self._begin = begin

    async def __call__(self, token_id: str, *, by: str) -> InitialAccessTokenView:
        """Raises NotFound."""
        async with self._begin() as uow:
            wanted = InitialAccessTokenId(token_id)
            found = await uow.initial_access_tokens.revoke(wanted) if is_uuid(token_id) else None
            if found is None:
                raise NotFound
            uow.events.add(InitialAccessTokenRevoked(by=by, initial_access_token_id=found.id))
            await uow.commit()
        return InitialAccessTokenView.of(found)
