"""Decides how a stored password string is made and read, foreign forms included, and which is outdated."""

import logging
from collections.abc import Iterable, Mapping
from functools import partial
from typing import Final

from identity_service.adapters.crypto.argon2_hasher import Argon2Hasher
from identity_service.adapters.crypto.bcrypt_hasher import BcryptHasher
from identity_service.adapters.crypto.django_pbkdf2 import DjangoPbkdf2
from identity_service.adapters.crypto.hash_form import UNKNOWN, own_parts, scheme_and_cost
from identity_service.adapters.crypto.hashing_pool import HashingPool
from identity_service.adapters.crypto.prehash import NO_PEPPER, Pepper, prehash, utf8
from identity_service.adapters.crypto.scheme import MalformedHash, Reader, Scheme
from identity_service.ports.security import HashForm, Standing, Verdict

MOST_CHARACTERS: Final = 1_024
"""A longer password is never hashed (PROTOCOL §7)."""
_NO_MATCH: Final = Verdict(matches=False, outdated=False)
_OURS: Final[Mapping[str, Reader]] = {"$2b$": BcryptHasher(), "$argon2id$": Argon2Hasher()}
_FOREIGN: Final[Mapping[str, Reader]] = {
    **_OURS,
    "$2a$": BcryptHasher(),
    "$2y$": BcryptHasher(),
    "pbkdf2_sha256$": DjangoPbkdf2(),
}

_log = logging.getLogger(__name__)


class PasswordSchemes:
    """Makes stored strings with one current scheme and pepper, reads all known ones; blocks meanwhile.

    A string of ours is `$identity$v=1,pepper=ID` followed by the bcrypt or Argon2id hash of the keyed
    pre-hash (prehash.py); v is the version of that construction. A bare bcrypt, Argon2id or Django PBKDF2
    hash is foreign: it was made from the password's UTF-8 bytes as typed, and is outdated by nature.
    """

    def __init__(
        self, current: Scheme, *, pepper: Pepper = NO_PEPPER, former_peppers: Iterable[Pepper] = ()
    ) -> None:
        self._current = current
        self._pepper = pepper
        self._peppers = {known.id: known for known in (NO_PEPPER, *former_peppers, pepper)}
        self._unknown_user = current.unmatchable()

    def hash(self, password: str) -> str:
        """Returns the string to store."""
        made = self._current.hash(prehash(password, self._pepper))
        return f"$identity$v=1,pepper={self._pepper.id}{made}"

    def check(self, password: str, stored: str | None) -> Verdict:
        """Judges `stored`; None and what cannot be read cost one hash of the current scheme: no match."""
        if stored is None:
            return self._refuse(password)
        try:
            return self._read(password, stored)
        except MalformedHash as error:
            _log.warning("a stored password hash cannot be read and matches nothing: %s", error)
            return self._refuse(password)

    def can_read(self, stored: str) -> bool:
        """Whether `stored` is of a known form; found by trying, so that nothing is known twice."""
        try:
            self._read("", stored)
        except MalformedHash:
            return False
        return True

    def form_of(self, head: str) -> HashForm:
        """The port's HashForms."""
        pepper_id, made = own_parts(head) or (None, head)
        scheme, cost = scheme_and_cost(made)
        if scheme == UNKNOWN or (pepper_id is not None and pepper_id not in self._peppers):
            return HashForm(scheme, cost, pepper_id, "unreadable")
        current = pepper_id == self._pepper.id and self._current.is_current(made)
        return HashForm(scheme, cost, pepper_id, "current" if current else "outdated")

    def _read(self, password: str, stored: str) -> Verdict:
        own = own_parts(stored)
        if own is None:
            matches = _reader(_FOREIGN, stored).verify(utf8(password), stored)
            return Verdict(matches, outdated=matches)
        pepper_id, made = own
        pepper = self._peppers.get(pepper_id)
        if pepper is None:
            raise MalformedHash(f"it was made under pepper {pepper_id}, which is not configured")
        matches = _reader(_OURS, made).verify(prehash(password, pepper), made)
        return Verdict(matches, outdated=matches and not self._is_current(pepper, made))

    def _is_current(self, pepper: Pepper, made: str) -> bool:
        return pepper.id == self._pepper.id and self._current.is_current(made)

    def _refuse(self, password: str) -> Verdict:
        _reader(_OURS, self._unknown_user).verify(prehash(password, self._pepper), self._unknown_user)
        return _NO_MATCH


class PooledPasswordHasher:
    """The port's PasswordHasher: the schemes' work, done in the pool."""

    def __init__(self, schemes: PasswordSchemes, pool: HashingPool) -> None:
        self._schemes = schemes
        self._pool = pool

    async def hash(self, password: str, *, address: str | None, standing: Standing = Standing.FRESH) -> str:
        """Returns the string to store. Raises HashingBusy; ValueError over 1,024 characters."""
        if len(password) > MOST_CHARACTERS:
            raise ValueError(f"a password of more than {MOST_CHARACTERS} characters is not hashed")
        job = partial(self._schemes.hash, password)
        return await self._pool.run(job, address=address, standing=standing)

    async def verify(
        self,
        password: str,
        stored: str | None,
        *,
        address: str | None,
        standing: Standing = Standing.FRESH,
    ) -> Verdict:
        """Judges `stored`. Raises HashingBusy."""
        if len(password) > MOST_CHARACTERS:
            return _NO_MATCH
        job = partial(self._schemes.check, password, stored)
        return await self._pool.run(job, address=address, standing=standing)

    def expect_room(self, *, address: str | None, standing: Standing) -> None:
        """Raises HashingBusy where there is none."""
        self._pool.expect_room(address, standing)

    async def can_read(self, stored: str, *, address: str | None) -> bool:
        """Whether some password can match. Raises HashingBusy."""
        return await self._pool.run(partial(self._schemes.can_read, stored), address=address)


def _reader(readers: Mapping[str, Reader], encoded: str) -> Reader:
    for prefix, reader in readers.items():
        if encoded.startswith(prefix):
            return reader
    raise MalformedHash("its form is not known here")
