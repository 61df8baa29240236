"""Which texts a posture is held against, and how a place in one of them is written."""

from dataclasses import dataclass
from enum import StrEnum


class Profile(StrEnum):
    """A text that a deployment may want to meet as a whole."""

    RFC9700 = "rfc9700"
    OAUTH21 = "oauth21"
    FAPI2 = "fapi2"
    ASVS = "asvs"


TITLES = {
    Profile.RFC9700: "RFC 9700",
    Profile.OAUTH21: "OAuth 2.1",
    Profile.FAPI2: "FAPI 2.0",
    Profile.ASVS: "ASVS 5.0",
}
EDITIONS = {
    Profile.RFC9700: "RFC 9700, Best Current Practice for OAuth 2.0 Security",
    Profile.OAUTH21: "The OAuth 2.1 Authorization Framework, draft-ietf-oauth-v2-1-16",
    Profile.FAPI2: "FAPI 2.0 Security Profile, Final",
    Profile.ASVS: "OWASP Application Security Verification Standard 5.0.0; chapters 9 and 10 as a whole",
}


@dataclass(frozen=True, slots=True)
class Clause:
    """A place in a text; `profile` None: in one that nobody is measured by as a whole."""

    profile: Profile | None
    place: str

    def __str__(self) -> str:
        return f"{TITLES[self.profile]} {self.place}" if self.profile else self.place


def rfc9700(place: str) -> Clause:
    """A section of RFC 9700."""
    return Clause(Profile.RFC9700, f"§{place}")


def oauth21(place: str) -> Clause:
    """A section of the draft of OAuth 2.1."""
    return Clause(Profile.OAUTH21, f"§{place}")


def fapi2(place: str, item: int | None = None) -> Clause:
    """A section of the FAPI 2.0 Security Profile, and the number of the requirement in it."""
    return Clause(Profile.FAPI2, f"§{place}" + (f" item {item}" if item else ""))


def asvs(number: str) -> Clause:
    """A requirement of the ASVS."""
    return Clause(Profile.ASVS, f"V{number}")


def text(place: str) -> Clause:
    """A place in any other text, named in full."""
    return Clause(None, place)
