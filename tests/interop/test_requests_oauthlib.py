"""requests-oauthlib, which knows OAuth 2 alone: it reads no ID token, and its caller reads the discovery document."""

from typing import Any

import pytest
from oauthlib.oauth2 import InvalidGrantError, MismatchingStateError, TokenExpiredError
from requests import get
from requests_oauthlib import OAuth2Session

from tests.house import Registered
from tests.interop.provider import CALLBACK, SCOPE, Person, Provider, with_query

pytestmark = pytest.mark.all


@pytest.fixture(autouse=True)
def without_tls(monkeypatch: pytest.MonkeyPatch) -> None:
    """The library's own switch for servers on this machine."""
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")


@pytest.fixture
def endpoints(provider: Provider) -> dict[str, str]:
    """What the server says about itself."""
    return dict(get(provider.discovery, timeout=10).json())


def session_of(client: Registered, **more: Any) -> OAuth2Session:
    """The library's client."""
    return OAuth2Session(client.id, scope=SCOPE.split(), redirect_uri=CALLBACK, pkce="S256", **more)


async def test_signs_in_reads_userinfo_and_refreshes_by_itself(
    provider: Provider, person: Person, endpoints: dict[str, str]
) -> None:
    client = await provider.client()
    kept: list[dict[str, Any]] = []
    with session_of(
        client,
        auto_refresh_url=endpoints["token_endpoint"],
        auto_refresh_kwargs={"client_id": client.id, "client_secret": client.secret},
        token_updater=kept.append,
    ) as session:
        url, _ = session.authorization_url(endpoints["authorization_endpoint"])
        callback = await person.opens(url)
        tokens = session.fetch_token(
            endpoints["token_endpoint"], authorization_response=callback, client_secret=client.secret
        )
        assert set(tokens["scope"]) == set(SCOPE.split())
        assert session.get(endpoints["userinfo_endpoint"]).json()["email"] == "alice@example.org"
        assert kept == []

        session.token = {**tokens, "expires_in": -1, "expires_at": 1}
        assert session.get(endpoints["userinfo_endpoint"]).json()["name"] == "Alice Example"
        [fresh] = kept
        assert fresh["refresh_token"] != tokens["refresh_token"]


async def test_a_public_client_names_itself_in_the_form(
    provider: Provider, person: Person, endpoints: dict[str, str]
) -> None:
    client = await provider.client(public=True)
    with session_of(client) as session:
        url, _ = session.authorization_url(endpoints["authorization_endpoint"])
        callback = await person.opens(url)
        tokens = session.fetch_token(
            endpoints["token_endpoint"], authorization_response=callback, include_client_id=True
        )
        fresh = session.refresh_token(endpoints["token_endpoint"], client_id=client.id)
        assert fresh["access_token"] != tokens["access_token"]
        session.token = {**fresh, "expires_in": -1, "expires_at": 1}
        with pytest.raises(TokenExpiredError):
            session.get(endpoints["userinfo_endpoint"])


async def test_a_foreign_state_is_refused_by_the_library(
    provider: Provider, person: Person, endpoints: dict[str, str]
) -> None:
    with session_of(await provider.client(public=True)) as session:
        url, _ = session.authorization_url(endpoints["authorization_endpoint"])
        callback = with_query(await person.opens(url), state="of somebody else")
        with pytest.raises(MismatchingStateError):
            session.fetch_token(endpoints["token_endpoint"], authorization_response=callback)


async def test_a_foreign_verifier_is_refused_by_the_server(
    provider: Provider, person: Person, endpoints: dict[str, str]
) -> None:
    client = await provider.client(public=True)
    with session_of(client) as one, session_of(client) as another:
        url, state = one.authorization_url(endpoints["authorization_endpoint"])
        another.authorization_url(endpoints["authorization_endpoint"], state=state)
        callback = await person.opens(url)
        with pytest.raises(InvalidGrantError):
            another.fetch_token(
                endpoints["token_endpoint"], authorization_response=callback, include_client_id=True
            )
