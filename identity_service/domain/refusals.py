"""Why an order about a user or a client is refused, in fixed words that never quote what was sent."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one member of an order. `member` may be a path: `redirect_uris/2`; `reason` is for whoever
    says it in words of their own, a page for example."""

    member: str
    description: str
    reason: str | None = None


class Unacceptable(ValueError):
    """Members that cannot be taken as they are."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("; ".join(f"{fault.member}: {fault.description}" for fault in self.faults))

    @classmethod
    def of(cls, member: str, description: str) -> "Unacceptable":
        """One member's fault."""
        return cls((Fault(member, description),))


class NotFound(Exception):
    """There is no such user or client."""


class ChangedMeanwhile(Exception):
    """The caller saw another version than the one there is, so its change is not made."""


class OutOfState(Exception):
    """The order is fine in itself, but not for what its object is now."""

    def __init__(self, description: str) -> None:
        super().__init__(description)
        self.description = description


class Faults:
    """Gathers faults, so that a caller learns of all of them at once."""

    def __init__(self) -> None:
        self._found: list[Fault] = []

    @contextmanager
    def gathered(self) -> Iterator[None]:
        """Notes what the block refuses, and goes on behind it."""
        try:
            yield
        except Unacceptable as refusal:
            self._found += refusal.faults

    def check(self) -> None:
        """Raises Unacceptable if anything was found."""
        if self._found:
            raise Unacceptable(self._found)
