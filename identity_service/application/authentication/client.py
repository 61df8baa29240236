"""Who is the calling client (RFC 6749 §2.3)."""

from collections.abc import Awaitable, Callable
from hmac import compare_digest

from identity_service.application.authentication.doors import Door
from identity_service.application.authentication.throttle import Account, Attempt, Throttle
from identity_service.domain.entities.client import Client, ClientSecret
from identity_service.domain.oauth.client_auth import PresentedClient, check_method_allowed
from identity_service.domain.oauth.errors import InvalidClient, TemporarilyUnavailable
from identity_service.domain.services.lockout import Treatment, source_of
from identity_service.domain.value_objects.secret import Secret, digest
from identity_service.ports.security import HashingBusy, PasswordHasher
from identity_service.ports.unit_of_work import Read

NOBODY = digest("").hex()
"""Compared with when there is nothing to compare with, so that an unknown client takes the same time."""


ProveByKey = Callable[[Client, str], Awaitable[None]]
"""Judges an assertion of a client, and spends it. Raises InvalidClient."""


class AuthenticateClient:
    """Answers the client that a request proved to come from.

    An unknown or inactive client, a wrong secret, a wrong method and an assertion that will not do are one answer. A
    public client only names itself.
    """

    def __init__(
        self,
        *,
        read: Read,
        hasher: PasswordHasher,
        throttle: Throttle,
        prove_by_key: ProveByKey | None = None,
    ) -> None:
        """Without `prove_by_key`, where nothing may be written, assertions prove nothing."""
        self._read = read
        self._hasher = hasher
        self._throttle = throttle
        self._prove_by_key = prove_by_key

    async def __call__(self, presented: PresentedClient, *, address: str | None) -> Client:
        """Raises InvalidClient; TooManyRequests when a brought-along secret was tried too often."""
        async with self._read() as uow:
            client = await uow.clients.get(presented.client_id)
        if presented.assertion is not None:
            return await self._proven_by_key(client, presented, presented.assertion)
        proven = await self._proves(
            client, None if presented.secret is None else presented.secret.reveal(), address
        )
        if client is None or not client.active or not proven:
            raise InvalidClient(detail=f"client {presented.client_id!r}: unknown, inactive or wrong secret")
        check_method_allowed(client.token_endpoint_auth_method, presented.method)
        return client

    async def _proven_by_key(
        self, client: Client | None, presented: PresentedClient, assertion: Secret
    ) -> Client:
        if client is None or not client.active or self._prove_by_key is None:
            raise InvalidClient(
                detail=f"client {presented.client_id!r}: unknown, inactive, or no assertions here"
            )
        check_method_allowed(client.token_endpoint_auth_method, presented.method)
        await self._prove_by_key(client, assertion.reveal())
        return client

    async def _proves(self, client: Client | None, secret: str | None, address: str | None) -> bool:
        if secret is None:
            return client is not None and client.is_public
        secrets = () if client is None else client.secrets
        plain = [known.stored for known in secrets if known.scheme == "sha256"] or [NOBODY]
        presented = digest(secret).hex()
        matches = [compare_digest(presented, stored) for stored in plain]
        if any(matches):
            return True
        brought = [known for known in secrets if known.scheme == "password"]
        if client is None or not brought:
            return False
        return await self._brought_along(client, brought, secret, address)

    async def _brought_along(
        self, client: Client, brought: list[ClientSecret], secret: str, address: str | None
    ) -> bool:
        account = Account(key=f"client {client.client_id}", epoch=client.epoch)
        source = source_of(address)
        async with self._throttle.attempt(Door.CLIENT_SECRET, name=account.key, source=source) as made:
            await self._throttle.at(made, account)
            matches = await self._any_matches(brought, secret, made)
            right = matches and made.treatment is Treatment.JUDGED
            made.outcome = "right" if right else "wrong"
            if right:
                await self._throttle.knows([account.key], source)
        return right

    async def _any_matches(self, brought: list[ClientSecret], secret: str, made: Attempt) -> bool:
        for known in brought:
            try:
                verdict = await self._hasher.verify(
                    secret, known.stored, address=made.source.key, standing=made.standing
                )
            except HashingBusy as busy:
                raise TemporarilyUnavailable(retry_after_seconds=busy.retry_after_seconds) from None
            if verdict.matches:
                return True
        return False
