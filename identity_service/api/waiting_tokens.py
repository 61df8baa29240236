"""Requests for tokens that take their time, without the framework: what it would see to beside is seen to here.

What is raised is told by the ordinary route, as at the token door (tests/properties/test_early_exit.py).
"""

from collections.abc import Mapping
from time import perf_counter
from typing import Final

from starlette.types import Scope

from identity_service.api.routes.oauth2.token import RAISED
from identity_service.api.tokens import ENDPOINT, issued
from identity_service.api.tokens import Given as GivenToken
from identity_service.application.use_cases.oauth2.issue_token import IssueToken
from identity_service.http.admitting import Arrivals, client_counter, fields
from identity_service.http.caller_address import CallerAddresses
from identity_service.http.request_id import BEGUN, CURRENT, Begun, new_id
from identity_service.http.requests import BROKEN_OFF, Requests
from identity_service.ports.origin import ORIGIN, Origin

TOKEN: Final = "/oauth2/token"


class WaitingTokens:
    """Answers a whole, plain form that has a task of its own."""

    def __init__(
        self,
        issue: IssueToken,
        *,
        requests: Requests,
        addresses: CallerAddresses,
        arrivals: Arrivals | None = None,
    ) -> None:
        """Without `arrivals` nothing is counted in quotas."""
        self._issue = issue
        self._requests = requests
        self._addresses = addresses
        self._arrivals = arrivals
        self._number = requests.number("POST", TOKEN)

    async def answer(
        self, scope: Scope, given: Mapping[bytes, bytes], body: bytes, *, started: float
    ) -> tuple[str, GivenToken] | None:
        """The id of the request, and what its 200 says. None: what was raised waits in the state of the request, for
        the ordinary way, which goes on with id, time, address and what was counted."""
        client = scope["client"] = self._addresses.of(scope["client"], scope["headers"])
        address = None if client is None else client[0]
        begun = scope["state"][BEGUN] = Begun(new_id(), started)
        CURRENT.set(begun.id)  # the task ends with the request, and its context with it
        ORIGIN.set(Origin(begun.id, address))
        self._requests.in_flight += 1
        try:
            answer = await self._issued(scope, given, body, address)
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

    async def _issued(
        self, scope: Scope, given: Mapping[bytes, bytes], body: bytes, address: str | None
    ) -> GivenToken:
        arrival = None
        if self._arrivals is not None:
            arrival = self._arrivals.of(scope, ENDPOINT)
            await self._arrivals.count(arrival, scope)
        authorization = given.get(b"authorization")
        answer = await issued(
            self._issue,
            body,
            authorizations=() if authorization is None else (authorization,),
            address=address,
            user_agent=given.get(b"user-agent"),
            count=client_counter(scope),
        )
        return GivenToken(answer, [] if arrival is None else fields(arrival.standings))

    def _count(self, status: int, started: float) -> None:
        self._requests.count(self._number, status, perf_counter() - started)
