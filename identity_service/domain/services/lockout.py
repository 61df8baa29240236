"""Which guesses at a secret are judged, which are answered as wrong whatever they are, and which are turned away.

What is counted is a source at an account. Sources are of kinds: a browser that has signed in to the account before, an
address from which somebody did, and strangers. Each kind has its own room, so that none keeps another one out.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from identity_service.domain.value_objects.network import NETWORK, SITE, network_of

UNKNOWN_ADDRESS: Final = "unknown"
"""Whoever comes from nowhere (a socket that is a file) is one source together."""


class Kind(StrEnum):
    """What a source is to an account."""

    DEVICE = "device"
    KNOWN_ADDRESS = "known_address"
    STRANGER = "stranger"
    SIGNED_IN = "signed_in"
    """Whoever holds a token or a session of the account."""


class Treatment(StrEnum):
    """What becomes of a guess. `HELD_BACK`: its answer is that of a wrong one, whether it is right or not."""

    JUDGED = "judged"
    HELD_BACK = "held_back"
    REFUSED = "refused"
    SLOWED = "slowed"
    """`slowed` decides."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where guesses come from; `network` is what somebody can fill with sources of their own."""

    key: str
    network: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Wrong guesses at one account: of one source in `source_seconds`, of all sources of one kind in `account_seconds`.

    Once those are used up, the kind has as many guesses as one source otherwise has, and each network one of them.
    """

    per_source: int
    source_seconds: int
    per_account: int
    account_seconds: int


def source_of(address: str | None) -> Source:
    """The source that an address belongs to: itself, or its /64 where it is IPv6."""
    if address is None:
        return Source(UNKNOWN_ADDRESS, UNKNOWN_ADDRESS)
    site, network = network_of(address, bits=SITE), network_of(address, bits=NETWORK)
    return Source(address if site is None else site, address if network is None else network)


def treatment(limits: Limits, *, by_source: int, by_kind: int) -> Treatment:
    """Of the guess that makes the counts what they are: those of this source, and of all of its kind.

    A source that has used up its guesses under another name of the account is not told so: that both names are one
    account's is nobody's business.
    """
    if by_source > limits.per_source:
        return Treatment.HELD_BACK
    return Treatment.JUDGED if by_kind <= limits.per_account else Treatment.SLOWED


def slowed(limits: Limits, *, by_network: int, in_turn: int) -> Treatment:
    """Of a guess at an account that is under attack: the first of its network, and the how manieth of such."""
    within = by_network <= 1 and in_turn <= limits.per_source
    return Treatment.JUDGED if within else Treatment.HELD_BACK


def doubles(number: int) -> bool:
    """Whether the number is twice one of its kind: 1, 2, 4, 8 … Recording those alone bounds what a flood writes."""
    return number & (number - 1) == 0
