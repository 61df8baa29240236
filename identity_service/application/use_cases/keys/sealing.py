"""How private keys are kept: sealed, each bound to its own kid."""

from datetime import UTC, datetime

from identity_service.domain.entities.signing_key import SigningKey
from identity_service.ports.security import DataKeyRing, Unsealable
from identity_service.ports.tokens.key_ring import HeldKey, KeyMaker

UNSET = datetime.min.replace(tzinfo=UTC)
"""Stands where the database sets the time."""
PURPOSE = "signing-key"
"""Names the key that private keys are sealed under."""


class KeysUnreadable(Unsealable):
    """The keys in the database cannot be used here; nothing was changed. The text is a line that says what to do.

    `reason` is what anybody may be told, for example a load balancer.
    """

    def __init__(self, text: str, *, key_id: str | None, reason: str) -> None:
        super().__init__(text, key_id=key_id)
        self.reason = reason


WRONG_MASTER_KEY = "MASTER_KEY is not the one that this database was set up with"
DAMAGED = "a signing key in the database is damaged"
DAMAGED_DATA_KEY = "a data key in the database is damaged"


def wrong_master_key(*, here: str, wanted: str) -> KeysUnreadable:
    """`here` and `wanted` are key ids."""
    return KeysUnreadable(
        f"MASTER_KEY (key id {here}) is not the one that this database was set up with (key id {wanted}): set that "
        "one again; nothing was changed",
        key_id=wanted,
        reason=WRONG_MASTER_KEY,
    )


class KeySealing:
    """Turns keys in the clear into keys as the database keeps them, and back."""

    def __init__(self, *, sealer: DataKeyRing, maker: KeyMaker) -> None:
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
            raise self._refusal(key, error) from error
        return self._maker.restore(private_key, alg=key.alg)

    def _refusal(self, key: SigningKey, error: Unsealable) -> KeysUnreadable:
        if error.key_id is not None and error.key_id not in self._sealer.held:
            text = (
                f"signing key {key.kid} is sealed under key {error.key_id}, which is neither MASTER_KEY nor a data key "
                "of this database: set the MASTER_KEY that it was used with"
            )
            return KeysUnreadable(text, key_id=error.key_id, reason=WRONG_MASTER_KEY)
        text = f"signing key {key.kid} in the database is damaged ({error}): restore it from a backup"
        return KeysUnreadable(text, key_id=error.key_id, reason=DAMAGED)
