"""A request to authorize that has been checked: what a client may be answered with once its person agrees."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from identity_service.domain.oauth.claims_request import ClaimsRequest
from identity_service.domain.value_objects.ids import ClientId
from identity_service.domain.value_objects.scope import Scope


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorizationRequest:
    """Nothing in it comes unchecked from outside, but `state`, `nonce`, `login_hint` are texts of the client's.

    Attributes:
        client_epoch: what the client's epoch was when the request was checked.
        redirect_uri: where the answer goes; one of the client's own.
        redirect_uri_sent: whether the request named it, so that the token request has to (RFC 6749 §4.1.3).
        response_mode: `query` or `form_post`.
        audience: the `resource` parameters (RFC 8707); empty for the server's default.
        max_age: seconds since the last sign-in, at most; None for no limit.
        subject: the one person that will do, by `id_token_hint` or the `claims` parameter, as the client knows them.
        acr_values: levels that would be welcome, the best first.
    """

    client_id: ClientId
    client_epoch: int
    redirect_uri: str
    redirect_uri_sent: bool
    response_mode: str
    scope: Scope
    state: str | None
    nonce: str | None
    code_challenge: str | None
    prompt: frozenset[str]
    max_age: int | None
    login_hint: str | None
    subject: str | None
    ui_locales: tuple[str, ...]
    acr_values: tuple[str, ...]
    claims: ClaimsRequest
    audience: tuple[str, ...]

    @property
    def speaks_openid(self) -> bool:
        """Whether this is an authentication request (OIDC Core §3.1.2.1), answered with an ID token."""
        return "openid" in self.scope

    def to_json(self) -> dict[str, Any]:
        """For the row of the interaction."""
        return asdict(self) | {
            "scope": str(self.scope),
            "prompt": sorted(self.prompt),
        }


def from_json(kept: Mapping[str, Any]) -> AuthorizationRequest:
    """Reads back what `to_json` wrote."""
    lists = ("ui_locales", "acr_values", "audience")
    claims: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in kept["claims"].items()
    }
    return AuthorizationRequest(
        **{
            **kept,
            "scope": Scope.parse(kept["scope"]),
            "prompt": frozenset(kept["prompt"]),
            "claims": ClaimsRequest(**claims),
            **{name: tuple(kept[name]) for name in lists},
        }
    )
