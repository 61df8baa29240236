"""What a request to the authorization endpoint has to be, rule by rule, in the order in which the rules are asked.

Until client and redirect URI are certain a refusal is *shown* to the person, who came here by a broken link or a trap;
from then on it is *answered*: the client is told by redirect (RFC 6749 §4.1.2.1).

| asked of                         | by                       | refused                       |
|----------------------------------|--------------------------|-------------------------------|
| client_id: one, known, active    | `client_named`           | shown                         |
| request, request_uri             | `RequestObjects`         | answered where the parameters |
|                                  |                          | beside it say, else shown     |
| redirect_uri: one, registered    | `redirect_uri_of`        | shown                         |
| everything else                  | `CHECKS`, one after one  | answered                      |

From a request object on, only what is in the object is asked (`domain.oauth.request_object`).
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from identity_service.domain.entities.authorization_request import AuthorizationRequest
from identity_service.domain.entities.client import Client
from identity_service.domain.oauth.authorize_errors import (
    RegistrationNotSupported,
    UnsupportedResponseType,
)
from identity_service.domain.oauth.authorize_target import LONGEST, is_plain, is_registered
from identity_service.domain.oauth.claims_request import parse_claims_request
from identity_service.domain.oauth.errors import InvalidRequest, InvalidScope, UnauthorizedClient
from identity_service.domain.oauth.parameters import REPEATABLE, Query
from identity_service.domain.oauth.pkce import parse_challenge
from identity_service.domain.oauth.response_modes import QUERY, RESPONSE_MODES
from identity_service.domain.oauth.scope_policy import LEFT_OUT_QUIETLY
from identity_service.domain.value_objects.scope import Scope

PROMPTS = ("none", "login", "consent", "select_account")
DISPLAYS = ("page", "popup", "touch", "wap")
GRANT = "authorization_code"
LONGEST_ID_TOKEN = 16_384
MOST_VALUES = 50

_SECONDS = re.compile(r"[0-9]{1,9}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request whose client and redirect URI are certain. `hinted` answers the subject of an ID token of ours, and
    raises InvalidRequest for anything else."""

    query: Query
    client: Client
    hinted: Callable[[str], str]

    def text(self, name: str, *, longest: int = LONGEST) -> str | None:
        """One value, None when it is not there. Raises InvalidRequest."""
        value = self.query.parameters.get(name)
        if value is not None and not is_plain(value, longest):
            raise InvalidRequest("a parameter is too long or has a control character")
        return value

    def words(self, name: str) -> tuple[str, ...]:
        """A list with spaces between its words, each once."""
        words = tuple(dict.fromkeys((self.text(name) or "").split(" ")))
        if len(words) > MOST_VALUES:
            raise InvalidRequest("a parameter has too many values")
        return tuple(word for word in words if word)


Check = Callable[[Asked], Mapping[str, Any]]


def checked(asked: Asked, *, redirect_uri: str, redirect_uri_sent: bool) -> AuthorizationRequest:
    """The request, with what every rule has taken from it. Raises an OAuthError, to be answered."""
    members: dict[str, Any] = {}
    for check in CHECKS:
        members.update(check(asked))
    return AuthorizationRequest(
        client_id=asked.client.client_id,
        client_epoch=asked.client.epoch,
        redirect_uri=redirect_uri,
        redirect_uri_sent=redirect_uri_sent,
        **members,
    )


def still_fits(request: AuthorizationRequest, client: Client) -> bool:
    """Whether a request that was checked before may be answered to the client as it is registered today: people take
    their time, and an administrator may have taken a redirect URI or the grant away meanwhile."""
    return client.active and GRANT in client.grant_types and is_registered(request.redirect_uri, client)


def _nothing_repeated(asked: Asked) -> Mapping[str, Any]:
    if asked.query.repeated - REPEATABLE:
        raise InvalidRequest("a parameter is repeated")
    return {"audience": asked.query.parameters.all("resource")}


def _no_registration(asked: Asked) -> Mapping[str, Any]:
    if "registration" in asked.query.parameters.names:
        raise RegistrationNotSupported
    return {}


def _response_mode(asked: Asked) -> Mapping[str, Any]:
    mode = asked.text("response_mode") or QUERY
    if mode not in RESPONSE_MODES:
        raise InvalidRequest("response_mode is not one of those that are supported")
    return {"response_mode": mode}


def _response_type(asked: Asked) -> Mapping[str, Any]:
    if asked.query.parameters.require("response_type") != "code":
        raise UnsupportedResponseType
    if GRANT not in asked.client.grant_types:
        raise UnauthorizedClient("the client is not registered for the grant type authorization_code")
    return {}


def _scope(asked: Asked) -> Mapping[str, Any]:
    """With `openid`, what is unknown is ignored (OIDC Core §3.1.2.1); without, it refuses (RFC 6749 §3.3)."""
    text = asked.query.parameters.get("scope")
    registered = asked.client.scope
    if "refresh_token" not in asked.client.grant_types:
        registered -= Scope(("offline_access",))
    if text is None:
        return {"scope": registered.without_reserved() - LEFT_OUT_QUIETLY}
    wanted = Scope.parse(text)
    if "openid" not in registered & wanted and wanted - registered - LEFT_OUT_QUIETLY:
        raise InvalidScope("a scope is unknown or not allowed", detail=str(wanted - registered))
    return {"scope": wanted & registered}


def _pkce(asked: Asked) -> Mapping[str, Any]:
    client = asked.client
    return {
        "code_challenge": parse_challenge(
            asked.text("code_challenge"),
            asked.text("code_challenge_method"),
            required=client.is_public or client.require_pkce,
        )
    }


def _texts(asked: Asked) -> Mapping[str, Any]:
    return {name: asked.text(name) for name in ("state", "nonce", "login_hint")}


def _prompt(asked: Asked) -> Mapping[str, Any]:
    prompt = frozenset(asked.words("prompt"))
    if not prompt <= set(PROMPTS):
        raise InvalidRequest("prompt has a value that is not supported")
    if "none" in prompt and len(prompt) > 1:
        raise InvalidRequest("prompt=none stands alone")
    return {"prompt": prompt}


def _max_age(asked: Asked) -> Mapping[str, Any]:
    text = asked.text("max_age")
    if text is None:
        return {"max_age": asked.client.default_max_age}
    if _SECONDS.fullmatch(text) is None:
        raise InvalidRequest("max_age is not a number of seconds")
    return {"max_age": int(text)}


def _display(asked: Asked) -> Mapping[str, Any]:
    """Every page of ours fits a phone as well as a popup, so that nothing follows from it."""
    if asked.text("display") not in (None, *DISPLAYS):
        raise InvalidRequest("display has a value that is not supported")
    return {}


def _lists(asked: Asked) -> Mapping[str, Any]:
    return {
        "ui_locales": asked.words("ui_locales"),
        "acr_values": asked.words("acr_values") or tuple(asked.client.default_acr_values),
    }


def _claims_and_hint(asked: Asked) -> Mapping[str, Any]:
    """The one person that will do may be named in two ways, which must not contradict each other."""
    claims = parse_claims_request(asked.query.parameters.get("claims"))
    hint = asked.text("id_token_hint", longest=LONGEST_ID_TOKEN)
    hinted = None if hint is None else asked.hinted(hint)
    if hinted and claims.sub and hinted != claims.sub:
        raise InvalidRequest("claims and id_token_hint name different people")
    return {"claims": claims, "subject": hinted or claims.sub}


CHECKS: tuple[Check, ...] = (
    _nothing_repeated,
    _response_mode,
    _no_registration,
    _response_type,
    _scope,
    _pkce,
    _texts,
    _prompt,
    _max_age,
    _display,
    _lists,
    _claims_and_hint,
)
"""In this order: of several faults the first here is told."""
