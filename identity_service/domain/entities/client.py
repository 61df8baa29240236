"""An OAuth client: a program that asks for tokens, or checks them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from identity_service.domain.value_objects.ids import ClientId
from identity_service.domain.value_objects.scope import Scope

MOST_SECRETS = 5
"""How many secrets of a client work at once, at most: whoever loses the answer of a rotation rotates again, and the
secret that is in use everywhere must not end by that."""


WITHOUT_SECRET = frozenset({"none", "private_key_jwt"})


def has_secret(token_endpoint_auth_method: str | None) -> bool:
    """Whether a client of this method has a secret."""
    return token_endpoint_auth_method not in WITHOUT_SECRET


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientSecret:
    """What is kept of a client's secret.

    `scheme` is `sha256` (a secret of ours: 256 random bits, so its plain digest is enough) or `password`
    (brought along and short: `stored` is then a slow hash and attempts are limited).
    """

    id: str
    scheme: str
    stored: str = field(repr=False)
    expires_at: datetime | None
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """A registered client; members are named as RFC 7591 §2 and OpenID Connect Registration §2 name them, and what
    those take for granted is the default here.

    `token_endpoint_auth_method` None admits `client_secret_basic` and `client_secret_post`; `none` makes the
    client public; with `private_key_jwt` it has the public keys of `jwks`, or of `jwks_uri`, and no secret.
    `token_endpoint_auth_signing_alg` and `request_object_signing_alg` None: whatever fits the key. Durations are
    seconds; None means the server's setting, as it does for the algorithms of access and ID tokens.
    `userinfo_signed_response_alg` None: userinfo answers plain JSON.
    `default_max_age` None: no limit. `first_party`: people are not asked for consent.
    `require_pkce` False: a code may be asked for without a challenge. `rate_limit_tier` names the quotas that count for
    it; None, or a tier that the policy does not know: those of all clients. `metadata` has the members that merely
    describe; `logo_digest` names what this server keeps of its `logo_uri`. `registered_by` None: an administrator
    registered it; else it registered itself, and this is the id of the initial access token that it came with, or
    `open`.
    `server_epoch` is the server's own, as the statement that read the client saw it.
    """

    client_id: ClientId
    client_name: str
    grant_types: frozenset[str]
    response_types: tuple[str, ...]
    redirect_uris: tuple[str, ...]
    scope: Scope
    token_endpoint_auth_method: str | None
    resource_server: bool
    audiences: frozenset[str]
    access_token_ttl: int | None
    refresh_token_ttl: int | None
    refresh_reuse_grace: int | None
    access_token_signed_response_alg: str | None
    post_logout_redirect_uris: tuple[str, ...] = ()
    backchannel_logout_uri: str | None = None
    backchannel_logout_session_required: bool = False
    frontchannel_logout_uri: str | None = None
    frontchannel_logout_session_required: bool = False
    application_type: str = "web"
    subject_type: str = "public"
    sector_identifier_uri: str | None = None
    id_token_signed_response_alg: str | None = None
    userinfo_signed_response_alg: str | None = None
    default_max_age: int | None = None
    require_auth_time: bool = False
    default_acr_values: tuple[str, ...] = ()
    first_party: bool = False
    require_pkce: bool = True
    jwks: Mapping[str, Any] | None = None
    jwks_uri: str | None = None
    token_endpoint_auth_signing_alg: str | None = None
    request_uris: tuple[str, ...] = ()
    request_object_signing_alg: str | None = None
    require_signed_request_object: bool = False
    rate_limit_tier: str | None = None
    logo_digest: str | None = None
    registered_by: str | None = None
    metadata: Mapping[str, Any]
    secrets: tuple[ClientSecret, ...]
    active: bool
    epoch: int
    server_epoch: int
    version: int
    created_at: datetime
    updated_at: datetime

    @property
    def is_public(self) -> bool:
        """Whether the client cannot keep a secret (RFC 6749 §2.1)."""
        return self.token_endpoint_auth_method == "none"

    @property
    def has_secret(self) -> bool:
        """Whether it authenticates by a secret."""
        return has_secret(self.token_endpoint_auth_method)

    @property
    def is_pairwise(self) -> bool:
        """Whether it knows people under names that no other sector knows (OIDC Core §8.1)."""
        return self.subject_type == "pairwise"
