"""How each door is knocked at: somebody at an address who says a secret, and what becomes of it."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx2

from identity_service.application.authentication.doors import Door
from identity_service.domain.entities.client import ClientSecret
from identity_service.infrastructure.container import new_id
from tests.api_caller import person
from tests.house import ISSUER, NOW, PASSWORD, House, Registered
from tests.visitor import Page, Visitor, app_of

HERE, ELSEWHERE = "192.0.2.7", "198.51.100.9"
Knock = Callable[[str], Awaitable[httpx2.Response]]


@dataclass(frozen=True, kw_only=True)
class Knocker:
    """What a test knows of a door: statuses of a right and a wrong secret, who guesses there, and how one knocks."""

    right: int
    wrong: int
    prepare: Callable[[House], Awaitable[Any]]
    knock: Callable[[House, httpx2.AsyncClient, Any, str], Awaitable[httpx2.Response]]
    by_address: bool = True


@asynccontextmanager
async def at(house: House, address: str | None = HERE) -> AsyncIterator[httpx2.AsyncClient]:
    """A program at this address; None is a socket that is a file."""
    client: Any = None if address is None else (address, 50000)
    transport = httpx2.ASGITransport(house.app, client=client, raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url=ISSUER) as http:
        yield http


async def password_grant(
    http: httpx2.AsyncClient, client: Registered, username: str, password: str
) -> httpx2.Response:
    """One sign-in at the token endpoint."""
    form = {"grant_type": "password", "username": username, "password": password}
    return await http.post("/oauth2/token", data=form, auth=client.basic)


async def login_page(house: House, http: httpx2.AsyncClient, app: Registered) -> Page:
    """The page, in the browser that `http` is."""
    visitor = Visitor(house, http)
    return await visitor.to_page(await visitor.ask(app))


async def _a_client(house: House) -> Registered:
    await house.add_user()
    return await house.add_client()


async def _an_app(house: House) -> Registered:
    await house.add_user()
    return await app_of(house)


async def _alices_token(house: House) -> str:
    await house.add_user()
    return (await person(house)).token


async def _an_old_client(house: House) -> Registered:
    stored = await house.container.hasher().hash(PASSWORD, address=None)
    secret = ClientSecret(id=new_id(), scheme="password", stored=stored, expires_at=None, created_at=NOW)
    return await house.add_client(secrets=(secret,))


async def _grant(
    house: House, http: httpx2.AsyncClient, client: Registered, password: str
) -> httpx2.Response:
    return await password_grant(http, client, "alice", password)


async def _page(house: House, http: httpx2.AsyncClient, app: Registered, password: str) -> httpx2.Response:
    return await (await login_page(house, http, app)).submit(username="alice", password=password)


async def _profile(house: House, http: httpx2.AsyncClient, token: str, password: str) -> httpx2.Response:
    order = {"email": f"{new_id()}@example.org", "current_password": password}
    return await http.patch("/users/me", json=order, headers={"Authorization": f"Bearer {token}"})


async def _secret(house: House, http: httpx2.AsyncClient, client: Registered, secret: str) -> httpx2.Response:
    auth = httpx2.BasicAuth(client.id, secret)
    return await http.post("/oauth2/token", data={"grant_type": "client_credentials"}, auth=auth)


KNOCKERS: Mapping[Door, Knocker] = {
    Door.PASSWORD_GRANT: Knocker(right=200, wrong=400, prepare=_a_client, knock=_grant),
    Door.LOGIN_PAGE: Knocker(right=303, wrong=400, prepare=_an_app, knock=_page),
    Door.CURRENT_PASSWORD: Knocker(
        right=200, wrong=422, prepare=_alices_token, knock=_profile, by_address=False
    ),
    Door.CLIENT_SECRET: Knocker(right=200, wrong=401, prepare=_an_old_client, knock=_secret),
}
"""A door that is not here fails the walk: say how one knocks at it."""
