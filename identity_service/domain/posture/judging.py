"""What the rules find in a thing, and which clients could be used with FAPI 2.0."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Final, TypeVar

from identity_service.domain.posture.clauses import Clause, Profile, fapi2
from identity_service.domain.posture.rule import Finding, Rule

S = TypeVar("S")
SETTINGS: Final = "settings"
KEY: Final = "key"
CLIENT: Final = "client"
CLIENTS: Final = "clients"

NOT_OFFERED: tuple[tuple[Clause, str], ...] = (
    (fapi2("5.3.2.1", 4), "access tokens that are bound to a key (mutual TLS, DPoP)"),
    (
        fapi2("5.3.2.1", 8),
        "assertions that are refused unless the issuer alone is their audience, as a string",
    ),
    (fapi2("5.3.2.2", 3), "pushed authorization requests (RFC 9126), and nothing else"),
)
"""What FAPI 2.0 wants of a server and this one has not, whatever is set."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """A thing that was looked at, and all that was found. `kind` is one of those above."""

    kind: str
    subject: str
    label: str
    findings: tuple[Finding, ...]

    @property
    def fits_fapi2(self) -> bool:
        """Whether nothing of it stands against FAPI 2.0."""
        return not any(found.rule.counts_for(Profile.FAPI2) for found in self.findings)


def examined(rules: Iterable[Rule[S]], thing: S, *, kind: str, subject: str, label: str) -> Examined:
    """Every rule held against one thing."""
    findings = tuple(
        Finding(rule=rule, kind=kind, subject=subject, label=label, found=found)
        for rule in rules
        if (found := rule.judge(thing)) is not None
    )
    return Examined(kind=kind, subject=subject, label=label, findings=findings)


def counted(
    findings: Iterable[Finding], *, profile: Profile | None, ignored: Collection[str]
) -> Iterator[Finding]:
    """Those that the profile asks for and nobody chose to ignore."""
    return (each for each in findings if each.rule.counts_for(profile) and each.rule.name not in ignored)
