"""Which passwords can be set (NIST SP 800-63B-4 §3.1.1.2: length and being unknown count, composition does not)."""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from unicodedata import normalize

from identity_service.domain.refusals import Fault, Unacceptable
from identity_service.domain.services.context_words import without_words
from identity_service.domain.value_objects.secret import Secret

FEWEST, MOST = 8, 1024
"""Code points, counted in NFC; FEWEST is the least that a policy can ask for."""
LEAST_SCORE = 3
"""Out of 4: more than 10**8 guesses, which a slow hash makes more than somebody with a copy of the database has."""


class Unfit(StrEnum):
    """Why a password cannot be set."""

    MALFORMED = "malformed"
    SHORT = "short"
    LONG = "long"
    COMMON = "common"
    PERSONAL = "personal"
    WEAK = "weak"
    BREACHED = "breached"


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordPolicy:
    """What is asked of a new password: code points, and a score of 0 to 4 (0: whatever it is).

    At sign-in no policy applies: there a password is merely right or wrong.
    """

    fewest: int = FEWEST
    least_score: int = LEAST_SCORE

    def formed(self, password: Secret, *, member: str = "password") -> str:
        """The password in NFC (RFC 8265 §4.2), `fewest` to 1,024 code points long.

        Raises:
            Unacceptable: too short, too long, or no well-formed text.
        """
        text = password.reveal()
        if len(text) > MOST * 4:  # no need to normalise megabytes; NFC shortens by less than this
            raise self.refusal(Unfit.LONG, member=member)
        if any("\ud800" <= character <= "\udfff" for character in text):
            raise self.refusal(Unfit.MALFORMED, member=member)
        composed = normalize("NFC", text)
        if len(composed) < self.fewest:
            raise self.refusal(Unfit.SHORT, member=member)
        if len(composed) > MOST:
            raise self.refusal(Unfit.LONG, member=member)
        return composed

    def check_words(self, text: str, words: Collection[str], *, member: str = "password") -> None:
        """A password may hold words that anybody knows of its owner or of this server, but not consist of them.

        Raises:
            Unacceptable: without `words` (as `context_words` makes them) fewer than 8 code points are left.
        """
        bare = without_words(text, words)
        if bare is not None and len(bare) < FEWEST:
            raise self.refusal(Unfit.PERSONAL, member=member)

    def refusal(self, reason: Unfit, *, member: str = "password") -> Unacceptable:
        """The refusal, in fixed words that tell nothing of the password."""
        return Unacceptable((Fault(member, self._description(reason), reason),))

    def _description(self, reason: Unfit) -> str:
        return {
            Unfit.MALFORMED: "is not well-formed text",
            Unfit.SHORT: f"must have at least {self.fewest} characters",
            Unfit.LONG: f"must not be longer than {MOST} characters",
            Unfit.COMMON: "is one of the passwords that are tried first: choose one that nobody else has",
            Unfit.PERSONAL: f"must have at least {FEWEST} characters besides names and addresses of this account and "
            "of this server",
            Unfit.WEAK: "is too easy to guess: make it longer, or less like words, names, dates and rows of keys",
            Unfit.BREACHED: "is known from a data breach: choose another one",
        }[reason]
