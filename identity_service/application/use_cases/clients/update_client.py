"""A client's registration changes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from identity_service.application.dto.client_view import ClientView, ClientWithSecret
from identity_service.application.use_cases.clients.alongside import Alongside, nothing_else
from identity_service.application.use_cases.clients.credentials import ClientCredentials
from identity_service.application.use_cases.clients.locked_client import (
    Versions,
    changeable_client,
    changeable_for_now,
)
from identity_service.application.use_cases.clients.members import ClientMembers
from identity_service.application.use_cases.clients.sectors import JUDGED_BY_IT, Sector, SectorIdentifiers
from identity_service.domain.entities.client import Client, has_secret
from identity_service.domain.entities.event import ClientChanged
from identity_service.domain.oauth.client_rules import check_stays_third_party
from identity_service.domain.services.access_policy import (
    Actor,
    check_may_give,
    check_may_introspect_for,
    check_may_mark_first_party,
)
from identity_service.ports.unit_of_work import Begin, Read, UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientUpdate:
    """Members to set, named as RFC 7591 §2 and OpenID Connect Registration §2 name them; the others stay as they
    are."""

    by: Actor
    client_id: str
    members: Mapping[str, Any]
    versions: Versions | None = None


class UpdateClient:
    """Changes a registration.

    - Only an administrator gives reserved scopes or the mark of a first party, or touches a client that has some.
    - A client that registered itself never becomes a first party: it says itself where people are sent.
    - A client whose method knows no secret loses those that it has; one that had none, and whose new method needs one,
      gets it, shown this once (RFC 7592 §2.2 lets an answer to a change bring one).
    - Naming redirect URIs or a sector identifier, be it those of before, has that asked, and it has to list them all.
    - Naming a logo, be it the one of before, has it fetched anew.
    - Becoming public or confidential, and the loss of a reserved scope, end every token that the client was given.
    """

    def __init__(
        self,
        *,
        begin: Begin,
        read: Read,
        members: ClientMembers,
        credentials: ClientCredentials,
        sectors: SectorIdentifiers,
    ) -> None:
        self._begin = begin
        self._read = read
        self._members = members
        self._credentials = credentials
        self._sectors = sectors

    async def __call__(self, order: ClientUpdate, *, alongside: Alongside = nothing_else) -> ClientWithSecret:
        """`alongside` is done in the same transaction.

        Raises Unacceptable, NotFound, ChangedMeanwhile, InsufficientScope.
        """
        sector = await self._sector(order)
        async with self._begin() as uow:
            client = await changeable_client(uow, order.client_id, by=order.by, versions=order.versions)
            wanted = self._members.of(order.members, client=client)
            self._check_sector(order, wanted, sector)
            check_may_give(order.by, wanted["scope"])
            check_may_introspect_for(order.by, wanted["audiences"] - client.audiences)
            check_may_mark_first_party(order.by, wanted["first_party"])
            check_stays_third_party(client, wanted)
            changed = {member: value for member, value in wanted.items() if value != getattr(client, member)}
            stored = await _apply(uow, client, changed) if changed else None
            secret, kept = self._credentials.make() if _needs_secret(client, changed) else (None, None)
            if kept is not None:
                stored = await uow.clients.add_secret(client.client_id, kept, overlap_seconds=0)
            if fetch := "logo_uri" in order.members:
                await _want_logo(uow, client, wanted["metadata"].get("logo_uri"))
            told = ClientChanged(by=order.by.id, client_id=client.client_id, members=tuple(sorted(changed)))
            uow.events.add(told, new=fetch or stored is not None)
            await alongside(uow, client)
            await uow.commit()
        return ClientWithSecret(ClientView.of(stored or client), secret)

    async def _sector(self, order: ClientUpdate) -> Sector | None:
        if JUDGED_BY_IT.isdisjoint(order.members):
            return None
        async with self._read() as uow:
            client = await changeable_for_now(uow, order.client_id, by=order.by, versions=order.versions)
        return await self._sectors.ask(self._members.of(order.members, client=client))

    def _check_sector(self, order: ClientUpdate, wanted: Mapping[str, Any], sector: Sector | None) -> None:
        if not JUDGED_BY_IT.isdisjoint(order.members):
            self._sectors.check(wanted, sector)


async def _want_logo(uow: UnitOfWork, client: Client, logo_uri: str | None) -> None:
    if logo_uri is None:
        await uow.logos.drop(client.client_id)
    else:
        await uow.logos.want(client.client_id, logo_uri)


async def _apply(uow: UnitOfWork, client: Client, changed: Mapping[str, Any]) -> Client | None:
    if not has_secret(changed.get("token_endpoint_auth_method")):
        await uow.clients.end_secrets(client.client_id)
    return await uow.clients.change(
        client.client_id, changed, version=None, raise_epoch=_ends_tokens(client, changed)
    )


def _needs_secret(client: Client, changed: Mapping[str, Any]) -> bool:
    method = changed.get("token_endpoint_auth_method", client.token_endpoint_auth_method)
    return not client.has_secret and has_secret(method)


def _ends_tokens(client: Client, changed: Mapping[str, Any]) -> bool:
    method = changed.get("token_endpoint_auth_method", client.token_endpoint_auth_method)
    lost = client.scope.reserved() - changed.get("scope", client.scope)
    return (method == "none") != client.is_public or bool(lost)
