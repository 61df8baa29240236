"""A program registers itself (RFC 7591 §3, OpenID Connect Dynamic Client Registration 1.0 §3)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from identity_service.application.use_cases.clients.create_client import CreateClient, NewClient
from identity_service.application.use_cases.registration.registered_client import (
    AN_HOUR,
    RegisteredClient,
    RegistrationPolicy,
    apart,
)
from identity_service.domain.entities.client import Client
from identity_service.domain.oauth.client_registration import OPEN, asked_for, registered
from identity_service.domain.oauth.errors import AccessDenied, InvalidToken, MissingToken, TooManyRequests
from identity_service.domain.oauth.registration_errors import refused_metadata
from identity_service.domain.refusals import Unacceptable
from identity_service.domain.services.access_policy import Actor
from identity_service.domain.value_objects.ids import InitialAccessTokenId
from identity_service.domain.value_objects.secret import (
    OpaqueKind,
    Secret,
    digest,
    is_opaque_token,
    opaque_token,
)
from identity_service.ports.cache.rate_limit import RateLimit
from identity_service.ports.unit_of_work import Read, UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """What a program says of itself, the initial access token that it came with, and where it called from."""

    document: Mapping[str, Any]
    token: Secret | None
    address: str | None


class RegisterClient:
    """Registers whoever may register itself.

    - An initial access token admits, as often as it has uses; a registration that fails costs none.
    - Where registration is open, nobody needs one. Then there are limits: so many an hour from an address, and so many
      clients in all.
    - What a stranger is not to decide is decided here: consent is always asked, PKCE is needed unless the operator
      says otherwise, and nothing is granted that needs no person.
    - The client gets a registration access token, of which a digest is kept.
    """

    def __init__(
        self,
        *,
        read: Read,
        create_client: CreateClient,
        random: Callable[[int], bytes],
        limit: RateLimit,
        policy: RegistrationPolicy,
    ) -> None:
        self._read = read
        self._create_client = create_client
        self._random = random
        self._limit = limit
        self._policy = policy

    async def __call__(self, order: Registration) -> RegisteredClient:
        """Raises MissingToken, InvalidToken, TooManyRequests, AccessDenied (there are too many clients already),
        InvalidRedirectUri, InvalidClientMetadata, InvalidSoftwareStatement, UnapprovedSoftwareStatement.
        """
        admitted_by = await self._admitted_by(order)
        token = opaque_token(OpaqueKind.REGISTRATION_ACCESS_TOKEN, self._random(32))
        try:
            made = await self._create_client(
                self._new_client(order.document, admitted_by),
                alongside=partial(self._admit, admitted_by=admitted_by, token=token),
            )
        except Unacceptable as error:
            raise refused_metadata(error) from None
        return RegisteredClient(made.client, made.secret, token)

    async def _admitted_by(self, order: Registration) -> str:
        if order.token is not None:
            return await self._initial_access_token(order.token.reveal())
        if not self._policy.open:
            raise MissingToken("an initial access token is needed")
        wait = await self._limit.hit(
            f"registration:{order.address}", limit=self._policy.per_hour, per_seconds=AN_HOUR
        )
        if wait is not None:
            raise TooManyRequests(retry_after_seconds=wait)
        return OPEN

    async def _initial_access_token(self, token: str) -> str:
        found = None
        if is_opaque_token(OpaqueKind.INITIAL_ACCESS_TOKEN, token):
            async with self._read() as uow:
                found = await uow.initial_access_tokens.good(digest(token))
        if found is None:
            raise _not_good()
        return found

    def _new_client(self, document: Mapping[str, Any], admitted_by: str) -> NewClient:
        members = registered(asked_for(document), scopes=self._policy.scopes)
        confidential = members["token_endpoint_auth_method"] != "none"
        return NewClient(
            by=Actor(admitted_by, administers=False),
            registered_by=admitted_by,
            require_pkce=not (confidential and self._policy.without_pkce),
            **apart(members),
        )

    async def _admit(self, uow: UnitOfWork, client: Client, *, admitted_by: str, token: Secret) -> None:
        tokens = uow.registration_access_tokens
        if admitted_by != OPEN:
            if not await uow.initial_access_tokens.spend(InitialAccessTokenId(admitted_by)):
                raise _not_good()
        elif await tokens.count_clients() > self._policy.most_clients:
            raise AccessDenied("this server takes no more clients that register without a token")
        await tokens.keep(client.client_id, digest(token.reveal()))


def _not_good() -> InvalidToken:
    return InvalidToken("the initial access token is wrong, expired, revoked or used up")
