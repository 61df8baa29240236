"""The keys of the audit log: made once, sealed with a data key, and apart from the keys that sign tokens."""

from base64 import urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256

from identity_service.ports.audit import Signatures
from identity_service.ports.repositories.audit_keys import AuditKey, AuditKeyUse
from identity_service.ports.security import Sealer, Unsealable
from identity_service.ports.unit_of_work import UnitOfWork

PURPOSE = "audit-key"
KEY_BYTES = 32


def kid_of(public: bytes) -> str:
    """What an auditor may compare by eye: SHA-256 of the public key, base64url."""
    return urlsafe_b64encode(sha256(public).digest()).rstrip(b"=").decode("ascii")


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenKey:
    """A key in the clear; `public` is computed from it, whatever the database says."""

    kid: str
    private: bytes = field(repr=False)
    public: bytes


class AuditKeyring:
    """Opens the keys of the database, and makes those that are not there yet. One is opened once."""

    def __init__(self, *, sealer: Sealer, signatures: Signatures, random: Callable[[int], bytes]) -> None:
        self._sealer = sealer
        self._signatures = signatures
        self._random = random
        self._opened: dict[bytes, OpenKey] = {}

    async def get(self, uow: UnitOfWork, use: AuditKeyUse) -> OpenKey:
        """In a transaction that may write, and that the caller commits. Raises Unsealable."""
        known = await uow.audit_keys.get(use)
        if known is None:
            await uow.audit_keys.add(self._made(use))
            known = await uow.audit_keys.get(use)
            if known is None:
                raise RuntimeError("an audit key was kept and is not there")
        return self._open(known)

    async def known(self, uow: UnitOfWork, use: AuditKeyUse) -> OpenKey | None:
        """Without making one. Raises Unsealable."""
        known = await uow.audit_keys.get(use)
        return None if known is None else self._open(known)

    def _open(self, key: AuditKey) -> OpenKey:
        opened = self._opened.get(key.sealed)
        if opened is None:
            private = self._sealer.open(key.sealed, purpose=PURPOSE, context=key.kid)
            opened = OpenKey(kid=key.kid, private=private, public=self._public(key.use, private))
            if opened.public and kid_of(opened.public) != key.kid:
                raise Unsealable("not the key that its id names")
            self._opened = {**self._opened, key.sealed: opened}
        return opened

    def _made(self, use: AuditKeyUse) -> AuditKey:
        private = self._signatures.make() if use == "sign" else self._random(KEY_BYTES)
        public = self._public(use, private)
        return self._sealed(use, private, kid_of(public or self._random(KEY_BYTES)))

    def _sealed(self, use: AuditKeyUse, private: bytes, kid: str) -> AuditKey:
        sealed = self._sealer.seal(private, purpose=PURPOSE, context=kid)
        return AuditKey(use=use, kid=kid, public=self._public(use, private) or None, sealed=sealed)

    def _public(self, use: AuditKeyUse, private: bytes) -> bytes:
        return self._signatures.public(private) if use == "sign" else b""
