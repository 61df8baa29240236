"""The token endpoint (RFC 6749 §3.2) as bytes in, bytes out: what every door of the server answers from."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Final, NamedTuple

import orjson

from identity_service.application.admission.admission import Admission
from identity_service.application.grants.client_credentials import ClientCredentials
from identity_service.application.liveness.known_callers import KnownCaller
from identity_service.application.services import OAuth2Service
from identity_service.application.use_cases.oauth2.issue_token import IssueToken, TokenRequest
from identity_service.application.use_cases.oauth2.minting import Plan, TokenResponse
from identity_service.domain.entities.client import Client
from identity_service.domain.oauth.errors import OAuthError
from identity_service.domain.oauth.parameters import parse_form
from identity_service.http.admitting import Headers, fields
from identity_service.ports.tokens.key_ring import KeysUnavailable

ENDPOINT: Final = "token"
MOST_PLANS: Final = 1000
LONGEST_PLANNED: Final = 1000
"""Bytes of a form that it is remembered for what it asks."""
_AT_ONCE: Final = ClientCredentials.name.encode("ascii")
"""A form that does not say this asks for a grant that takes its time, and need not be read twice."""
_PLAIN: Final = frozenset({"grant_type", "scope", "resource"})
"""Parameters beside which nothing else can matter to a grant that is answered at once."""


class Given(NamedTuple):
    """A body, and what its answer says beside it."""

    body: bytes
    headers: Headers


class ReadyTokens:
    """Issues tokens at once, and remembers what forms ask for, not what was answered: every token is a new one."""

    def __init__(self, oauth2: OAuth2Service, *, admission: Admission | None = None) -> None:
        """Without `admission` nothing is counted."""
        self._callers = oauth2.known_callers
        self._admission = admission
        self._issue = oauth2.issue_token
        self._plans: dict[tuple[bytes, bytes], tuple[Client, Plan]] = {}

    def ready(self, authorization: bytes, body: bytes) -> Given | None:
        """The 200 that this request gets; None where that takes more than what is known here, or it is to
        be refused.

        Answered are requests of a client that proved itself lately with these very bytes and that asks for what it may
        have without anybody's consent. Nothing is awaited, nobody asked.
        """
        caller = self._callers.known(authorization) if _AT_ONCE in body else None
        if caller is None:
            return None
        try:
            plan = self._plan(caller, body)
            return None if plan is None else self._given(caller.client, plan)
        except (OAuthError, KeysUnavailable):  # which the ordinary way tells
            return None

    def _given(self, client: Client, plan: Plan) -> Given | None:
        if self._admission is None:
            return Given(_rendered(self._issue.carry_out(plan)), [])
        arrival = self._admission.arrival(ENDPOINT)
        if not arrival.of_client_at_once(client):
            return None
        return Given(_rendered(self._issue.carry_out(plan)), fields(arrival.standings))

    def _plan(self, caller: KnownCaller, body: bytes) -> Plan | None:
        """As it was made for this very client, in the state in which it is known now."""
        key = (caller.salt, body)
        known = self._plans.get(key)
        if known is not None and known[0] is caller.client:
            return known[1]
        form = parse_form(body)
        plan = self._issue.plan_unasked(caller.client, form) if _PLAIN.issuperset(form.names) else None
        if plan is not None and len(body) <= LONGEST_PLANNED:
            self._keep(key, caller.client, plan)
        return plan

    def _keep(self, key: tuple[bytes, bytes], client: Client, plan: Plan) -> None:
        if len(self._plans) >= MOST_PLANS and key not in self._plans:
            self._plans.pop(next(iter(self._plans)))
        self._plans[key] = (client, plan)


async def issued(
    issue: IssueToken,
    body: bytes,
    *,
    authorizations: Sequence[bytes],
    address: str | None,
    user_agent: bytes | None,
    count: Callable[[Client], Awaitable[None]],
) -> bytes:
    """The body of the 200, whatever that takes; `count` counts the request for its client. Raises what reading the form
    and issuing raise."""
    request = TokenRequest(
        form=parse_form(body),
        address=address,
        authorizations=authorizations,
        user_agent=None if user_agent is None else user_agent.decode("latin-1"),
        count=count,
    )
    return _rendered(await issue(request))


def _rendered(answer: TokenResponse) -> bytes:
    """RFC 6749 §5.1; `scope` is always there."""
    members: dict[str, object] = {
        "access_token": answer.access_token,
        "token_type": "Bearer",
        "expires_in": answer.expires_in,
        "scope": str(answer.scope),
    }
    if answer.refresh_token is not None:
        members["refresh_token"] = answer.refresh_token.reveal()
    if answer.id_token is not None:
        members["id_token"] = answer.id_token
    return orjson.dumps(members)
