"""A person with a browser, for tests: keeps cookies, reads pages, fills in forms, and does not follow to the client."""

import base64
import hashlib
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx2

from tests.house import ISSUER, PASSWORD, House, Registered
from tests.html import elements

REDIRECT_URI = "https://app.example/callback"
CODE_GRANTS = ("authorization_code", "refresh_token")


@dataclass(frozen=True)
class Pkce:
    """A verifier and its challenge (RFC 7636 §4)."""

    verifier: str
    challenge: str

    @classmethod
    def new(cls) -> "Pkce":
        verifier = secrets.token_urlsafe(32)
        digest = hashlib.sha256(verifier.encode()).digest()
        return cls(verifier, base64.urlsafe_b64encode(digest).rstrip(b"=").decode())


async def app_of(house: House, **members: Any) -> Registered:
    """A client for the code flow, registered for OpenID Connect."""
    made: dict[str, Any] = {
        "grants": CODE_GRANTS,
        "redirect_uris": (REDIRECT_URI,),
        "scope": "openid profile email address phone offline_access read write",
    }
    return await house.add_client(**(made | members))


class Visitor:
    """One browser at one house."""

    def __init__(self, house: House, http: httpx2.AsyncClient) -> None:
        self.house = house
        self.http = http

    async def get(self, url: str, **params: Any) -> httpx2.Response:
        return await self.http.get(url, params=params or None)

    async def ask(self, client: Registered, pkce: Pkce | None = None, **params: Any) -> httpx2.Response:
        """The first answer of the authorization endpoint; a parameter that is None is left out."""
        return await self.get("/oauth2/authorize", **asked(client, pkce, **params))

    async def to_page(self, answer: httpx2.Response) -> "Page":
        """Follows redirects within the house to a page."""
        while answer.status_code == 303 and not is_answer(answer):
            answer = await self.get(answer.headers["location"])
        assert not is_answer(answer), answer.headers["location"]
        return Page(self, answer)

    async def agreed(
        self, client: Registered, pkce: Pkce | None = None, *, username: str = "alice", **params: Any
    ) -> dict[str, str]:
        """Signs in and agrees as often as it is asked; answers what the client was told."""
        return told(await self.led_back(await self.ask(client, pkce, **params), username))

    async def led_back(self, answer: httpx2.Response, username: str = "alice") -> httpx2.Response:
        """Signs in and agrees as often as it is asked; the answer that sends the browser to the client."""
        for _ in range(4):
            if is_answer(answer):
                return answer
            page = await self.to_page(answer)
            answer = await page.filled(username)
        raise AssertionError("the pages do not end")

    async def code(self, client: Registered, pkce: Pkce, **params: Any) -> str:
        """A code, made for this challenge."""
        return (await self.agreed(client, pkce, **params))["code"]

    async def tokens(self, client: Registered, **params: Any) -> dict[str, Any]:
        """The whole flow."""
        pkce = Pkce.new()
        answer = await self.exchange(client, await self.code(client, pkce, **params), pkce)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def exchange(
        self, client: Registered, code: str, pkce: Pkce | None = None, **form: Any
    ) -> httpx2.Response:
        """The token request of the code grant; a member that is None is left out."""
        members = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": REDIRECT_URI,
            "code_verifier": pkce and pkce.verifier,
        } | form
        return await self.house.post(
            "/oauth2/token", client, **{name: value for name, value in members.items() if value is not None}
        )


class Page:
    """What is shown, and its form."""

    def __init__(self, visitor: Visitor, answer: httpx2.Response) -> None:
        self._visitor = visitor
        self.answer = answer
        self.path = urlsplit(str(answer.request.url)).path

    @property
    def csrf(self) -> str:
        """The hidden token of the form."""
        [token] = [
            each["value"] for each in elements(self.answer.text, "input") if each.get("name") == "csrf"
        ]
        return token

    async def submit(self, **fields: Any) -> httpx2.Response:
        """Sends the form with these fields beside the hidden one; one that is None is left out."""
        given = {"csrf": self.csrf} | fields
        return await self._visitor.http.post(
            self.path, data={name: value for name, value in given.items() if value is not None}
        )

    async def filled(self, username: str = "alice") -> httpx2.Response:
        """Does what the page asks for."""
        if self.path.startswith("/login/"):
            return await self.submit(username=username, password=PASSWORD)
        if self.path.startswith("/consent/"):
            return await self.submit(action="allow")
        raise AssertionError(f"no idea what to do at {self.path}: {self.answer.text}")


def asked(client: Registered, pkce: Pkce | None, **params: Any) -> dict[str, str]:
    """The parameters of an authorization request."""
    pkce = pkce or Pkce.new()
    made = {
        "client_id": client.id,
        "response_type": "code",
        "redirect_uri": REDIRECT_URI,
        "scope": "openid",
        "state": "a state",
        "code_challenge": pkce.challenge,
        "code_challenge_method": "S256",
    } | params
    return {name: value for name, value in made.items() if value is not None}


def is_answer(answer: httpx2.Response) -> bool:
    """Whether the browser is sent away from here."""
    location = answer.headers.get("location", "")
    return answer.status_code == 303 and not location.startswith(("/", ISSUER))


def told(answer: httpx2.Response) -> dict[str, str]:
    """What the client finds in the query of its redirect URI."""
    assert is_answer(answer), answer.text
    return dict(parse_qsl(urlsplit(answer.headers["location"]).query, keep_blank_values=True))


@asynccontextmanager
async def visitor_of(house: House) -> AsyncIterator[Visitor]:
    """A browser without cookies yet."""
    transport = httpx2.ASGITransport(house.app, client=("192.0.2.7", 50000), raise_app_exceptions=False)
    async with httpx2.AsyncClient(
        transport=transport, base_url=ISSUER, headers={"User-Agent": "a browser"}
    ) as http:
        yield Visitor(house, http)
