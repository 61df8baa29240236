"""By what a client's page sees that somebody has signed in or out meanwhile (OIDC Session Management 1.0)."""

import hmac
from base64 import urlsafe_b64encode
from hashlib import sha256

from identity_service.domain.value_objects.ids import ClientId
from identity_service.domain.value_objects.redirect_uri import web_origin
from identity_service.domain.value_objects.secret import Secret


def browser_state(session: Secret) -> str:
    """What a script at our origin may read in the place of the session's cookie: it changes with that, and leads
    nobody back to it."""
    made = hmac.digest(session.reveal().encode(), b"browser state", "sha256")
    return urlsafe_b64encode(made).rstrip(b"=").decode("ascii")


def session_state(client_id: ClientId, *, redirect_uri: str, state: str, salt: str) -> str | None:
    """`session_state` of an answer (§2), which the script of the page for frames works out again (§3.2): it is of use
    to this client's pages at this origin alone. None for an app, which has no pages."""
    origin = web_origin(redirect_uri)
    if origin is None:
        return None
    return f"{sha256(f'{client_id} {origin} {state} {salt}'.encode()).hexdigest()}.{salt}"
