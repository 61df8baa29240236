"""openid-client for Node, with every check that it knows of an ID token, its signature included."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from identity_service.domain.entities.signing_key import SIGNING_ALGORITHMS
from tests.house import Registered
from tests.interop.node_program import NodeProgram, node_program
from tests.interop.provider import BYE, CALLBACK, SCOPE, Person, Provider, with_query

pytestmark = pytest.mark.system

AUTHENTICATIONS = ("ClientSecretPost", "ClientSecretBasic")


@asynccontextmanager
async def relying_party(
    provider: Provider,
    client: Registered | None,
    authentication: str = "ClientSecretPost",
    parameters: dict[str, str] | None = None,
    **metadata: Any,
) -> AsyncIterator[NodeProgram]:
    """The program, and what it is told about itself and the server; without a client it registers itself."""
    given = {
        "issuer": provider.issuer,
        "client_id": client and client.id,
        "secret": client and client.secret,
        "authentication": authentication,
        "redirect_uri": CALLBACK,
        "post_logout_redirect_uri": BYE,
        "scope": SCOPE,
        "parameters": parameters or {},
        "metadata": metadata,
    }
    async with node_program("openid_client.mjs", given) as program:
        yield program


@pytest.mark.parametrize("authentication", AUTHENTICATIONS)
async def test_goes_the_whole_way(provider: Provider, person: Person, authentication: str) -> None:
    client = await provider.client()
    async with relying_party(provider, client, authentication) as party:
        await party.hears(callback=await person.opens((await party.says())["url"]))
        learned = await party.says()

    assert "refused" not in learned, learned
    assert learned["claims"]["iss"] == provider.issuer
    assert learned["userinfo"]["sub"] == learned["refreshed"]["sub"] == learned["claims"]["sub"]
    assert learned["userinfo"]["email"] == "alice@example.org"
    assert (learned["before"]["active"], learned["before"]["client_id"]) == (True, client.id)
    assert learned["after"] == {"active": False}
    assert await person.opens(learned["leaving"]) == f"{BYE}?state=bye"


@pytest.mark.parametrize("method", ["client_secret_post", "none"])
async def test_rfc7591_registers_itself_and_goes_the_whole_way(
    provider: Provider, person: Person, method: str
) -> None:
    metadata = {
        "client_name": "A program that nobody knew",
        "grant_types": ["authorization_code", "refresh_token"],
        "post_logout_redirect_uris": [BYE],
        "token_endpoint_auth_method": method,
    }
    async with relying_party(provider, None, **metadata) as party:
        await party.hears(callback=await person.opens((await party.says())["url"]))
        learned = await party.says()

    assert "refused" not in learned, learned
    registered = learned["registered"]
    assert registered["client_name"] == "A program that nobody knew"
    assert learned["claims"]["aud"] == registered["client_id"]
    assert ("client_secret" in registered) is (method != "none")
    assert learned["userinfo"]["sub"] == learned["refreshed"]["sub"] == learned["claims"]["sub"]
    assert await person.opens(learned["leaving"]) == f"{BYE}?state=bye"


async def test_what_cannot_be_registered_is_told_to_the_library(provider: Provider) -> None:
    async with relying_party(provider, None, token_endpoint_auth_method="client_secret_jwt") as party:
        assert (await party.says())["error"] == "invalid_client_metadata"


async def test_a_public_client_reads_signed_userinfo(provider: Provider, person: Person) -> None:
    client = await provider.client(public=True, userinfo_signed_response_alg="RS256")
    async with relying_party(provider, client, userinfo_signed_response_alg="RS256") as party:
        await party.hears(callback=await person.opens((await party.says())["url"]))
        learned = await party.says()

    assert learned["userinfo"]["name"] == "Alice Example", learned
    assert learned["userinfo"]["aud"] == client.id


@pytest.mark.parametrize("alg", SIGNING_ALGORITHMS)
async def test_verifies_every_algorithm(provider: Provider, person: Person, alg: str) -> None:
    client = await provider.client(id_token_signed_response_alg=alg)
    async with relying_party(provider, client, id_token_signed_response_alg=alg) as party:
        await party.hears(callback=await person.opens((await party.says())["url"]))
        learned = await party.says()
    assert learned.get("claims", learned)["aud"] == client.id


async def test_another_algorithm_than_it_is_registered_for_is_refused_by_the_library(
    provider: Provider, person: Person
) -> None:
    client = await provider.client(id_token_signed_response_alg="ES256")
    async with relying_party(provider, client, id_token_signed_response_alg="PS256") as party:
        await party.hears(callback=await person.opens((await party.says())["url"]))
        assert "alg" in (await party.says())["why"]


async def test_takes_the_answer_as_a_form(provider: Provider, person: Person) -> None:
    client = await provider.client()
    async with relying_party(provider, client, parameters={"response_mode": "form_post"}) as party:
        callback, form = await person.sends((await party.says())["url"])
        await party.hears(callback=callback, form=form)
        learned = await party.says()
    assert learned.get("claims", learned)["aud"] == client.id


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        pytest.param(
            {"state": "of somebody else"}, 'unexpected "state" response parameter value', id="state"
        ),
        pytest.param(
            {"iss": "http://127.0.0.1:1"}, 'unexpected "iss" (issuer) response parameter', id="issuer"
        ),
        pytest.param({"iss": ""}, '"iss" (issuer) missing', id="no issuer"),
    ],
)
async def test_an_answer_of_somebody_else_is_refused_by_the_library(
    provider: Provider, person: Person, changed: dict[str, str], why: str
) -> None:
    async with relying_party(provider, await provider.client()) as party:
        callback = await person.opens((await party.says())["url"])
        await party.hears(callback=with_query(callback, **changed))
        assert why in (await party.says())["why"]


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        pytest.param(
            {"nonce": "of somebody else"},
            {
                "refused": "OAUTH_JWT_CLAIM_COMPARISON_FAILED",
                "why": 'unexpected ID Token "nonce" claim value',
            },
            id="nonce, by the library",
        ),
        pytest.param(
            {"code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"},
            {"error": "invalid_grant"},
            id="challenge, by the server",
        ),
    ],
)
async def test_a_request_of_somebody_else_is_refused(
    provider: Provider, person: Person, changed: dict[str, str], expected: dict[str, str]
) -> None:
    async with relying_party(provider, await provider.client()) as party:
        await party.hears(callback=await person.opens(with_query((await party.says())["url"], **changed)))
        assert expected.items() <= (await party.says()).items()
