"""Which passwords can be set (NIST SP 800-63B §3.1.1.2: length counts, composition does not)."""

from unicodedata import normalize

from identity_service.domain.refusals import Unacceptable
from identity_service.domain.value_objects.secret import Secret

FEWEST, MOST = 8, 1024
"""Code points, counted in NFC."""


def acceptable_password(password: Secret, *, member: str = "password") -> str:
    """The password in NFC (RFC 8265 §4.2), 8 to 1,024 code points long.

    At sign-in no policy applies: there a password is merely right or wrong.

    Raises:
        Unacceptable: too short, too long, or no well-formed text.
    """
    text = password.reveal()
    if len(text) > MOST * 4:  # no need to normalise megabytes; NFC shortens by less than this
        raise Unacceptable.of(member, f"must not be longer than {MOST} characters")
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise Unacceptable.of(member, "is not well-formed text")
    composed = normalize("NFC", text)
    if len(composed) < FEWEST:
        raise Unacceptable.of(member, f"must have at least {FEWEST} characters")
    if len(composed) > MOST:
        raise Unacceptable.of(member, f"must not be longer than {MOST} characters")
    return composed
