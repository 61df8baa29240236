"""The public half of the audit key, for whoever is to verify the log one day."""

from dataclasses import dataclass

from identity_service.application.use_cases.audit.keys import AuditKeyring
from identity_service.ports.unit_of_work import Begin


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditKeyView:
    """`public` is the raw Ed25519 key (32 bytes), `kid` its SHA-256 in base64url."""

    kid: str
    public: bytes


class ShowAuditKey:
    """Computed from the private key, which the master key opens: what the database says beside it counts for nothing.

    Asked before there is a key, it makes the key.
    """

    def __init__(self, *, begin: Begin, keyring: AuditKeyring) -> None:
        self._begin = begin
        self._keyring = keyring

    async def __call__(self) -> AuditKeyView:
        """Raises StorageUnavailable; Unsealable when the key was not sealed under this master key."""
        async with self._begin() as uow:
            key = await self._keyring.get(uow, "sign")
            await uow.commit()
        return AuditKeyView(kid=key.kid, public=key.public)
