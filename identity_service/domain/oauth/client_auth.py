"""Which client a request claims to come from, by which one method, and whether it may use that method."""

import binascii
import re
from base64 import b64decode, b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from identity_service.domain.oauth.client_assertion import ASSERTION_TYPE, claimed_client
from identity_service.domain.oauth.errors import InvalidClient, InvalidRequest
from identity_service.domain.oauth.parameters import Parameters, form_decode
from identity_service.domain.value_objects.secret import Secret

AuthMethod = Literal["client_secret_basic", "client_secret_post", "private_key_jwt", "none"]

_UNPINNED: tuple[str, ...] = ("client_secret_basic", "client_secret_post")
_ASSERTION = ("client_assertion", "client_assertion_type")
OF_A_CLIENT = frozenset({"client_id", "client_secret", *_ASSERTION})
"""Parameters of a form that say who the client is."""
_CREDENTIALS = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+)(?: +(.*))?", re.DOTALL)


@dataclass(frozen=True, slots=True)
class PresentedClient:
    """A claim nobody has checked yet.

    Attributes:
        client_id: as presented, never empty; with an assertion, whom that names.
        method: how it was presented (names of OIDC Core §9).
        secret: as presented, never empty; there exactly with a method that has one.
        assertion: as presented, never empty; there exactly when `method` is `private_key_jwt`.
    """

    client_id: str
    method: AuthMethod
    secret: Secret | None
    assertion: Secret | None = None


def parse_client_credentials(authorizations: Sequence[bytes | str], form: Parameters) -> PresentedClient:
    """Find the one client authentication method of a request (RFC 6749 §2.3).

    A `client_id` in the body beside Basic is no second method but has to say the same; if it does not, the
    request contradicts itself, which is `invalid_request` ("otherwise malformed", RFC 6749 §5.2) and not a
    failed authentication. A secret without a client_id authenticates nobody: `invalid_client`.

    Args:
        authorizations: the value of every Authorization header of the request.
        form: the body.

    Raises:
        InvalidRequest: two Authorization headers, two methods, or two different client ids.
        InvalidClient: no method, one we do not offer, broken Basic credentials, or no assertion of a client.
    """
    _refuse_two_methods(authorizations, form)
    if authorizations:
        return _basic(_octets(authorizations[0]), form)
    if _asserts(form):
        return _from_assertion(form)
    return _from_body(form)


def check_method_allowed(registered: str | None, presented: str) -> None:
    """A client registered without a method may use Basic or POST; a named method, `none` included, is pinned.

    Args:
        registered: the client's `token_endpoint_auth_method`, None where it was made without one.
        presented: `PresentedClient.method`.

    Raises:
        InvalidClient: the method is not this client's. The text is that of a wrong secret, so that trying
            methods tells nothing about a client.
    """
    allowed = _UNPINNED if registered is None else (registered,)
    if presented not in allowed:
        raise InvalidClient(detail=f"authenticated by {presented}, registered for {' or '.join(allowed)}")


def _refuse_two_methods(authorizations: Sequence[bytes | str], form: Parameters) -> None:
    if len(authorizations) > 1:
        raise InvalidRequest("there is more than one Authorization header")
    methods = (bool(authorizations), form.get("client_secret") is not None, _asserts(form))
    if sum(methods) > 1:
        raise InvalidRequest("there is more than one client authentication method")


def _asserts(form: Parameters) -> bool:
    return any(form.get(name) is not None for name in _ASSERTION)


def _from_body(form: Parameters) -> PresentedClient:
    client_id, secret = form.get("client_id"), form.get("client_secret")
    if client_id is None:
        raise InvalidClient("the client does not name itself")
    if secret is None:
        return PresentedClient(client_id, "none", None)
    return PresentedClient(client_id, "client_secret_post", Secret(secret))


def _from_assertion(form: Parameters) -> PresentedClient:
    """RFC 7521 §4.2: a `client_id` beside the assertion is not needed, and has to say the same."""
    assertion = form.get("client_assertion")
    if assertion is None or form.get("client_assertion_type") != ASSERTION_TYPE:
        raise InvalidClient("client_assertion and a client_assertion_type of jwt-bearer belong together")
    client_id = claimed_client(assertion)
    if form.get("client_id") not in (None, client_id):
        raise InvalidRequest("client_id in the body differs from the one in the client assertion")
    return PresentedClient(client_id, "private_key_jwt", None, Secret(assertion))


def _basic(authorization: bytes, form: Parameters) -> PresentedClient:
    client_id, secret = _user_and_password(_basic_token(authorization))
    if form.get("client_id") not in (None, client_id):
        raise InvalidRequest("client_id in the body differs from the one in the Authorization header")
    return PresentedClient(client_id, "client_secret_basic", Secret(secret))


def _octets(authorization: bytes | str) -> bytes:
    """Header values are octets; frameworks hand them out as Latin-1 text."""
    if isinstance(authorization, bytes):
        return authorization
    try:
        return authorization.encode("latin-1")
    except UnicodeEncodeError:
        raise _broken() from None


def _basic_token(authorization: bytes) -> bytes:
    """RFC 9110 §11.1: the scheme is case-insensitive, and a credential follows."""
    credentials = _CREDENTIALS.fullmatch(authorization)
    if credentials is None:
        raise _broken()
    if credentials[1].lower() != b"basic":
        raise InvalidClient("the Authorization scheme is not supported here")
    return credentials[2] or b""


def _user_and_password(token: bytes) -> tuple[str, str]:
    """RFC 7617 §2, then both halves form-decoded (RFC 6749 §2.3.1).

    Basic is for clients that were given a password. In the body an empty secret is an absent one (RFC 6749 §3.2), but
    a header with an empty password is no way to say "none": a program whose secret got lost would pass for public.
    """
    user, colon, password = _canonical_base64(token).partition(b":")
    if not (user and colon):
        raise _broken()
    if not password:
        raise InvalidClient("Basic has an empty secret; a public client sends client_id in the body instead")
    try:
        client_id, secret = form_decode(user), form_decode(password)
    except ValueError:
        raise _broken() from None
    if "\0" in client_id + secret:
        raise _broken()
    return client_id, secret


def _canonical_base64(token: bytes) -> bytes:
    """RFC 4648 §4 with padding, and §3.5: stray bits in the last character are refused."""
    try:
        decoded = b64decode(token, validate=True)
    except binascii.Error:
        raise _broken() from None
    if b64encode(decoded) != token:
        raise _broken()
    return decoded


def _broken() -> InvalidClient:
    return InvalidClient("the Basic credentials are malformed")
