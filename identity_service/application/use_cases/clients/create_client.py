"""A program is registered."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from identity_service.application.dto.client_view import ClientView, ClientWithSecret
from identity_service.application.use_cases.clients.alongside import Alongside, nothing_else
from identity_service.application.use_cases.clients.credentials import ClientCredentials
from identity_service.application.use_cases.clients.members import DECISIVE, ClientMembers
from identity_service.application.use_cases.clients.sectors import SectorIdentifiers
from identity_service.domain.entities.client import Client, ClientSecret, has_secret
from identity_service.domain.entities.event import ClientCreated
from identity_service.domain.oauth.client_credentials import acceptable_client_id
from identity_service.domain.refusals import Unacceptable
from identity_service.domain.services.access_policy import (
    Actor,
    check_may_give,
    check_may_introspect_for,
    check_may_mark_first_party,
)
from identity_service.domain.value_objects.ids import ClientId
from identity_service.domain.value_objects.secret import Secret
from identity_service.domain.value_objects.unset import UNSET_TIME
from identity_service.ports.unit_of_work import Begin


@dataclass(frozen=True, slots=True, kw_only=True)
class NewClient:
    """What the client is to be; members as RFC 7591 §2 and OpenID Connect Registration §2 name them, the merely
    descriptive ones in `metadata`.

    `client_id` and `client_secret` bring an existing client along; `registered_by` says who let a client register
    itself.
    """

    by: Actor
    client_name: str
    grant_types: Collection[str] = ()
    response_types: Collection[str] = ()
    redirect_uris: Collection[str] = ()
    scope: str = ""
    token_endpoint_auth_method: str | None = None
    resource_server: bool = False
    audiences: Collection[str] = ()
    access_token_ttl: int | None = None
    refresh_token_ttl: int | None = None
    refresh_reuse_grace: int | None = None
    access_token_signed_response_alg: str | None = None
    post_logout_redirect_uris: Collection[str] = ()
    backchannel_logout_uri: str | None = None
    backchannel_logout_session_required: bool = False
    frontchannel_logout_uri: str | None = None
    frontchannel_logout_session_required: bool = False
    application_type: str = "web"
    subject_type: str = "public"
    sector_identifier_uri: str | None = None
    id_token_signed_response_alg: str | None = None
    userinfo_signed_response_alg: str | None = None
    default_max_age: int | None = None
    require_auth_time: bool = False
    default_acr_values: Collection[str] = ()
    first_party: bool = False
    require_pkce: bool = True
    jwks: Mapping[str, Any] | None = None
    jwks_uri: str | None = None
    token_endpoint_auth_signing_alg: str | None = None
    request_uris: Collection[str] = ()
    request_object_signing_alg: str | None = None
    require_signed_request_object: bool = False
    rate_limit_tier: str | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict)
    client_id: str | None = None
    client_secret: Secret | None = None
    registered_by: str | None = None


class CreateClient:
    """Registers a client.

    - A confidential client gets a secret, shown this once; one that signs (`token_endpoint_auth_method`
      private_key_jwt) and a public one (none) have none.
    - A resource server that names no audience introspects for the server's default one.
    - Only an administrator gives reserved scopes, or marks a client as first-party.
    - A sector identifier is asked while it waits, and has to list every redirect URI.
    - A logo is fetched soon after (`FetchLogos`): nobody waits for that site.
    - An id or a secret may be brought along; a short secret is hashed slowly, as it may be weak.
    """

    def __init__(
        self,
        *,
        begin: Begin,
        credentials: ClientCredentials,
        new_id: Callable[[], str],
        members: ClientMembers,
        sectors: SectorIdentifiers,
    ) -> None:
        self._begin = begin
        self._credentials = credentials
        self._new_id = new_id
        self._members = members
        self._sectors = sectors

    async def __call__(self, order: NewClient, *, alongside: Alongside = nothing_else) -> ClientWithSecret:
        """`alongside` is done in the same transaction.

        Raises Unacceptable, Conflict(`client_id`), InsufficientScope, HashingBusy.
        """
        given = {member: getattr(order, member) for member in DECISIVE}
        if not order.response_types and "authorization_code" in order.grant_types:
            given["response_types"] = ("code",)  # as RFC 7591 §2 has it where none is named
        members = self._members.of(given | dict(order.metadata))
        check_may_give(order.by, members["scope"])
        check_may_introspect_for(order.by, members["audiences"])
        check_may_mark_first_party(order.by, members["first_party"])
        await self._sectors.ask(members)
        secret, kept = await self._secret(order)
        client = Client(
            client_id=self._client_id(order),
            **members,
            registered_by=order.registered_by,
            secrets=() if kept is None else (kept,),
            active=True,
            epoch=1,
            server_epoch=1,
            version=1,
            created_at=UNSET_TIME,
            updated_at=UNSET_TIME,
        )
        async with self._begin() as uow:
            stored = await uow.clients.add(client)
            if (logo_uri := members["metadata"].get("logo_uri")) is not None:
                await uow.logos.want(stored.client_id, logo_uri)
            uow.events.add(ClientCreated(by=order.by.id, client_id=stored.client_id))
            await alongside(uow, stored)
            await uow.commit()
        return ClientWithSecret(ClientView.of(stored), secret)

    def _client_id(self, order: NewClient) -> ClientId:
        return ClientId(self._new_id() if order.client_id is None else acceptable_client_id(order.client_id))

    async def _secret(self, order: NewClient) -> tuple[Secret | None, ClientSecret | None]:
        """The secret to show, and what is kept of it."""
        if not has_secret(order.token_endpoint_auth_method):
            if order.client_secret is not None:
                raise Unacceptable.of("client_secret", "a client of this token_endpoint_auth_method has none")
            return None, None
        if order.client_secret is not None:
            return None, await self._credentials.keep(order.client_secret)
        return self._credentials.make()
