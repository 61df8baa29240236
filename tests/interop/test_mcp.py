"""The MCP SDK's OAuth client, registered beforehand or by itself, at a server of the SDK that asks us about tokens."""

import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx2
import pytest
from mcp import Client
from mcp.client.auth import OAuthClientProvider, OAuthFlowError
from mcp.client.streamable_http import streamable_http_client
from mcp.server import MCPServer
from mcp.server.auth.middleware.auth_context import get_access_token
from mcp.server.auth.provider import AccessToken
from mcp.server.auth.settings import AuthSettings
from mcp.shared.auth import (
    AuthorizationCodeResult,
    OAuthClientInformationFull,
    OAuthClientMetadata,
    OAuthToken,
)

from tests.house import House, Registered
from tests.interop.provider import API_SCOPE, CALLBACK, Person, Provider, with_query
from tests.running import SECONDS_TO_WAIT
from tests.serving import serving

pytestmark = pytest.mark.all

SCOPE = API_SCOPE


class Introspection:
    """Judges tokens for the MCP server by asking us, as a client registered as resource server."""

    def __init__(self, house: House, client: Registered) -> None:
        self._house = house
        self._client = client

    async def verify_token(self, token: str) -> AccessToken | None:
        """What the SDK wants to know, or None."""
        told = await self._house.introspect(self._client, token)
        if not told["active"]:
            return None
        return AccessToken(
            token=token,
            client_id=told["client_id"],
            scopes=told["scope"].split(),
            expires_at=told["exp"],
            resource=told["aud"],
            claims={"username": told["username"]},
        )


@asynccontextmanager
async def tools_at(
    provider: Provider, *, registered: bool = True, scopes: list[str] | None = None
) -> AsyncIterator[str]:
    """The URL of an MCP server with one tool, which wants tokens that are meant for it and have these scopes."""
    listener = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listener.getsockname()[1]}/mcp"
    audiences = frozenset({url}) if registered else frozenset()
    judge = await provider.house.add_client(resource_server=True, audiences=audiences)
    server = MCPServer(
        "tools",
        token_verifier=Introspection(provider.house, judge),
        auth=AuthSettings(
            issuer_url=provider.issuer,
            resource_server_url=url,
            required_scopes=scopes,
            validate_token_resource=True,
        ),
    )

    @server.tool()
    def whoami() -> str:
        """Who calls."""
        token = get_access_token()
        assert token is not None
        assert token.claims is not None
        return str(token.claims["username"])

    app = server.streamable_http_app()
    async with app.router.lifespan_context(app), serving(app, listener):
        yield url


class Storage:
    """Where the SDK finds the client that was registered beforehand, and keeps its tokens."""

    def __init__(self, client: Registered, method: str) -> None:
        self.tokens: OAuthToken | None = None
        self._client = OAuthClientInformationFull(
            client_id=client.id,
            client_secret=client.secret or None,
            token_endpoint_auth_method=method,
            redirect_uris=[CALLBACK],
        )

    async def get_tokens(self) -> OAuthToken | None:
        return self.tokens

    async def set_tokens(self, tokens: OAuthToken) -> None:
        self.tokens = tokens

    async def get_client_info(self) -> OAuthClientInformationFull | None:
        return self._client

    async def set_client_info(self, client_info: OAuthClientInformationFull) -> None:
        raise AssertionError("it has registered itself")


class EmptyStorage:
    """Where the SDK finds no client, and keeps the one that it registers."""

    def __init__(self) -> None:
        self.tokens: OAuthToken | None = None
        self.client: OAuthClientInformationFull | None = None

    async def get_tokens(self) -> OAuthToken | None:
        return self.tokens

    async def set_tokens(self, tokens: OAuthToken) -> None:
        self.tokens = tokens

    async def get_client_info(self) -> OAuthClientInformationFull | None:
        return self.client

    async def set_client_info(self, client_info: OAuthClientInformationFull) -> None:
        self.client = client_info


class Program:
    """A program that uses the tools for Alice."""

    def __init__(self, url: str, person: Person, storage: Storage | EmptyStorage, **changed: str) -> None:
        self._url = url
        self._person = person
        self._changed = changed
        self._callback = ""
        self.asked: list[str] = []
        self.auth = OAuthClientProvider(
            url,
            OAuthClientMetadata(redirect_uris=[CALLBACK]),
            storage,
            redirect_handler=self._open,
            callback_handler=self._answer,
        )

    async def _open(self, url: str) -> None:
        self.asked.append(url)
        self._callback = await self._person.opens(url)

    async def _answer(self) -> AuthorizationCodeResult:
        query = httpx2.URL(with_query(self._callback, **self._changed)).params
        if "error" in query:
            raise PermissionError(query["error"])
        return AuthorizationCodeResult(code=query["code"], state=query["state"], iss=query["iss"])

    async def whoami(self) -> str:
        """Calls the tool."""
        async with (
            httpx2.AsyncClient(auth=self.auth, timeout=SECONDS_TO_WAIT) as http,
            Client(streamable_http_client(self._url, http_client=http)) as client,
        ):
            [told] = (await client.call_tool("whoami", {})).content
            return str(told.text)

    async def status(self) -> int:
        """Of a bare request, whose refusals arrive as they are."""
        async with httpx2.AsyncClient(auth=self.auth, timeout=SECONDS_TO_WAIT) as http:
            return (await http.post(self._url, json={})).status_code


@pytest.mark.parametrize(
    ("method", "public"),
    [("client_secret_basic", False), ("client_secret_post", False), ("none", True)],
)
async def test_uses_a_tool_and_refreshes(
    provider: Provider, person: Person, method: str, public: bool
) -> None:
    storage = Storage(await provider.client(public=public, scope=f"{SCOPE} offline_access"), method)
    async with tools_at(provider, scopes=[SCOPE]) as url:
        program = Program(url, person, storage)
        assert await program.whoami() == "alice"
        [asked] = program.asked
        assert httpx2.URL(asked).params["resource"] == url
        first = storage.tokens
        assert first is not None

        program.auth.context.token_expiry_time = 1
        assert await program.whoami() == "alice"
        assert len(program.asked) == 1
        assert storage.tokens is not None
        assert storage.tokens.refresh_token != first.refresh_token


async def test_rfc7591_a_program_that_nobody_registered_registers_itself_and_comes_back(
    provider: Provider, person: Person
) -> None:
    storage = EmptyStorage()
    async with tools_at(provider, scopes=[SCOPE]) as url:
        assert await Program(url, person, storage).whoami() == "alice"
        registered = storage.client
        assert registered is not None
        storage.tokens = None
        assert await Program(url, person, storage).whoami() == "alice"
    assert storage.client == registered
    async with provider.house.container.read() as uow:
        client = await uow.clients.get(str(registered.client_id))
    assert client is not None
    assert client.registered_by == "open"
    assert SCOPE in client.scope
    assert not client.scope.reserved()


async def test_gets_what_it_may_have_where_it_asks_for_every_scope_of_the_server(
    provider: Provider, person: Person
) -> None:
    storage = Storage(await provider.client(scope="openid profile"), "client_secret_basic")
    async with tools_at(provider) as url:
        program = Program(url, person, storage)
        assert await program.whoami() == "alice"
        assert "admin" in httpx2.URL(program.asked[0]).params["scope"].split()
        assert storage.tokens is not None
        assert storage.tokens.scope == "openid profile"


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        pytest.param({"state": "of somebody else"}, "State parameter mismatch", id="state"),
        pytest.param({"iss": "http://127.0.0.1:1"}, "iss mismatch", id="issuer"),
    ],
)
async def test_an_answer_of_somebody_else_is_refused_by_the_library(
    provider: Provider, person: Person, changed: dict[str, str], why: str
) -> None:
    storage = Storage(await provider.client(scope=SCOPE), "client_secret_basic")
    async with tools_at(provider, scopes=[SCOPE]) as url:
        with pytest.raises(OAuthFlowError, match=why):
            await Program(url, person, storage, **changed).status()
    assert storage.tokens is None


async def test_a_resource_that_nobody_registered_is_refused_by_the_server(
    provider: Provider, person: Person
) -> None:
    storage = Storage(await provider.client(scope=SCOPE), "client_secret_basic")
    async with tools_at(provider, registered=False, scopes=[SCOPE]) as url:
        with pytest.raises(PermissionError, match="invalid_target"):
            await Program(url, person, storage).status()


async def test_a_token_for_one_resource_is_refused_at_another(provider: Provider, person: Person) -> None:
    storage = Storage(await provider.client(scope=SCOPE), "client_secret_basic")
    async with tools_at(provider, scopes=[SCOPE]) as here, tools_at(provider, scopes=[SCOPE]) as there:
        program = Program(here, person, storage)
        assert await program.status() != 401
        assert storage.tokens is not None
        bearer = {"Authorization": f"Bearer {storage.tokens.access_token}"}
        async with httpx2.AsyncClient(headers=bearer, timeout=SECONDS_TO_WAIT) as http:
            assert (await http.post(here, json={})).status_code != 401
            assert (await http.post(there, json={})).status_code == 401
