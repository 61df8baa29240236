"""A server process for other people's programs, and a person with a browser who signs in there for them."""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx2

from identity_service.domain.entities.signing_key import SIGNING_ALGORITHMS
from tests.house import House, Registered
from tests.html import elements
from tests.migrated import copy_of
from tests.running import SECONDS_TO_WAIT, Program, environment, house_of
from tests.servers.process import free_port
from tests.visitor import CODE_GRANTS, Page, Visitor

SCOPE = "openid profile email offline_access"
API_SCOPE = "tools:call"
"""Of an API that clients may register for by themselves."""
CALLBACK = "http://127.0.0.1/callback"
"""Nobody is there: the person's browser stops before it, and the test hands the address to the library."""
BYE = "http://127.0.0.1/bye"
HOSTS = ("127.0.0.1", "localhost")
"""Of pages; the first is the site of the server, the other is another site."""


class Server:
    """One `identity-service serve` on a database of its own, which pages at `page_port` may call, and which itself may
    speak to a client's server at `told_port`."""

    def __init__(self, folder: Path, template: Path) -> None:
        port = free_port()
        self.issuer = f"http://127.0.0.1:{port}"
        self.page_port = free_port()
        self.told_port = free_port()
        origins = ",".join(f"http://{host}:{self.page_port}" for host in HOSTS)
        self._database_url = copy_of(template, folder)
        self.program = Program(
            folder,
            environment(
                folder,
                self._database_url,
                ISSUER=self.issuer,
                ALLOWED_ORIGINS=origins,
                FETCH_EXCEPTIONS=f"127.0.0.1:{self.told_port}",
                CLIENT_SIGNING_ALGORITHMS=",".join(SIGNING_ALGORITHMS),
                CLIENT_REGISTRATION="open",
                CLIENT_REGISTRATION_SCOPES=API_SCOPE,
            ),
            command=(sys.executable, "-m", "identity_service.cli", "serve", "--port", str(port)),
            port=port,
        )

    async def start(self) -> None:
        """Until it answers and knows a user `alice`."""
        self.program.start()
        async with self.opened() as provider:
            await provider.house.add_user(name="Alice Example")

    @asynccontextmanager
    async def opened(self) -> "AsyncIterator[Provider]":
        """The running server, from one event loop."""
        async with house_of(self.program, self._database_url) as house:
            await self.program.answers(house.http, "/health/ready", 200)
            yield Provider(house, self.issuer, self.page_port, self.told_port)


@dataclass(frozen=True)
class Provider:
    """The server, as one test has it."""

    house: House
    issuer: str
    page_port: int
    told_port: int

    @property
    def discovery(self) -> str:
        """Where libraries begin."""
        return f"{self.issuer}/.well-known/openid-configuration"

    async def client(self, **members: Any) -> Registered:
        """A client for the code flow."""
        made: dict[str, Any] = {
            "client_name": "A program of somebody else's",
            "grants": CODE_GRANTS,
            "redirect_uris": (CALLBACK,),
            "post_logout_redirect_uris": (BYE,),
            "scope": SCOPE,
        }
        return await self.house.add_client(**(made | members))


class Person:
    """Alice at her browser."""

    def __init__(self, visitor: Visitor) -> None:
        self._visitor = visitor

    async def opens(self, url: str) -> str:
        """Follows a link of the client, signs in and agrees where she is asked; where the client has her back."""
        answer = await self._visitor.led_back(await self._visitor.get(url))
        return answer.headers["location"]

    async def signs_out(self) -> None:
        """At the server, without any client that sends her there."""
        answer = await self._visitor.get("/oauth2/logout")
        page = Page(self._visitor, answer)
        page.path = str(answer.request.url)
        assert "You are signed out" in (await page.submit(action="logout")).text

    async def sends(self, url: str) -> tuple[str, dict[str, str]]:
        """The same, where the answer is a form (`response_mode=form_post`): where it goes, and what is in it."""
        page = await self._visitor.to_page(await self._visitor.get(url))
        while not (action := _action(page)).startswith("http"):
            page = await self._visitor.to_page(await page.filled())
        inputs = elements(page.answer.text, "input")
        return action, {each["name"]: each["value"] for each in inputs}


def _action(page: Page) -> str:
    [form] = elements(page.answer.text, "form")
    return form.get("action", "")


@asynccontextmanager
async def person_at(provider: Provider) -> AsyncIterator[Person]:
    """With a browser without cookies yet."""
    async with httpx2.AsyncClient(
        base_url=provider.issuer, headers={"User-Agent": "a browser"}, timeout=SECONDS_TO_WAIT
    ) as http:
        yield Person(Visitor(provider.house, http))


def with_query(url: str, **changed: str) -> str:
    """The URL with these parameters changed."""
    parts = urlsplit(url)
    query = httpx2.QueryParams(parts.query)
    for name, value in changed.items():
        query = query.set(name, value)
    return parts._replace(query=str(query)).geturl()
