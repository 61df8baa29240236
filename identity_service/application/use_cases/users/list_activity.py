"""What happened to a person's account, for them to look through."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

from identity_service.application.cursors import Cursors, Page
from identity_service.application.dto.activity_view import ActivityView
from identity_service.application.use_cases.audit.personal_data import PersonalData
from identity_service.application.use_cases.oauth2.watch_refreshes import RISK
from identity_service.application.use_cases.sign_in.open_session import REPLACED
from identity_service.domain.entities import event, sign_in_event, token_event
from identity_service.domain.value_objects.ids import ClientId, UserId
from identity_service.ports.repositories.events import Recorded
from identity_service.ports.unit_of_work import Read, UnitOfWork

PER_PAGE: Final = 20
ADMINISTRATOR: Final = "administrator"
_OWN_OR_NOT = (
    event.UserChanged,
    event.PasswordChanged,
    sign_in_event.SessionEnded,
    sign_in_event.ConsentRevoked,
    token_event.FamilyEnded,
)
"""What people do to themselves, or administrators do to them."""
_IN_ITS_COURSE = frozenset(
    {
        (sign_in_event.SessionEnded.name, REPLACED),
        (token_event.FamilyEnded.name, "revoked"),
        (token_event.FamilyEnded.name, "replay"),
        (token_event.FamilyEnded.name, RISK),
    }
)
"""What nobody ordered, or the application itself did."""
SHOWN: Final = frozenset(
    kind.name
    for kind in (
        *_OWN_OR_NOT,
        event.UserCreated,
        event.UserActivated,
        event.UserDeactivated,
        event.CurrentPasswordRefused,
        event.SignInFailed,
        sign_in_event.SignInsFailed,
        token_event.FamilyStarted,
        sign_in_event.SessionStarted,
        sign_in_event.SessionRenewed,
        sign_in_event.ConsentGranted,
        sign_in_event.ConsentDenied,
    )
)
_FOR_A_CLIENT = frozenset({sign_in_event.SessionStarted.name, sign_in_event.SessionRenewed.name})
"""What the client did that asked for it."""


class ListActivity:
    """Shows sign-ins, right and wrong, and what was changed, ended, agreed to and taken back; the newest first.

    Who else did it is not named: it was an administrator.
    """

    def __init__(self, *, read: Read, cursors: Cursors, personal: PersonalData) -> None:
        self._read = read
        self._personal = personal
        self._cursors = cursors

    async def __call__(self, user_id: UserId, *, cursor: str | None = None) -> Page[ActivityView]:
        """Raises Unacceptable(`cursor`)."""
        question = {"of": "activity", "user": user_id}
        after = self._cursors.read(question, cursor)
        async with self._read() as uow:
            found = await uow.events.about(user_id, names=SHOWN, after=after, limit=PER_PAGE + 1)
            shown = await self._opened(uow, found[:PER_PAGE])
            clients = await _names_of(uow, shown)
        more = len(found) > len(shown)
        return Page(
            tuple(_view(each, clients.get(_client_id(each) or "")) for each in shown),
            self._cursors.make(question, _place(shown[-1])) if more else None,
        )

    async def _opened(self, uow: UnitOfWork, happened: Sequence[Recorded]) -> list[Recorded]:
        sealed = [(each.id, each.subject, each.personal) for each in happened]
        opened = await self._personal.open(uow, sealed)
        return [replace(each, members={**each.members, **opened.get(each.id, {})}) for each in happened]


async def _names_of(uow: UnitOfWork, happened: Iterable[Recorded]) -> dict[str, str]:
    named = {client_id for each in happened if (client_id := _client_id(each)) is not None}
    found = [await uow.clients.get(ClientId(client_id)) for client_id in sorted(named)]
    return {client.client_id: client.client_name for client in found if client is not None}


def _client_id(happened: Recorded) -> str | None:
    """The client that had a part in it."""
    return happened.by if happened.name in _FOR_A_CLIENT else happened.members.get("client_id")


def _view(happened: Recorded, client_name: str | None) -> ActivityView:
    return ActivityView(
        name=happened.name,
        variant=_variant(happened),
        at=happened.occurred_at,
        client_name=client_name,
        address=happened.members.get("address"),
        user_agent=happened.members.get("user_agent"),
    )


def _variant(happened: Recorded) -> str:
    members = happened.members
    reason = str(members.get("reason", members.get("grant_type", "")))
    by_themselves = happened.by == members.get("user_id") or (happened.name, reason) in _IN_ITS_COURSE
    if happened.name in {kind.name for kind in _OWN_OR_NOT} and not by_themselves:
        return ADMINISTRATOR
    return reason


def _place(last: Recorded) -> tuple[str, str]:
    return last.occurred_at.isoformat(), last.id
