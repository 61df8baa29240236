"""The short way to the token endpoint: a plain form goes to the endpoint's own function, with no framework between.

It stands behind what holds for every answer (id, count, headers, origins) and before routing. What that function raises
is raised once more by the ordinary route, so refusals are told in one place (tests/properties/test_token_door.py).
"""

from typing import Final

from starlette.types import ASGIApp, Receive, Scope, Send

from identity_service.api.answers import NO_STORE
from identity_service.api.routes.oauth2.token import RAISED
from identity_service.api.tokens import issued
from identity_service.api.waiting_tokens import TOKEN
from identity_service.application.use_cases.oauth2.issue_token import IssueToken
from identity_service.domain.oauth.parameters import MAX_FORM_BYTES
from identity_service.http.admitting import client_counter
from identity_service.http.first_message import FirstMessage
from identity_service.http.middleware import header_lines
from identity_service.http.plain_requests import OF_A_FORM, Given, plain_form

_KNOWN: Final = OF_A_FORM | {b"x-request-id", b"origin"}
"""The last two were seen to by who stands before."""
_NO_STORE: Final = header_lines(NO_STORE)


class TokenDoor:
    """ASGI middleware; the innermost, for it passes all others by."""

    def __init__(self, app: ASGIApp, *, issue: IssueToken) -> None:
        self._app = app
        self._issue = issue

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        given = None if RAISED in scope.get("state", ()) else _plain(scope)
        if given is None:
            return await self._app(scope, receive, send)
        first = FirstMessage(receive)
        body = _whole_body(first, given)
        answer = None if body is None else await self._answer(scope, given, body)
        if answer is None:
            return await self._app(scope, first.receive, send)
        length, media_type = (b"content-length", b"%d" % len(answer)), (b"content-type", b"application/json")
        headers = [*_NO_STORE, length, media_type]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": answer})

    async def _answer(self, scope: Scope, given: Given, body: bytes) -> bytes | None:
        """None: the endpoint's function raised something, which waits in the state of the request."""
        authorization, client = given.get(b"authorization"), scope.get("client")
        try:
            return await issued(
                self._issue,
                body,
                authorizations=() if authorization is None else (authorization,),
                address=None if client is None else client[0],
                user_agent=given.get(b"user-agent"),
                count=client_counter(scope),
            )
        except Exception as raised:
            scope["state"][RAISED] = raised
            return None


def _plain(scope: Scope) -> Given | None:
    mine = scope["type"] == "http" and scope["path"] == TOKEN and scope["method"] == "POST"
    return plain_form(scope["headers"], _KNOWN) if mine else None


def _whole_body(first: FirstMessage, given: Given) -> bytes | None:
    """None where it is not there yet, not all of it, not as long as announced, or longer than any form may be."""
    message = first.message
    if message is None or message["type"] != "http.request" or message.get("more_body", False):
        return None
    body: bytes = message.get("body", b"")
    fits = len(body) <= MAX_FORM_BYTES and given.get(b"content-length") == b"%d" % len(body)
    return body if fits else None
