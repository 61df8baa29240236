"""Who the demo is, and whom it trusts."""

from dataclasses import dataclass, field
from urllib.parse import urlsplit

SCOPE = "openid profile email"


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """A registered client of an OpenID provider. `url` is where browsers reach the demo, without a slash at its end.

    Without a secret it is a public client, and PKCE alone ties the code to it.
    """

    issuer: str
    client_id: str
    url: str
    client_secret: str | None = field(default=None, repr=False)
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
    def authority(self) -> str:
        """Host and port, as browsers name them."""
        return urlsplit(self.url).netloc


def redirect_uri(url: str) -> str:
    """Where a demo at this URL wants to be answered."""
    return f"{url}/callback"


def signed_out_uri(url: str) -> str:
    """Where a demo at this URL wants people to come back to when they have signed out."""
    return f"{url}/signed-out"
