"""What rules about clients and keys look at: the thing, and what else counts for it."""

from base64 import urlsafe_b64decode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from identity_service.domain.entities.client import Client
from identity_service.domain.entities.signing_key import SigningKey
from identity_service.domain.posture.rule import Values


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenClient:
    """An active client as it is stored, among these settings, at this moment."""

    client: Client
    values: Values
    now: datetime

    @property
    def codes(self) -> bool:
        """Whether it sends people here to come back with a code."""
        return "authorization_code" in self.client.grant_types

    @property
    def refreshes(self) -> bool:
        """Whether it gets refresh tokens."""
        return "refresh_token" in self.client.grant_types

    def effective(self, member: str, setting: str) -> Any:
        """The client's own value, or the server's."""
        own = getattr(self.client, member)
        return self.values[setting] if own is None else own


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenKey:
    """A key that signs: from the database, or from the settings, whose age nobody knows."""

    kid: str
    alg: str
    public_jwk: Mapping[str, Any]
    activated_at: datetime | None
    values: Values
    now: datetime

    @classmethod
    def of(cls, key: SigningKey, *, values: Values, now: datetime) -> "SeenKey":
        """One of the database."""
        return cls(
            kid=key.kid,
            alg=key.alg,
            public_jwk=key.public_jwk,
            activated_at=key.activated_at,
            values=values,
            now=now,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How many active clients there are, and how many of them can do something that few should."""

    clients: int = 0
    administer: int = 0
    introspect: int = 0

    def with_one(self, client: Client) -> "Tally":
        """One more client."""
        return Tally(
            clients=self.clients + 1,
            administer=self.administer + bool(client.scope.reserved()),
            introspect=self.introspect + client.resource_server,
        )


def rsa_bits(jwk: Mapping[str, Any]) -> int | None:
    """The size of an RSA key (RFC 7518 §6.3.1.1); None for a key of another kind, and for what is none."""
    modulus = jwk.get("n")
    if jwk.get("kty") != "RSA" or not isinstance(modulus, str):
        return None
    try:
        return int.from_bytes(urlsafe_b64decode(modulus + "=" * (-len(modulus) % 4))).bit_length()
    except ValueError:
        return None
