"""What the bodies about clients hold; members have their names from RFC 7591 §2 and OpenID Connect Registration §2."""

from typing import Any, Literal

from pydantic import ConfigDict, Field

from identity_service.api.json_body import Body
from identity_service.api.listing import ListingQuery
from identity_service.application.dto.client_view import ClientView

EXAMPLE: dict[str, Any] = {
    "client_name": "Shop",
    "grant_types": ["client_credentials"],
    "scope": "read write",
    "token_endpoint_auth_method": "client_secret_basic",
}
OPENID_EXAMPLE: dict[str, Any] = {
    "client_name": "Shop for phones",
    "redirect_uris": ["com.example.shop:/callback"],
    "post_logout_redirect_uris": ["com.example.shop:/signed-out"],
    "application_type": "native",
    "subject_type": "pairwise",
    "sector_identifier_uri": "https://shop.example/apps.json",
    "default_max_age": 86400,
    "logo_uri": "https://shop.example/logo.png",
    "contacts": ["apps@shop.example"],
    "scope": "read",
    "token_endpoint_auth_method": "none",
}
METHOD = (
    "`none` makes the client public, `private_key_jwt` one that signs and has no secret; null admits "
    "`client_secret_basic` and `client_secret_post`."
)
ALG = (
    "`alg` of its access tokens: RS256, PS256, ES256 or EdDSA, as far as the server's settings offer them. "
    "Null: the server's."
)
ID_TOKEN_ALG = "`alg` of its ID tokens, from the same list. Null: the server's."
USERINFO_ALG = "`alg` of what userinfo answers it. Null: plain JSON."
SCOPE = "Space-separated. Reserved scopes need the scope `admin`."
POST_LOGOUT = "Where people may be sent after they signed out; matched byte for byte."
BACKCHANNEL = "Where the server sends a logout token when a session ends that the client got an ID token in."
FRONTCHANNEL = (
    "A page that is shown in a hidden frame, with `iss` and `sid`, when a person signs out. It shares scheme, host and "
    "port with a redirect URI."
)
SESSION_REQUIRED = "Whether it needs the `sid`; it is told one always."
APPLICATION_TYPE = (
    "`web`: comes back to https, or to http on loopback. `native`: to private-use schemes, too."
)
SUBJECT_TYPE = "`pairwise`: the client knows people under a `sub` that no client of another sector knows."
SECTOR = (
    "An https URL whose host is the client's sector, and which answers with a JSON array that has every redirect URI; "
    "it is asked while the client is saved. A pairwise client needs it unless its redirect URIs are all on one host "
    "that is not loopback."
)
MAX_AGE = "Seconds, 0 to 31536000, after which people sign in again. Null: no limit."
AUTH_TIME = "Whether `auth_time` is in every ID token."
ACR_VALUES = "Wanted `acr` values, the best first."
FIRST_PARTY = "People are not asked for consent. Needs the scope `admin`."
JWKS = "Its public keys, a JWK Set (RFC 7517); not together with `jwks_uri`."
JWKS_URI = "An https URL from which its public keys are fetched, on a public address."
AUTH_ALG = (
    "`alg` of its client assertions: RS256, PS256, ES256 or EdDSA. Null: whichever of them fits the key. For "
    "`private_key_jwt` alone."
)
REQUEST_URIS = (
    "Where it publishes request objects, if the server takes them by reference: https URLs on public addresses; a "
    "fragment is the base64url SHA-256 of what is there. Compared byte for byte."
)
REQUEST_ALG = (
    "`alg` of its request objects: RS256, PS256, ES256 or EdDSA. Null: whichever of them fits the key."
)
SIGNED_REQUESTS = (
    "Whether it asks by signed request objects (RFC 9101) and in no other way. Needs its public keys."
)
LOGO_URI = (
    "An https URL of a PNG, JPEG, GIF or WebP of at most 256 KiB and 2048 pixels each way, on a public address. It is "
    "fetched soon after it is registered, and shown from here."
)
INITIATE_LOGIN = (
    "An https URL at which it begins a sign-in when somebody else asks (OIDC Core §4), with this server as `iss`. Its "
    "people find it among their applications."
)
TIER = (
    "A tier of the policy of rate limits, whose quotas count for it. Null, or a tier that the policy does not know: "
    "those of all clients."
)
PKCE = "Whether every code needs a challenge (RFC 7636). False is for confidential clients alone."


ApplicationType = Literal["web", "native"]
SubjectType = Literal["public", "pairwise"]


class DescriptiveMembers(Body):
    """What describes a client and decides nothing."""

    client_uri: str | None = Field(None, description="An https URL.")
    logo_uri: str | None = Field(None, description=LOGO_URI)
    tos_uri: str | None = Field(None, description="An https URL.")
    policy_uri: str | None = Field(None, description="An https URL.")
    initiate_login_uri: str | None = Field(None, description=INITIATE_LOGIN)
    contacts: list[str] | None = Field(None, description="Who answers for it, as people read it.")
    software_id: str | None = Field(None, description="The same for every installation of one program.")
    software_version: str | None = None


class NewClientBody(DescriptiveMembers):
    """A client to be registered."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE, OPENID_EXAMPLE]})

    client_name: str = Field(description="1 to 200 characters.")
    grant_types: list[str] = Field(default_factory=list, description="What the client may use.")
    response_types: list[str] = Field(default_factory=list)
    redirect_uris: list[str] = Field(default_factory=list, description="Matched byte for byte.")
    scope: str = Field("", description=SCOPE)
    token_endpoint_auth_method: str | None = Field(None, description=METHOD)
    resource_server: bool = Field(False, description="May introspect tokens meant for its audiences.")
    audiences: list[str] = Field(
        default_factory=list, description="Default for a resource server: the server's default audience."
    )
    access_token_ttl: int | None = Field(None, description="Seconds, 30 to 86400. Null: the server's.")
    refresh_token_ttl: int | None = Field(None, description="Seconds, 60 to 31536000. Null: the server's.")
    refresh_reuse_grace: int | None = Field(None, description="Seconds, 0 to 300. Null: the server's.")
    access_token_signed_response_alg: str | None = Field(None, description=ALG)
    post_logout_redirect_uris: list[str] = Field(default_factory=list, description=POST_LOGOUT)
    backchannel_logout_uri: str | None = Field(None, description=BACKCHANNEL)
    backchannel_logout_session_required: bool = Field(False, description=SESSION_REQUIRED)
    frontchannel_logout_uri: str | None = Field(None, description=FRONTCHANNEL)
    frontchannel_logout_session_required: bool = Field(False, description=SESSION_REQUIRED)
    application_type: ApplicationType = Field("web", description=APPLICATION_TYPE)
    subject_type: SubjectType = Field("public", description=SUBJECT_TYPE)
    sector_identifier_uri: str | None = Field(None, description=SECTOR)
    id_token_signed_response_alg: str | None = Field(None, description=ID_TOKEN_ALG)
    userinfo_signed_response_alg: str | None = Field(None, description=USERINFO_ALG)
    default_max_age: int | None = Field(None, description=MAX_AGE)
    require_auth_time: bool = Field(False, description=AUTH_TIME)
    default_acr_values: list[str] = Field(default_factory=list, description=ACR_VALUES)
    first_party: bool = Field(False, description=FIRST_PARTY)
    require_pkce: bool = Field(True, description=PKCE)
    jwks: dict[str, Any] | None = Field(None, description=JWKS)
    jwks_uri: str | None = Field(None, description=JWKS_URI)
    token_endpoint_auth_signing_alg: str | None = Field(None, description=AUTH_ALG)
    request_uris: list[str] = Field(default_factory=list, description=REQUEST_URIS)
    request_object_signing_alg: str | None = Field(None, description=REQUEST_ALG)
    require_signed_request_object: bool = Field(False, description=SIGNED_REQUESTS)
    rate_limit_tier: str | None = Field(None, description=TIER)


class ClientPatch(DescriptiveMembers):
    """Members to change; null unsets where it may."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"scope": "read"}]})

    client_name: str = Field(default_factory=str, description="1 to 200 characters.")
    grant_types: list[str] = Field(default_factory=list)
    response_types: list[str] = Field(default_factory=list)
    redirect_uris: list[str] = Field(default_factory=list)
    scope: str = Field(default_factory=str, description=SCOPE)
    token_endpoint_auth_method: str | None = Field(None, description=METHOD)
    resource_server: bool = Field(default_factory=bool)
    audiences: list[str] = Field(default_factory=list)
    access_token_ttl: int | None = None
    refresh_token_ttl: int | None = None
    refresh_reuse_grace: int | None = None
    access_token_signed_response_alg: str | None = Field(None, description=ALG)
    post_logout_redirect_uris: list[str] = Field(default_factory=list, description=POST_LOGOUT)
    backchannel_logout_uri: str | None = Field(None, description=BACKCHANNEL)
    backchannel_logout_session_required: bool = Field(default_factory=bool, description=SESSION_REQUIRED)
    frontchannel_logout_uri: str | None = Field(None, description=FRONTCHANNEL)
    frontchannel_logout_session_required: bool = Field(default_factory=bool, description=SESSION_REQUIRED)
    application_type: ApplicationType = Field("web", description=APPLICATION_TYPE)
    subject_type: SubjectType = Field("public", description=SUBJECT_TYPE)
    sector_identifier_uri: str | None = Field(None, description=SECTOR)
    id_token_signed_response_alg: str | None = Field(None, description=ID_TOKEN_ALG)
    userinfo_signed_response_alg: str | None = Field(None, description=USERINFO_ALG)
    default_max_age: int | None = Field(None, description=MAX_AGE)
    require_auth_time: bool = Field(default_factory=bool, description=AUTH_TIME)
    default_acr_values: list[str] = Field(default_factory=list, description=ACR_VALUES)
    first_party: bool = Field(default_factory=bool, description=FIRST_PARTY)
    require_pkce: bool = Field(default_factory=bool, description=PKCE)
    jwks: dict[str, Any] | None = Field(None, description=JWKS)
    jwks_uri: str | None = Field(None, description=JWKS_URI)
    token_endpoint_auth_signing_alg: str | None = Field(None, description=AUTH_ALG)
    request_uris: list[str] = Field(default_factory=list, description=REQUEST_URIS)
    request_object_signing_alg: str | None = Field(None, description=REQUEST_ALG)
    require_signed_request_object: bool = Field(default_factory=bool, description=SIGNED_REQUESTS)
    rate_limit_tier: str | None = Field(None, description=TIER)


class RotationBody(Body):
    """How a secret is rotated."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"overlap_seconds": 3600}]})

    overlap_seconds: int | None = Field(
        None,
        description="How long the old secret still works; null: the server's setting. One that was rotated out "
        "earlier keeps its own end; at most five work at once. 0 ends all of them now, and every token of the client.",
    )


class ClientSecretView(ClientView):
    """A client with the secret that was just made for it: it is never shown again."""

    client_secret: str | None = Field(
        None, examples=["ids_…"], description="Absent for a client that has none."
    )
    client_secret_expires_at: int | None = Field(
        None, description="0: never (RFC 7591 §3.2.1). Stands where `client_secret` does."
    )


class ClientQuery(ListingQuery):
    """Filters are exact."""

    client_name: str | None = Field(None, max_length=1024)
    self_registered: bool | None = Field(
        None, description="Only those that registered themselves, or only the others."
    )
    sort: Literal["created_at", "-created_at", "client_name", "-client_name"] = Field(
        "created_at", description="`-` in front: descending."
    )
