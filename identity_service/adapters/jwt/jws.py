"""Decides which compact JWS are ours (RFC 7515, RFC 8725): one key signs, a ring of keys verifies."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import orjson
from cryptography.exceptions import InvalidSignature

from identity_service.adapters.jwt.algorithms import PrivateKey, PublicKey, Sign, Verify, algorithm_for
from identity_service.adapters.jwt.encoding import from_base64url, json_object, to_base64url
from identity_service.ports.tokens.signer import UnknownKey, UnverifiableToken

LONGEST_TOKEN: Final = 16_384
"""Bytes; a longer token is refused unread."""
LONGEST_KID: Final = 256
_MOST_KNOWN_HEADERS: Final = 256
# crit, b64: we understand no extension (RFC 7515 §4.1.11, RFC 7797 §6); jwk, jku, x5*: a key comes from the
# ring, never from the token (RFC 8725 §3.10); zip, enc: not of a JWS; cty: the payload is claims, never a
# nested token (RFC 7519 §5.2)
_REFUSED: Final = frozenset(
    {"crit", "b64", "jwk", "jku", "x5u", "x5c", "x5t", "x5t#S256", "zip", "enc", "cty"}
)


@dataclass(frozen=True, slots=True, eq=False)
class SigningKey:
    """A private key with its `kid` and its one algorithm. Raises ValueError where they do not fit."""

    private_key: PrivateKey = field(repr=False)
    kid: str
    alg: str
    _sign: Sign = field(init=False, repr=False)
    _heads: dict[str, bytes] = field(init=False, repr=False, default_factory=dict)

    def __post_init__(self) -> None:
        algorithm = algorithm_for(self.private_key.public_key(), self.alg)
        _refuse_kid(self.kid)
        object.__setattr__(self, "_sign", algorithm.signing(self.private_key))

    def verification_key(self) -> "VerificationKey":
        """The public half, with the same `kid` and algorithm."""
        return VerificationKey(self.private_key.public_key(), self.kid, self.alg)

    def compact(self, payload: bytes, typ: str) -> str:
        """The compact serialization (RFC 7515 §7.1) of these bytes; a header is prepared once a typ."""
        head = self._heads.get(typ)
        if head is None:
            header = {"alg": self.alg, "kid": self.kid, "typ": typ}
            head = self._heads[typ] = to_base64url(orjson.dumps(header)) + b"."
        signed = head + to_base64url(payload)
        return (signed + b"." + to_base64url(self._sign(signed))).decode("ascii")


@dataclass(frozen=True, slots=True, eq=False)
class VerificationKey:
    """A public key with its `kid` and its one algorithm. Raises ValueError where they do not fit."""

    public_key: PublicKey
    kid: str
    alg: str
    check: Verify = field(init=False, repr=False)

    def __post_init__(self) -> None:
        algorithm = algorithm_for(self.public_key, self.alg)
        _refuse_kid(self.kid)
        object.__setattr__(self, "check", algorithm.verifying(self.public_key))


@dataclass(frozen=True, slots=True)
class _Header:
    key: VerificationKey
    typ: str | None


class VerificationKeys:
    """A ring of keys that never changes; a new ring takes its place. Raises ValueError for a doubled kid."""

    __slots__ = ("_headers", "_keys")

    def __init__(self, keys: Iterable[VerificationKey]) -> None:
        listed = tuple(keys)
        self._keys: Final = {key.kid: key for key in listed}
        if len(self._keys) != len(listed):
            raise ValueError("two keys of the ring have the same kid")
        # Headers by their exact bytes, each from a token that verified: strangers can neither fill nor poison
        # it.
        self._headers: Final[dict[bytes, _Header]] = {}

    def __iter__(self) -> Iterator[VerificationKey]:
        return iter(self._keys.values())

    def open(self, token: bytes) -> tuple[str | None, bytes]:
        """The `typ` (see `_short`) and the payload of a token that one of the keys signed.

        Raises UnverifiableToken. The algorithm is the key's own, never the token's choice (RFC 8725 §3.1).
        """
        parts = token.split(b".", 3) if len(token) <= LONGEST_TOKEN else ()
        if len(parts) != 3:
            raise UnverifiableToken(f"not three segments in at most {LONGEST_TOKEN} bytes")
        head, payload, signature = parts
        header = self._headers.get(head) or self._read(head)
        try:
            header.key.check(from_base64url(signature), token[: len(head) + 1 + len(payload)])
            opened = from_base64url(payload)
        except (InvalidSignature, ValueError) as error:
            raise UnverifiableToken(f"signature or payload: {type(error).__name__} {error}") from error
        if len(self._headers) < _MOST_KNOWN_HEADERS:
            self._headers[head] = header
        return header.typ, opened

    def _read(self, head: bytes) -> _Header:
        try:
            members = json_object(from_base64url(head))
        except ValueError as error:
            raise UnverifiableToken(f"header: {error}") from error
        refused = _REFUSED.intersection(members)
        if refused:
            raise UnverifiableToken(f"header: {', '.join(sorted(refused))} not allowed")
        return _Header(self._named(members), _typ(members))

    def _named(self, members: Mapping[str, Any]) -> VerificationKey:
        kid = members.get("kid")
        key = self._keys.get(kid) if isinstance(kid, str) else None
        if key is None:
            raise UnknownKey("header: kid names no key of ours")
        if members.get("alg") != key.alg:
            raise UnverifiableToken(f"header: alg is not {key.alg}, which is the key's")
        return key


class JwsSigner:
    """Signs with one key and its algorithm. `key` is exchanged by one assignment; a call uses the key it found."""

    def __init__(self, key: SigningKey) -> None:
        self.key = key

    def sign(self, claims: Mapping[str, object], *, typ: str) -> str:
        """Returns the compact JWS. Raises TypeError for claims that JSON cannot hold."""
        return self.key.compact(orjson.dumps(claims if isinstance(claims, dict) else dict(claims)), typ)


class JwsVerifier:
    """The port's TokenVerifier. `keys` is exchanged by one assignment; a call uses the ring it found."""

    def __init__(self, keys: VerificationKeys) -> None:
        self.keys = keys

    def verify(self, token: str | bytes, *, typ: str) -> dict[str, Any]:
        """Returns the claims. Raises UnverifiableToken and nothing else."""
        try:
            found, payload = self.keys.open(token.encode("ascii") if isinstance(token, str) else token)
            if found is None or (found != typ and found != _short(typ)):
                raise UnverifiableToken(f"header: typ is not {typ}")
            return json_object(payload)
        except ValueError as error:  # UnicodeEncodeError is one
            raise UnverifiableToken(f"not ASCII or no claims: {type(error).__name__}") from error


def _typ(members: Mapping[str, Any]) -> str | None:
    typ = members.get("typ")
    if typ is None:
        return None
    if not isinstance(typ, str) or not typ.isascii():
        raise UnverifiableToken("header: typ is not a media type")
    return _short(typ)


def _short(typ: str) -> str:
    """Lower case, and without `application/` where no other slash follows (RFC 7515 §4.1.9)."""
    typ = typ.lower()
    rest = typ.removeprefix("application/")
    return typ if "/" in rest else rest


def _refuse_kid(kid: str) -> None:
    if not 0 < len(kid) <= LONGEST_KID:
        raise ValueError(f"a kid has 1 to {LONGEST_KID} characters")
