"""The MCP SDK for TypeScript: a program that nobody registered registers itself."""

import pytest

from tests.interop.node_program import node_program
from tests.interop.provider import API_SCOPE, CALLBACK, Person, Provider

pytestmark = pytest.mark.system


@pytest.mark.parametrize("method", ["none", "client_secret_post", "client_secret_basic"])
async def test_rfc7591_registers_itself_signs_in_and_refreshes(
    provider: Provider, person: Person, method: str
) -> None:
    given = {"issuer": provider.issuer, "redirect_uri": CALLBACK, "method": method, "scope": API_SCOPE}
    async with node_program("mcp.mjs", given) as program:
        await program.hears(callback=await person.opens((await program.says())["url"]))
        learned = await program.says()

    assert "refused" not in learned, learned
    assert learned["results"] == ["REDIRECT", "AUTHORIZED", "AUTHORIZED"]
    assert learned["state"] == "of this program"
    assert learned["client"]["token_endpoint_auth_method"] == method
    assert ("client_secret" in learned["client"]) is (method != "none")
    assert learned["first"]["scope"] == API_SCOPE
    assert learned["first"]["refresh_token"] != learned["second"]["refresh_token"]
    assert learned["first"]["access_token"] != learned["second"]["access_token"]


async def test_what_cannot_be_registered_is_told_to_the_library(provider: Provider) -> None:
    given = {
        "issuer": provider.issuer,
        "redirect_uri": "http://elsewhere.example/",
        "method": "none",
        "scope": API_SCOPE,
    }
    async with node_program("mcp.mjs", given) as program:
        learned = await program.says()

    assert "redirect_uris" in learned["refused"]
