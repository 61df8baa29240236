"""Which browsers have signed in to an account before: what OWASP calls a device cookie.

It proves nothing about who sits there, and spares nobody a password. It says that guesses from this browser are counted
apart from those of strangers.
"""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterator
from hmac import compare_digest
from typing import Final

from identity_service.domain.services.lockout import Source
from identity_service.domain.value_objects.ids import UserId
from identity_service.domain.value_objects.secret import Secret
from identity_service.ports.security import KeyedDigest

PURPOSE: Final = "device"
MOST_ACCOUNTS: Final = 5
"""Accounts that a browser is known for; whoever signs in to one more is forgotten for the oldest."""
DAY: Final = 86_400
_NAME, _DATE, _MAC = 12, 4, 16
_LENGTH: Final = 43
"""Characters of an entry: 32 bytes in base64url."""
_ENTRY: Final = re.compile(rf"[A-Za-z0-9_-]{{{_LENGTH}}}")
LONGEST: Final = MOST_ACCOUNTS * (_LENGTH + 1)


class Devices:
    """Reads and writes the cookie: an entry for each account, the newest first. Nothing is stored here.

    An entry is a random name, the day it was made, and a keyed digest over both and the account: it tells nobody whose
    account it is, counts for no other, and nobody else can make one.
    """

    def __init__(
        self,
        *,
        digest: KeyedDigest,
        random: Callable[[int], bytes],
        clock: Callable[[], float],
        days: int,
    ) -> None:
        """`days` it counts; with 0 no browser is known."""
        self._digest = digest
        self._random = random
        self._clock = clock
        self._days = days

    def source(self, cookie: Secret | None, user_id: UserId) -> Source | None:
        """The browser as a source of guesses at this account; None where it is not known for it."""
        for raw in _entries(cookie):
            if self._is_for(raw, user_id):
                name = f"device {raw[:_NAME].hex()}"
                return Source(name, name)
        return None

    def renewed(self, cookie: Secret | None, user_id: UserId) -> Secret | None:
        """The cookie of a browser that has just signed in; None where there is nothing new to keep."""
        if not self._days:
            return None
        others = [raw for raw in _entries(cookie) if not self._is_for(raw, user_id)]
        own = [raw for raw in _entries(cookie) if self._is_for(raw, user_id)]
        if own and self._age(own[0]) < 1:
            return None
        name = own[0][:_NAME] if own else self._random(_NAME)
        dated = name + self._today().to_bytes(_DATE, "big")
        kept = [dated + self._mac(dated, user_id), *others][:MOST_ACCOUNTS]
        return Secret(".".join(urlsafe_b64encode(raw).rstrip(b"=").decode("ascii") for raw in kept))

    def _is_for(self, raw: bytes, user_id: UserId) -> bool:
        dated, mac = raw[:-_MAC], raw[-_MAC:]
        return compare_digest(mac, self._mac(dated, user_id)) and -1 <= self._age(raw) < self._days

    def _age(self, raw: bytes) -> int:
        return self._today() - int.from_bytes(raw[_NAME : _NAME + _DATE], "big")

    def _today(self) -> int:
        return int(self._clock()) // DAY

    def _mac(self, dated: bytes, user_id: UserId) -> bytes:
        return self._digest.mac(PURPOSE, dated, user_id.encode())[:_MAC]


def _entries(cookie: Secret | None) -> Iterator[bytes]:
    """The entries that have the right length; whatever else stands there is passed over."""
    written = "" if cookie is None else cookie.reveal()[:LONGEST]
    for text in written.split("."):
        if _ENTRY.fullmatch(text):
            yield urlsafe_b64decode(text + "=")
