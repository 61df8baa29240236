"""A client changes its own registration (RFC 7592 §2.2)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from hmac import compare_digest
from typing import Any

from identity_service.application.authentication.registration import AuthenticateRegistration, wrong_token
from identity_service.application.use_cases.clients.update_client import ClientUpdate, UpdateClient
from identity_service.application.use_cases.registration.registered_client import (
    AN_HOUR,
    RegisteredClient,
    RegistrationPolicy,
    looked_after,
)
from identity_service.domain.entities.client import Client
from identity_service.domain.oauth.client_registration import asked_for, registered
from identity_service.domain.oauth.errors import InsufficientScope, InvalidRequest, TooManyRequests
from identity_service.domain.oauth.registration_errors import refused_metadata
from identity_service.domain.refusals import NotFound, Unacceptable
from identity_service.domain.services.access_policy import Actor
from identity_service.domain.value_objects.secret import OpaqueKind, Secret, digest, opaque_token
from identity_service.ports.cache.rate_limit import RateLimit
from identity_service.ports.unit_of_work import UnitOfWork

OURS = (
    "registration_access_token",
    "registration_client_uri",
    "client_secret_expires_at",
    "client_id_issued_at",
)
"""What an answer says and a change must not (RFC 7592 §2.2)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistrationUpdate:
    """Which client, by which registration access token, and all that shall be registered from now on."""

    client_id: str
    token: Secret
    document: Mapping[str, Any]


class UpdateRegistration:
    """Replaces all that the client says of itself; what it leaves out is as if it had never said it.

    - It names itself, and nothing that is the server's to say; a secret that is sent must be one it has.
    - The registration access token is replaced, in the same transaction: a copy of the old one is good for nothing, and
      of two changes at the same time one is refused.
    - Scopes and grants that an administrator gave it may be kept; so may everything that it does not decide.
    - One that gets another name, or has people sent elsewhere, asks everybody anew: nobody agreed to that.
    - A client to which an administrator gave rights of administration is an administrator's to change.
    """

    def __init__(
        self,
        *,
        authenticate: AuthenticateRegistration,
        update_client: UpdateClient,
        random: Callable[[int], bytes],
        limit: RateLimit,
        policy: RegistrationPolicy,
    ) -> None:
        self._authenticate = authenticate
        self._update_client = update_client
        self._random = random
        self._limit = limit
        self._policy = policy

    async def __call__(self, order: RegistrationUpdate) -> RegisteredClient:
        """Raises InvalidToken, TooManyRequests, InvalidRequest, InsufficientScope, InvalidRedirectUri,
        InvalidClientMetadata, InvalidSoftwareStatement, UnapprovedSoftwareStatement.
        """
        client = await self._authenticate(order.client_id, order.token)
        await self._check_rate(client)
        _check_names_itself(client, order.document)
        token = opaque_token(OpaqueKind.REGISTRATION_ACCESS_TOKEN, self._random(32))
        try:
            update = self._update(client, order.document)
            made = await self._update_client(
                update,
                alongside=partial(
                    _replace,
                    members=update.members,
                    old=digest(order.token.reveal()),
                    new=digest(token.reveal()),
                ),
            )
        except Unacceptable as error:
            raise refused_metadata(error) from None
        except InsufficientScope:
            raise looked_after() from None
        except NotFound:
            raise wrong_token() from None
        return RegisteredClient(made.client, made.secret, token)

    async def _check_rate(self, client: Client) -> None:
        key = f"registration-change:{client.client_id}"
        wait = await self._limit.hit(key, limit=self._policy.per_hour, per_seconds=AN_HOUR)
        if wait is not None:
            raise TooManyRequests(retry_after_seconds=wait)

    def _update(self, client: Client, document: Mapping[str, Any]) -> ClientUpdate:
        members = registered(
            asked_for(document), scopes=self._policy.scopes | client.scope, granted=client.grant_types
        )
        if members["token_endpoint_auth_method"] == "none":
            members["require_pkce"] = True
        by = Actor(client.client_id, administers=False)
        return ClientUpdate(by=by, client_id=client.client_id, members=members)


async def _replace(
    uow: UnitOfWork, client: Client, *, members: Mapping[str, Any], old: bytes, new: bytes
) -> None:
    if not await uow.registration_access_tokens.replace(client.client_id, old=old, new=new):
        raise wrong_token()
    if _is_another_to_people(client, members):
        await uow.consents.forget(client.client_id)


def _is_another_to_people(client: Client, members: Mapping[str, Any]) -> bool:
    """Whether it is not what people saw when they agreed: its name, and where they are sent."""
    wanted = (members["client_name"], frozenset(members["redirect_uris"]))
    return wanted != (client.client_name, frozenset(client.redirect_uris))


def _check_names_itself(client: Client, document: Mapping[str, Any]) -> None:
    if document.get("client_id") != client.client_id:
        raise InvalidRequest("client_id must be there and name this client")
    if any(document.get(name) is not None for name in OURS):
        raise InvalidRequest(
            "registration_access_token, registration_client_uri, client_secret_expires_at and client_id_issued_at "
            "must not be sent"
        )
    secret = document.get("client_secret")
    if secret is not None and not _is_secret_of(client, secret):
        raise InvalidRequest("client_secret is not one that this client has")


def _is_secret_of(client: Client, value: Any) -> bool:
    """Secrets of self-registered clients are all of our making: plain digests."""
    sent = digest(value).hex() if isinstance(value, str) else ""
    return any([compare_digest(sent, known.stored) for known in client.secrets])
