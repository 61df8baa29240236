"""What a rule of the posture is: a small pure function, with what is at stake and how it is mended beside it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Generic, TypeVar

from identity_service.domain.posture.clauses import Clause, Profile

Values = Mapping[str, Any]
"""The settings by their names, as plain values. Of a secret only whether there is one; of an address no password."""
S = TypeVar("S")
Judge = Callable[[S], str | None]
"""Says what is amiss with a thing as it is, in one line without anything secret; None: nothing."""
CLIENT_ID = "CLIENT_ID"
"""Stands in `mend` for the client that is meant."""


class Risk(IntEnum):
    """How much a finding matters. The worse, the higher."""

    INFO = 0
    LOW = 1
    MEDIUM = 2
    HIGH = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule(Generic[S]):
    """One thing that can be amiss.

    `reads` names the members of its subject that it decides by; `stake` is what somebody could do, or what is lost;
    `mend` names the setting or the command that ends it.
    """

    name: str
    risk: Risk
    reads: tuple[str, ...]
    clauses: tuple[Clause, ...]
    stake: str
    mend: str
    judge: Judge[S]

    def counts_for(self, profile: Profile | None) -> bool:
        """Whether the text asks for it; None: any text."""
        return profile is None or any(clause.profile is profile for clause in self.clauses)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What a rule found. `kind` is `settings`, `client`, `key` or `clients`; `subject` names the thing, and `label` is
    what people call it."""

    rule: Rule[Any]
    kind: str
    subject: str
    label: str
    found: str

    @property
    def mend(self) -> str:
        """With the client's id where one is meant."""
        return self.rule.mend.replace(CLIENT_ID, self.subject)


def rule(
    risk: Risk, *clauses: Clause, reads: tuple[str, ...], stake: str, mend: str
) -> Callable[[Judge[S]], Rule[S]]:
    """Makes a function a rule, which has the function's name."""

    def made(judge: Judge[S]) -> Rule[S]:
        name = getattr(judge, "__name__", "").replace("_", "-")
        return Rule(name=name, risk=risk, reads=reads, clauses=clauses, stake=stake, mend=mend, judge=judge)

    return made
