"""A client gets a new secret."""

from dataclasses import dataclass
from typing import Final

from identity_service.application.dto.client_view import ClientView, ClientWithSecret
from identity_service.application.use_cases.clients.credentials import ClientCredentials
from identity_service.application.use_cases.clients.locked_client import Versions, changeable_client
from identity_service.domain.entities.event import ClientSecretRotated
from identity_service.domain.refusals import NotFound, OutOfState, Unacceptable
from identity_service.domain.services.access_policy import Actor
from identity_service.ports.unit_of_work import Begin

LONGEST_OVERLAP: Final = 31_536_000


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretRotation:
    """Whose secret, and for how many seconds the old one still works; None for the server's setting."""

    by: Actor
    client_id: str
    overlap_seconds: int | None = None
    versions: Versions | None = None


class RotateClientSecret:
    """Makes a new secret, shown this once.

    - The secret before it works on for the overlap. One that was rotated out earlier keeps its own end: rotating
      twice takes nothing from a program that still uses the first. Of more than MOST_SECRETS the oldest ends at once.
    - Without an overlap the old secrets are taken for lost: all end, and so does every token the client was given.
    """

    def __init__(self, *, begin: Begin, credentials: ClientCredentials, overlap_seconds: int) -> None:
        self._begin = begin
        self._credentials = credentials
        self._overlap_seconds = overlap_seconds

    async def __call__(self, order: SecretRotation) -> ClientWithSecret:
        """Raises NotFound, ChangedMeanwhile, OutOfState for a client without one, Unacceptable, InsufficientScope."""
        overlap = self._overlap_seconds if order.overlap_seconds is None else order.overlap_seconds
        if not 0 <= overlap <= LONGEST_OVERLAP:
            raise Unacceptable.of("overlap_seconds", f"must be between 0 and {LONGEST_OVERLAP}")
        secret, kept = self._credentials.make()
        async with self._begin() as uow:
            client = await changeable_client(uow, order.client_id, by=order.by, versions=order.versions)
            if client.is_public:
                raise OutOfState("a public client has no secret")
            if not client.has_secret:
                raise OutOfState("a client that signs has no secret")
            changed = await uow.clients.add_secret(
                client.client_id, kept, overlap_seconds=overlap, raise_epoch=not overlap
            )
            if changed is None:
                raise NotFound
            uow.events.add(ClientSecretRotated(by=order.by.id, client_id=client.client_id))
            await uow.commit()
        return ClientWithSecret(ClientView.of(changed), secret)
