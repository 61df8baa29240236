"""How private keys are kept: sealed, each bound to its own kid."""

from datetime import UTC, datetime

from identity_service.domain.entities.signing_key import SigningKey
from identity_service.ports.security import Sealer, Unsealable
from identity_service.ports.tokens.key_ring import HeldKey, KeyMaker

UNSET = datetime.min.replace(tzinfo=UTC)
"""Stands where the database sets the time."""
PURPOSE = "signing-key"
"""Names the key that private keys are sealed under."""


class KeysUnreadable(Unsealable):
    """A signing key in the database cannot be opened; nothing was changed. The text is a line that says what to do."""


class KeySealing:
    """Turns keys in the clear into keys as the database keeps them, and back."""

    def __init__(self, *, sealer: Sealer, maker: KeyMaker) -> None:
        self._sealer = sealer
        self._maker = maker

    def seal(self, key: HeldKey, *, status: str, verify_until: datetime | None = None) -> SigningKey:
        """The key as the database keeps it; the other times are set by the database."""
        return SigningKey(
            kid=key.kid,
            alg=key.alg,
            status=status,
            public_jwk=key.public_jwk,
            sealed=self._sealer.seal(key.private_key, purpose=PURPOSE, context=key.kid),
            created_at=UNSET,
            activated_at=None,
            verify_until=verify_until,
        )

    def open(self, key: SigningKey) -> HeldKey:
        """The key in the clear. What is published of it is computed from what was sealed: a public key that somebody
        wrote into the database beside it would otherwise verify tokens of their making.

        Raises KeysUnreadable.
        """
        try:
            private_key = self._sealer.open(key.sealed, purpose=PURPOSE, context=key.kid)
        except Unsealable as error:
            raise KeysUnreadable(
                _advice(key, error, here=self._sealer.key_id), key_id=error.key_id
            ) from error
        return self._maker.restore(private_key, alg=key.alg)


def _advice(key: SigningKey, error: Unsealable, *, here: str) -> str:
    if error.key_id is None or error.key_id == here:
        return f"signing key {key.kid} in the database is damaged ({error}): restore it from a backup"
    return (
        f"MASTER_KEY (key id {here}) is not the one that the signing keys in the database are sealed under "
        f"(key id {error.key_id}): set the MASTER_KEY that this database was used with; nothing was changed"
    )
