"""Requests for tokens that take their time, without the framework: what it would see to beside is seen to here.

What is raised is told by the ordinary route, as at the token door (tests/properties/test_early_exit.py).
"""

from collections.abc import Mapping
from time import perf_counter
from typing import Final

from starlette.types import Scope

from identity_service.api.routes.oauth2.token import RAISED
from identity_service.api.tokens import issued
from identity_service.application.use_cases.oauth2.issue_token import IssueToken
from identity_service.http.caller_address import CallerAddresses
from identity_service.http.request_id import BEGUN, CURRENT, Begun, new_id
from identity_service.http.requests import BROKEN_OFF, Requests

TOKEN: Final = "/oauth2/token"


class WaitingTokens:
    """Answers a whole, plain form that has a task of its own."""

    def __init__(self, issue: IssueToken, *, requests: Requests, addresses: CallerAddresses) -> None:
        self._issue = issue
        self._requests = requests
        self._addresses = addresses
        self._number = requests.number("POST", TOKEN)

    async def answer(
        self, scope: Scope, given: Mapping[bytes, bytes], body: bytes, *, started: float
    ) -> tuple[str, bytes] | None:
        """The id of the request and the body of its 200. None: what was raised waits in the state of the request, for
        the ordinary way, which goes on with id and time."""
        begun = scope["state"][BEGUN] = Begun(new_id(), started)
        CURRENT.set(begun.id)  # the task ends with the request, and its context with it
        self._requests.in_flight += 1
        try:
            answer = await self._issued(scope, given, body)
        except Exception as raised:
            scope["state"][RAISED] = raised
            return None
        except BaseException:
            self._count(BROKEN_OFF, started)
            raise
        finally:
            self._requests.in_flight -= 1
        self._count(200, started)
        return begun.id, answer

    async def _issued(self, scope: Scope, given: Mapping[bytes, bytes], body: bytes) -> bytes:
        client = self._addresses.of(scope["client"], scope["headers"])
        authorization = given.get(b"authorization")
        return await issued(
            self._issue,
            body,
            authorizations=() if authorization is None else (authorization,),
            address=None if client is None else client[0],
        )

    def _count(self, status: int, started: float) -> None:
        self._requests.count(self._number, status, perf_counter() - started)
