"""Who the demo is, whom it trusts, and how it wants to be registered there."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

SCOPE = "openid profile email"
NAME = "Browser demo"


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """A registered client of an OpenID provider. `url` is where browsers reach the demo, without a slash at its end.

    With a `key` (one of joserfc, private) it proves who it is by `private_key_jwt`, with a secret by that. With neither
    it is a public client, and PKCE alone ties the code to it.
    """

    issuer: str
    client_id: str
    url: str
    client_secret: str | None = field(default=None, repr=False)
    key: Any = field(default=None, repr=False)
    scope: str = SCOPE
    provider_name: str = "identity-service"

    @property
    def redirect_uri(self) -> str:
        """To be registered as one of `redirect_uris`."""
        return redirect_uri(self.url)

    @property
    def signed_out_uri(self) -> str:
        """To be registered as one of `post_logout_redirect_uris`."""
        return signed_out_uri(self.url)

    @property
    def backchannel_logout_uri(self) -> str:
        """To be registered under this name."""
        return backchannel_logout_uri(self.url)

    @property
    def authority(self) -> str:
        """Host and port, as browsers name them."""
        return urlsplit(self.url).netloc


def redirect_uri(url: str) -> str:
    """Where a demo at this URL wants to be answered."""
    return f"{url}/callback"


def signed_out_uri(url: str) -> str:
    """Where a demo at this URL wants people to come back to when they have signed out."""
    return f"{url}/signed-out"


def backchannel_logout_uri(url: str) -> str:
    """Where a demo at this URL wants to be told that a session is over."""
    return f"{url}/backchannel-logout"


def registration(url: str, jwks: Mapping[str, Any]) -> dict[str, Any]:
    """As what a demo at this URL with these keys wants to be registered: members of RFC 7591 §2, of OIDC Registration
    §2 and of OIDC Back-Channel Logout §2.2."""
    return {
        "client_name": NAME,
        "application_type": "native",
        "grant_types": ["authorization_code", "refresh_token"],
        "redirect_uris": [redirect_uri(url)],
        "post_logout_redirect_uris": [signed_out_uri(url)],
        "scope": SCOPE,
        "token_endpoint_auth_method": "private_key_jwt",
        "token_endpoint_auth_signing_alg": "ES256",
        "jwks": dict(jwks),
        "backchannel_logout_uri": backchannel_logout_uri(url),
        "backchannel_logout_session_required": True,
    }
