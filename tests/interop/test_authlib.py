"""Authlib's clients: the one for Starlette, which knows OpenID Connect, and the one over HTTPX below it."""

from typing import Any
from urllib.parse import urlsplit

import pytest
from authlib.common.security import generate_token
from authlib.integrations.base_client import MismatchingStateError, OAuthError
from authlib.integrations.httpx_client import AsyncOAuth2Client
from authlib.integrations.starlette_client import OAuth, StarletteOAuth2App
from authlib.oauth2.rfc6749.errors import MismatchingStateException
from joserfc.errors import InvalidClaimError
from starlette.requests import Request

from tests.house import Registered
from tests.interop.provider import BYE, CALLBACK, SCOPE, Person, Provider, with_query
from tests.running import SECONDS_TO_WAIT

pytestmark = pytest.mark.all


class RelyingParty:
    """An application that lets people sign in; `session` is what its web framework keeps of one browser."""

    def __init__(self, provider: Provider, client: Registered) -> None:
        self.session: dict[str, Any] = {}
        self.authlib: StarletteOAuth2App = OAuth().register(
            "house",
            client_id=client.id,
            client_secret=client.secret or None,
            server_metadata_url=provider.discovery,
            client_kwargs={"scope": SCOPE, "code_challenge_method": "S256", "timeout": SECONDS_TO_WAIT},
        )

    def request(self, url: str = CALLBACK) -> Request:
        """A request of that browser."""
        query = urlsplit(url).query.encode()
        return Request({"type": "http", "query_string": query, "headers": [], "session": self.session})

    async def sends_to(self) -> str:
        """Where it sends the browser to sign in."""
        return (await self.authlib.authorize_redirect(self.request(), CALLBACK)).headers["location"]

    async def signs_in(self, callback: str) -> dict[str, Any]:
        """What it has after the browser came back: tokens, and the claims of an ID token that Authlib has judged."""
        return dict(await self.authlib.authorize_access_token(self.request(callback)))


@pytest.mark.parametrize("public", [False, True], ids=["confidential", "public"])
async def test_signs_in_reads_userinfo_refreshes_and_signs_out(
    provider: Provider, person: Person, public: bool
) -> None:
    client = await provider.client(public=public)
    party = RelyingParty(provider, client)

    tokens = await party.signs_in(await person.opens(await party.sends_to()))

    assert tokens["userinfo"]["iss"] == provider.issuer
    assert tokens["userinfo"]["aud"] in (client.id, [client.id])
    told = await party.authlib.userinfo(token=tokens)
    assert (told["sub"], told["email"]) == (tokens["userinfo"]["sub"], "alice@example.org")

    async with oauth_client(provider, client, token=tokens) as oauth:
        fresh = await oauth.refresh_token(f"{provider.issuer}/oauth2/token")
    assert fresh["refresh_token"] != tokens["refresh_token"]
    assert (await party.authlib.parse_id_token(fresh, nonce=None))["sub"] == told["sub"]

    leaving = await party.authlib.logout_redirect(
        party.request(), BYE, id_token_hint=tokens["id_token"], client_id=client.id
    )
    back = await person.opens(leaving.headers["location"])
    assert back.startswith(f"{BYE}?")
    assert await party.authlib.validate_logout_response(party.request(back)) == {
        "post_logout_redirect_uri": BYE
    }


async def test_a_foreign_state_is_refused_by_the_library(provider: Provider, person: Person) -> None:
    party = RelyingParty(provider, await provider.client())
    callback = await person.opens(await party.sends_to())

    with pytest.raises(MismatchingStateError):
        await party.signs_in(with_query(callback, state="of somebody else"))


async def test_a_foreign_nonce_is_refused_by_the_library(provider: Provider, person: Person) -> None:
    party = RelyingParty(provider, await provider.client())
    callback = await person.opens(with_query(await party.sends_to(), nonce="of somebody else"))

    with pytest.raises(InvalidClaimError, match="nonce"):
        await party.signs_in(callback)


async def test_a_foreign_verifier_is_refused_by_the_server(provider: Provider, person: Person) -> None:
    party = RelyingParty(provider, await provider.client())
    challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
    callback = await person.opens(with_query(await party.sends_to(), code_challenge=challenge))

    with pytest.raises(OAuthError, match="invalid_grant"):
        await party.signs_in(callback)


async def test_the_oauth_client_alone_introspects_and_revokes(provider: Provider, person: Person) -> None:
    client = await provider.client()
    async with oauth_client(provider, client) as oauth:
        verifier = generate_token(48)
        url, state = oauth.create_authorization_url(
            f"{provider.issuer}/oauth2/authorize", code_verifier=verifier
        )
        callback = await person.opens(url)
        token_endpoint = f"{provider.issuer}/oauth2/token"
        with pytest.raises(MismatchingStateException):
            await oauth.fetch_token(token_endpoint, authorization_response=callback, state="another")
        tokens = await oauth.fetch_token(
            token_endpoint, authorization_response=callback, state=state, code_verifier=verifier
        )

        introspection = f"{provider.issuer}/oauth2/introspect"
        seen = await oauth.introspect_token(introspection, token=tokens["access_token"])
        assert (seen.json()["active"], seen.json()["username"]) == (True, "alice")

        revoked = await oauth.revoke_token(
            f"{provider.issuer}/oauth2/revoke",
            token=tokens["refresh_token"],
            token_type_hint="refresh_token",
        )
        assert revoked.status_code == 200
        seen = await oauth.introspect_token(introspection, token=tokens["access_token"])
        assert seen.json() == {"active": False}


def oauth_client(provider: Provider, client: Registered, **more: Any) -> AsyncOAuth2Client:
    """Authlib's client without OpenID Connect."""
    return AsyncOAuth2Client(
        client.id,
        client.secret or None,
        scope=SCOPE,
        redirect_uri=CALLBACK,
        code_challenge_method="S256",
        timeout=SECONDS_TO_WAIT,
        **more,
    )
