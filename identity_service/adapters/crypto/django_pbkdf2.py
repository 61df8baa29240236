"""Decides how a password hash that Django made (`pbkdf2_sha256$…`) is read; none is ever made."""

import re
from base64 import b64decode
from hashlib import pbkdf2_hmac
from hmac import compare_digest
from typing import Final

from identity_service.adapters.crypto.scheme import MalformedHash

_MOST_ITERATIONS: Final = 5_000_000  # some seconds: a foreign hash must not hold a thread for longer
_FORM: Final = re.compile(r"pbkdf2_sha256\$([0-9]{1,7})\$([^$]{1,128})\$([A-Za-z0-9+/]{43}=)")


class DjangoPbkdf2:
    """PBKDF2-HMAC-SHA-256 (RFC 8018 §5.2) in the form `pbkdf2_sha256$iterations$salt$base64`."""

    def verify(self, secret: bytes, encoded: str) -> bool:
        """Checks a hash of up to 5,000,000 iterations. Raises MalformedHash.

        HMAC fills its key up with NUL, so that a password and the same with NULs behind it are one to PBKDF2;
        with NUL there is no match here.
        """
        form = _FORM.fullmatch(encoded)
        if form is None:
            raise MalformedHash("pbkdf2_sha256: not of the form pbkdf2_sha256$iterations$salt$digest")
        iterations = int(form[1])
        if not 1 <= iterations <= _MOST_ITERATIONS:
            raise MalformedHash(
                f"pbkdf2_sha256: {iterations} iterations, allowed are 1 to {_MOST_ITERATIONS}"
            )
        salt = form[2].encode("utf-8", "surrogatepass")
        matches = compare_digest(pbkdf2_hmac("sha256", secret, salt, iterations), b64decode(form[3]))
        return matches and b"\0" not in secret
