"""Where a request for tokens came from, and how alike two such places are."""

import re
from datetime import datetime
from functools import lru_cache
from typing import Final, NamedTuple

from identity_service.domain.value_objects.network import NETWORK, network_of

MOST_USER_AGENT: Final = 500
_VERSION: Final = re.compile(r"\d[\w.]*")


class Origin(NamedTuple):
    """The address of the peer and its `User-Agent` header, as far as they are known."""

    address: str | None = None
    user_agent: str | None = None

    @classmethod
    def of(cls, address: str | None, user_agent: str | None) -> "Origin":
        """As much of it as is kept."""
        return cls(address, user_agent and user_agent[:MOST_USER_AGENT].replace("\0", ""))

    def is_like(self, other: "Origin") -> bool:
        """Whether it is the same device in the same network."""
        return self.network == other.network and self.device == other.device

    @property
    def network(self) -> str | None:
        """The /24 or /48 that the address is in; an address of another kind stands for itself."""
        return None if self.address is None else _network(self.address)

    @property
    def device(self) -> str:
        """The user agent without its versions: what an update leaves as it was."""
        return _device(self.user_agent or "")


UNKNOWN: Final = Origin()


class Place(NamedTuple):
    """Where on Earth, in degrees: north and east are positive."""

    latitude: float
    longitude: float


class Travel(NamedTuple):
    """A way that a family went between two refreshes: as the crow flies, and in which time at most."""

    kilometres: float
    seconds: float


class Finding(NamedTuple):
    """Something suspicious about a refresh: the rule that was broken, its points, and a sentence that says why."""

    name: str
    points: int
    why: str


class Noted(NamedTuple):
    """A finding, and when it was last made."""

    finding: Finding
    at: datetime


@lru_cache(maxsize=4096)
def _network(address: str) -> str:
    return network_of(address, bits=NETWORK) or address


@lru_cache(maxsize=4096)
def _device(user_agent: str) -> str:
    return _VERSION.sub("", user_agent)
