"""What can come of asking a client's server, in words that are counted."""

from collections import Counter
from typing import Final, Literal

from identity_service.ports.fetch import Unfetchable

Outcome = Literal["answered", "forbidden", "no_look_up", "unreachable", "late", "unwanted"]
"""`forbidden`: such a URL, or the address that it leads to, is not asked. `no_look_up`: too many names are being looked
up. `unwanted`: there was an answer, and it is not what was asked for."""
ANSWERED: Final = "answered"


class Failed(Unfetchable):
    """Why there is nothing, for the log and for the count."""

    def __init__(self, outcome: Outcome, reason: str) -> None:
        super().__init__(reason)
        self.outcome: Outcome = outcome


class Asked:
    """How often servers were asked, by what for and with what outcome. `kind` is a word of ours."""

    def __init__(self) -> None:
        self.counts: Counter[tuple[str, Outcome]] = Counter()

    def add(self, kind: str, outcome: Outcome) -> None:
        """Once more."""
        self.counts[kind, outcome] += 1
