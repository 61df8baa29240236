"""A form counts only if this server's page gave it out, for this interaction, to this browser (OWASP)."""

import hmac
from base64 import urlsafe_b64encode

from identity_service.domain.value_objects.secret import Secret


class ForeignForm(Exception):
    """The form does not bear the token of its page."""


def token_for(key: Secret | None, purpose: str) -> str:
    """Made from the browser's own key, which no other page can read and which it does not give away."""
    made = hmac.digest(_bytes(key), b"form\0" + purpose.encode("utf-8", "surrogatepass"), "sha256")
    return urlsafe_b64encode(made).rstrip(b"=").decode("ascii")


def check(given: str | None, key: Secret | None, purpose: str) -> None:
    """Raises ForeignForm."""
    expected = token_for(key, purpose)
    if key is None or not hmac.compare_digest(_utf8(given or ""), _utf8(expected)):
        raise ForeignForm


def _bytes(key: Secret | None) -> bytes:
    return b"" if key is None else _utf8(key.reveal())


def _utf8(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
