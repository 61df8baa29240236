"""Somebody with an access token, who calls the JSON API of a test's server."""

from typing import Any

import httpx2
import pytest

from tests.house import PASSWORD, House

on_sqlite = pytest.mark.parametrize("storage", ["sqlite"])
"""For tests of what no storage has a part in, such as what is refused before any is asked."""

on_shared_house = pytest.mark.asyncio(loop_scope="module")
"""For a test that changes nothing and takes the fixture `shared_house`, in a module where others take their own."""


class Caller:
    """Sends requests under one token."""

    def __init__(self, house: House, token: str) -> None:
        self._http = house.http
        self.token = token

    async def __call__(self, method: str, path: str, **options: Any) -> httpx2.Response:
        headers = {"Authorization": f"Bearer {self.token}"} | options.pop("headers", {})
        return await self._http.request(method, path, headers=headers, **options)

    async def made(self, path: str, **members: Any) -> dict[str, Any]:
        """What a POST makes, which must succeed."""
        answer = await self("POST", path, json=members)
        assert answer.status_code in (200, 201), answer.text
        return dict(answer.json())


async def program(house: House, scope: str = "admin") -> Caller:
    """A client acting for itself with this scope."""
    client = await house.add_client(grants=["client_credentials"], scope=scope)
    answer = await house.token(client, grant_type="client_credentials", scope=scope)
    assert answer.status_code == 200, answer.text
    return Caller(house, answer.json()["access_token"])


async def person(
    house: House, username: str = "alice", *, password: str = PASSWORD, scope: str = "account"
) -> Caller:
    """A person who has an account already and signs in for this scope, at a client of its own."""
    client = await house.add_client(grants=["password"], scope=scope)
    tokens = await house.sign_in(client, username, password, scope=scope)
    return Caller(house, tokens["access_token"])


def pointers(answer: httpx2.Response) -> list[str]:
    """The members that a problem points at."""
    return [fault["pointer"] for fault in answer.json()["errors"]]
