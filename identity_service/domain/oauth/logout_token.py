"""What a logout token says (OIDC Back-Channel Logout 1.0 §2.4)."""

from dataclasses import dataclass
from typing import Any, Final

TYP: Final = "logout+jwt"
"""§2.4. A `typ` of its own, so that none is taken for an ID token."""
EVENT: Final = "http://schemas.openid.net/event/backchannel-logout"
LIFETIME_SECONDS: Final = 120
"""§4: two minutes at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogoutToken:
    """Whose session is over, for one client; `iat` is a NumericDate."""

    iss: str
    sub: str
    client_id: str
    sid: str
    iat: int
    jti: str


def to_claims(token: LogoutToken) -> dict[str, Any]:
    """The claim set; never with a `nonce` (§2.4)."""
    return {
        "iss": token.iss,
        "sub": token.sub,
        "aud": token.client_id,
        "iat": token.iat,
        "exp": token.iat + LIFETIME_SECONDS,
        "jti": token.jti,
        "sid": token.sid,
        "events": {EVENT: {}},
    }
