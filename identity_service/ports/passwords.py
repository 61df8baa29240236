"""Decides what the core may ask about a password that somebody chooses."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Appraisal:
    """`common`: it is on a list of those that are tried first. `score` is 0 (fewer than 10**3 guesses), 1 (10**6),
    2 (10**8), 3 (10**10) or 4."""

    common: bool
    score: int


class Appraise(Protocol):
    """Estimates how hard a password is to guess, off the event loop, in bounded time."""

    async def __call__(self, password: str, *, words: Collection[str], address: str | None) -> Appraisal:
        """`words` are known to whoever guesses; `address` is the caller's, for a fair queue. Raises HashingBusy."""
        ...


class RangeUnavailable(Exception):
    """The breached passwords cannot be looked up; the text is for the log."""


class BreachRanges(Protocol):
    """Passwords from data breaches, asked for by a part of their digest that many share (k-anonymity): whoever
    answers does not learn which one was meant."""

    async def suffixes(self, prefix: str) -> Collection[str]:
        """Of all known SHA-1 digests (40 upper-case hex digits) that begin with these 5, the other 35 digits.

        Raises RangeUnavailable.
        """
        ...
