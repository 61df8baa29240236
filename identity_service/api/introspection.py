"""Introspection (RFC 7662) as bytes in, bytes out: what every door of the server answers from."""

import string
from collections.abc import Callable

from identity_service.api.answers import json_body
from identity_service.application.liveness.known_callers import KnownCaller
from identity_service.application.services import OAuth2Queries, OAuth2Service
from identity_service.application.use_cases.oauth2.introspect_token import ActiveToken, Told
from identity_service.ports.tokens.key_ring import KeysUnavailable
from identity_service.ports.unit_of_work import StorageUnavailable

INACTIVE = b'{"active":false}'
"""All that is ever said about what is not active (RFC 7662 §2.2)."""
_TOKEN = b"token="
_HINTS = (b"token_type_hint=access_token", b"token_type_hint=refresh_token")
_UNRESERVED = (string.ascii_letters + string.digits + "._~-").encode("ascii")


class Introspection:
    """Tells callers about tokens, and remembers what it told in the bytes that it sent."""

    def __init__(
        self,
        oauth2: OAuth2Service | OAuth2Queries,
        *,
        admit: Callable[[KnownCaller], bool] | None = None,
    ) -> None:
        """`admit` counts a request of this caller; False: that takes more than what is known here. None: nothing is
        counted."""
        self._callers = oauth2.known_callers
        self._admit = admit
        self._introspect = oauth2.introspect_token
        self._told = oauth2.told_answers

    def at_the_door(self, authorization: bytes, body: bytes) -> bytes | None:
        """As `ready`, for a request that nobody has counted: where it can be answered here and now, it is."""
        caller = self._callers.known(authorization)
        answer = None if caller is None else self._ready(caller, body)
        if answer is None or caller is None or (self._admit is not None and not self._admit(caller)):
            return None
        return answer

    def ready(self, authorization: bytes, body: bytes) -> bytes | None:
        """The body of the 200 that this request gets; None where that takes more than what is known here.

        Answered are requests of a caller that proved itself lately with these very bytes, whose form has a token of
        unreserved characters (RFC 3986 §2.3), then perhaps a hint, and nothing else. Nothing is awaited, nobody asked.
        """
        caller = self._callers.known(authorization)
        return None if caller is None else self._ready(caller, body)

    def _ready(self, caller: KnownCaller, body: bytes) -> bytes | None:
        token = _plain_token(body)
        if token is None:
            return None
        key = self._told.key(caller.salt, token)
        return self._told.get(key) or self._found(key, token, caller)

    def _found(self, key: bytes, token: bytes, caller: KnownCaller) -> bytes | None:
        if not token or token.translate(None, _UNRESERVED):
            return None
        try:
            told = self._introspect.tell_unasked(token.decode("ascii"), caller=caller.client)
        except KeysUnavailable:
            return None
        if told is None:
            return None
        self._keep(key, told)
        return self._told.get(key)  # which looks once more, and at the lease last

    async def answer(self, token: str, caller: KnownCaller) -> bytes:
        """The body of the 200, whatever that takes. Raises StorageUnavailable, KeysUnavailable."""
        key = self._told.key(caller.salt, token.encode("utf-8"))
        try:
            told = await self._introspect.tell(token, caller=caller.client)
        except StorageUnavailable:
            known = self._told.get_while_away(key)
            if known is None:
                raise
            return known
        return self._keep(key, told)

    def _keep(self, key: bytes, told: Told) -> bytes:
        if told.view is None:
            if told.tags is not None:
                self._told.keep_inactive(key, INACTIVE, tags=told.tags, mark=told.mark)
            return INACTIVE
        body = json_body(rendered(told.view))
        if told.tags is not None:
            self._told.keep_active(key, body, tags=told.tags, mark=told.mark, expires=told.view.exp)
        return body


def _plain_token(body: bytes) -> bytes | None:
    """The token, as it stands in the body; what it is made of is looked at when it is new."""
    if not body.startswith(_TOKEN):
        return None
    token, also, rest = body[len(_TOKEN) :].partition(b"&")
    return None if also and rest not in _HINTS else token


def rendered(token: ActiveToken) -> dict[str, object]:
    """RFC 7662 §2.2; members without a value are left out."""
    members: dict[str, object] = {
        "active": True,
        "scope": token.scope,
        "client_id": token.client_id,
        "username": token.username,
        "sub": token.sub,
        "aud": token.aud[0] if len(token.aud) == 1 else list(token.aud),
        "iss": token.iss,
        "exp": token.exp,
        "iat": token.iat,
        "jti": token.jti,
        "token_type": token.token_type,
    }
    for name in ("username", "jti"):
        if members[name] is None:
            del members[name]
    return members
