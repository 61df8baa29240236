"""What one caller does at one server: it signs in, refreshes, asks, revokes, and writes down what it was told."""

import json
from collections.abc import Mapping
from random import Random
from typing import Any

from tests.model.history import (
    ACTIVE,
    DONE,
    INACTIVE,
    LOST,
    ODD,
    REFUSED,
    UNAUTHORIZED,
    UNAVAILABLE,
    Call,
)
from tests.model.wire import Answer, GivenUp, Line, form_request, json_request
from tests.model.world import Held, Person, Program, World


class Caller:
    """One connection to one server, and everything that can be asked over it."""

    def __init__(self, world: World, line: Line, server: str, *, sticky: str = "") -> None:
        """`sticky` names the connection where the server has several workers."""
        self.world = world
        self._line = line
        self._server = server
        self._sticky = sticky

    @property
    def process(self) -> str:
        """The process that answers over this connection, as far as it can be told from outside."""
        return f"{self._server}:{self._sticky}.{self._line.connections}" if self._sticky else self._server

    async def sign_in(self, client: Program, person: Person, *, password: str | None = None) -> Call:
        """The password grant; with a wrong password on purpose, perhaps."""
        form = {
            "grant_type": "password",
            "username": person.username,
            "password": password or person.password,
        }
        about = {"user": person.name, "username": form["username"], "password": form["password"]}
        call, answer = await self._form("sign_in", "/oauth2/token", client, form, about)
        if call.outcome == DONE:
            self.world.take_in(call, answer, client, person)
        return call

    async def fetch(self, client: Program, **form: str) -> Call:
        """The client's own token."""
        form = {"grant_type": "client_credentials", **form}
        call, answer = await self._form("client_credentials", "/oauth2/token", client, form, {})
        if call.outcome == DONE:
            self.world.take_in(call, answer, client, None)
        return call

    async def refresh(self, held: Held, *, client: Program | None = None) -> Call:
        """A refresh; by another client than its own, perhaps."""
        form = {"grant_type": "refresh_token", "refresh_token": held.text}
        about = {"token": held.name, "family": held.family}
        call, answer = await self._form("refresh", "/oauth2/token", client or held.client, form, about)
        if call.outcome == DONE:
            self.world.take_in(call, answer, held.client, held.person)
            if held in self.world.refresh:
                self.world.refresh.remove(held)
                self.world.spent.append(held)
        elif call.outcome == REFUSED and client is None:
            self.world.end(lambda other: other.family == held.family)
        return call

    async def introspect(self, name: str, text: str, client: Program) -> Call:
        """What the server tells this client of a token."""
        call, answer = await self._form(
            "introspect", "/oauth2/introspect", client, {"token": text}, {"token": name}
        )
        if call.outcome == DONE:
            call.outcome = ACTIVE if answer["active"] is True else INACTIVE
            if call.outcome == ACTIVE:
                call.told = self._told(answer)
        return call

    async def whoami(self, held: Held) -> Call:
        """The account behind a token."""
        call, answer = await self._api("whoami", "GET", "/users/me", held, {}, None)
        if call.outcome == DONE:
            call.told["username"] = answer["username"]
        return call

    async def revoke(self, held: Held, client: Program | None = None) -> Call:
        """A revocation; by another client than its own, perhaps, which must change nothing."""
        about = {"token": held.name}
        call, _ = await self._form(
            "revoke", "/oauth2/revoke", client or held.client, {"token": held.text}, about
        )
        if call.outcome == DONE and client is None:
            self.world.end(
                lambda other: other is held or (held in self.world.refresh and other.family == held.family)
            )
        return call

    async def order(
        self, kind: str, path: str, about: dict[str, Any], members: Mapping[str, Any] | None = None
    ) -> tuple[Call | None, Any]:
        """An administrator's order; None when there was no token to give it with."""
        if self.world.administrator is None:
            await self._become_administrator()
        bearer = self.world.administrator
        if bearer is None:
            return None, None
        method = "PATCH" if kind == "rename_user" else "POST"
        call, answer = await self._api(kind, method, path, bearer, about, members)
        if call.outcome == UNAUTHORIZED and self.world.administrator is bearer:
            self.world.administrator = None
        return call, answer

    async def _become_administrator(self) -> None:
        call = await self.fetch(self.world.clients["administrator"], scope="admin")
        if call.outcome == DONE:
            self.world.administrator = self.world.access.pop()

    async def _form(
        self, kind: str, path: str, client: Program, form: Mapping[str, str], about: dict[str, Any]
    ) -> tuple[Call, Any]:
        asked = {"client": client.name, "secret": client.secret, **about}
        return await self._ask(kind, asked, form_request(path, client.authorization, form))

    async def _api(
        self,
        kind: str,
        method: str,
        path: str,
        bearer: Held,
        about: dict[str, Any],
        members: Mapping[str, Any] | None,
    ) -> tuple[Call, Any]:
        return await self._ask(
            kind, {"bearer": bearer.name, **about}, json_request(method, path, bearer.text, members)
        )

    async def _ask(self, kind: str, asked: dict[str, Any], request: bytes) -> tuple[Call, Any]:
        call = self.world.begin(kind, self.process, asked)
        try:
            answer = await self._line.ask(request)
        except GivenUp as silence:
            call.sent, call.outcome, call.told = silence.sent, LOST, {"given_up": silence.given_up}
            return call, None
        call.process = self.process  # the connection may have been opened for this call
        call.sent, call.answered = answer.sent, answer.answered
        call.outcome = _outcome(answer)
        if call.outcome == ODD:
            call.told = {"status": answer.status, "body": json.dumps(answer.body)}
        return call, answer.body

    def _told(self, answer: Mapping[str, Any]) -> dict[str, Any]:
        clients = {client.id: client.name for client in self.world.clients.values()}
        people = {person.id: person.name for person in self.world.people.values()}
        return {
            "client": clients.get(answer["client_id"], answer["client_id"]),
            "user": None if answer["sub"] in clients else people.get(answer["sub"], answer["sub"]),
            "username": answer.get("username"),
        }


def _outcome(answer: Answer) -> str:
    if answer.status == 400 and answer.body.get("error") == "invalid_grant":
        return REFUSED
    return {200: DONE, 401: UNAUTHORIZED, 503: UNAVAILABLE}.get(answer.status, ODD)


def pick(rng: Random, held: list[Held]) -> Held | None:
    """One of them, the newer ones more often."""
    return held[-1 - int(len(held) * rng.random() ** 2)] if held else None
