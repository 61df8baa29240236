"""Where the answer to a request to authorize goes, which has to be certain before anything else of it is judged."""

import re

from identity_service.domain.entities.client import Client
from identity_service.domain.oauth.errors import InvalidRequest
from identity_service.domain.oauth.parameters import Query
from identity_service.domain.oauth.response_modes import FORM_POST, QUERY
from identity_service.domain.value_objects.redirect_uri import matches

LONGEST = 2048
"""Characters of a `state`, `nonce` or hint: they are kept while the person is asked, and sent back in a URL."""

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def client_named(query: Query) -> str:
    """The client_id. Raises InvalidRequest, to be shown."""
    return query.one("client_id")


def redirect_uri_of(query: Query, client: Client) -> tuple[str, bool]:
    """Where to answer, and whether the request named it.

    It may leave that out where the client has registered just one (RFC 6749 §3.1.2.3) and asks for no ID token (OIDC
    Core §3.1.2.1). Raises InvalidRequest, to be shown.
    """
    if "redirect_uri" in query.repeated.union(query.parameters.names):
        presented = query.one("redirect_uri")
        if not is_registered(presented, client):
            raise InvalidRequest("redirect_uri is not one that the client has registered")
        return presented, True
    openid = any("openid" in scope.split(" ") for scope in query.parameters.all("scope"))
    if openid or len(client.redirect_uris) != 1:
        raise InvalidRequest("redirect_uri is missing")
    return client.redirect_uris[0], False


def response_mode_of(query: Query) -> str:
    """How to answer, also when refusing: what was asked for if that is possible."""
    asked = query.parameters.all("response_mode")
    return FORM_POST if asked == (FORM_POST,) else QUERY


def state_of(query: Query) -> str | None:
    """The state to send back, also when refusing; none where there are several."""
    states = query.parameters.all("state")
    return states[0] if len(states) == 1 and is_plain(states[0], LONGEST) else None


def is_plain(text: str, longest: int) -> bool:
    """Browsers change line ends in forms, and no grammar has control characters (RFC 6749 appendix A)."""
    return len(text) <= longest and _CONTROL.search(text) is None


def is_registered(redirect_uri: str, client: Client) -> bool:
    return any(matches(registered, redirect_uri) for registered in client.redirect_uris)
