"""Request objects that clients publish (RFC 9101 §5.2, OIDC Core §6.2)."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import httpx2
import pytest

from tests.house import House
from tests.protocol.test_authorize import is_shown
from tests.requester import Requester, requester_in
from tests.signer import key_for
from tests.unit.application.sign_in.test_request_references import pinned
from tests.visitor import REDIRECT_URI, Pkce, Visitor, is_answer, told, visitor_of
from tests.web_site import WebSite, leads_inside, served

Open = Callable[..., AbstractAsyncContextManager[House]]


class Rig:
    """A house that takes references, a site that it may fetch from, and a browser."""

    def __init__(self, visitor: Visitor, site: WebSite) -> None:
        self.visitor = visitor
        self.site = site
        self.place = f"http://127.0.0.1:{site.port}/request.jwt"

    async def app(self, *request_uris: str, **members: Any) -> Requester:
        registered = request_uris or (self.place,)
        return await requester_in(self.visitor.house, request_uris=registered, **members)

    def publishes(self, token: str, media_type: str = "application/oauth-authz-req+jwt") -> None:
        self.site.says(token.encode(), media_type=media_type)

    async def ask(self, app: Requester, reference: str | None = None, **beside: Any) -> httpx2.Response:
        params = app.beside(request_uri=reference or self.place, **beside)
        return await self.visitor.get("/oauth2/authorize", **params)


@pytest.fixture
async def rig(house_with: Open) -> AsyncIterator[Rig]:
    async with served(WebSite()) as site:
        settings = {"request_uri_parameter": True, "fetch_exceptions": (f"127.0.0.1:{site.port}",)}
        async with house_with(**settings) as house, visitor_of(house) as visitor:
            await house.add_user()
            yield Rig(visitor, site)


async def test_conformance_oidcc_request_uri_signed_rs256(rig: Rig) -> None:
    """The module registers the place and RS256, sends the parameters of OAuth 2 beside, and has to succeed."""
    app, pkce = await rig.app(alg="RS256", request_object_signing_alg="RS256"), Pkce.new()
    beside = {"response_type": "code", "scope": "openid", "redirect_uri": REDIRECT_URI}
    told_of = (await rig.visitor.get("/.well-known/openid-configuration")).json()
    for media_type in ("application/oauth-authz-req+jwt", "application/jwt", "application/jose"):
        rig.publishes(app.object(pkce, nonce="n"), media_type)

        answer = told(await rig.visitor.led_back(await rig.ask(app, **beside)))

        assert answer["state"] == "a state"
        assert (await rig.visitor.exchange(app.client, answer["code"], pkce)).status_code == 200
    assert told_of["request_uri_parameter_supported"] is True
    assert told_of["require_request_uri_registration"] is True
    assert "RS256" in told_of["request_object_signing_alg_values_supported"]


async def test_conformance_oidcc_request_uri_unsigned_is_refused_as_the_metadata_says(rig: Rig) -> None:
    app = await rig.app()
    head, payload, _ = app.object(header={"alg": "none"}).split(".")
    rig.publishes(f"{head}.{payload}.")

    answer = told(await rig.ask(app, redirect_uri=REDIRECT_URI))

    assert answer["error"] == "invalid_request_object"
    metadata = (await rig.visitor.get("/.well-known/openid-configuration")).json()
    assert "none" not in metadata["request_object_signing_alg_values_supported"]


async def test_oidc_core_s6_2_a_fragment_pins_what_is_there(rig: Rig) -> None:
    app = await rig.app()
    token = app.object(prompt="none")
    reference = pinned(token.encode(), rig.place)
    async with rig.visitor.house.container.begin() as uow:
        await uow.clients.change(app.client.id, {"request_uris": (reference,)}, version=None)
        await uow.commit()

    rig.publishes(app.object(prompt="none", scope="openid email"))
    other = told(await rig.ask(app, reference, redirect_uri=REDIRECT_URI))
    rig.publishes(token)
    good = [told(await rig.ask(app, reference)) for _ in range(3)]
    unpinned = told(await rig.ask(app, rig.place, redirect_uri=REDIRECT_URI))

    assert other["error"] == unpinned["error"] == "invalid_request_uri"
    assert [answer["error"] for answer in good] == ["login_required"] * 3
    assert len(rig.site.asked) == 2, "what is pinned is kept"


REFUSED: dict[str, dict[str, Any]] = {
    "another status": {"status": "302 Found"},
    "another type": {"media_type": "text/html"},
    "35: a long body": {"body": b"x" * 20_000},
}


@pytest.mark.parametrize("answers", REFUSED.values(), ids=REFUSED)
async def test_oidc_core_s6_2_what_cannot_be_had_is_an_invalid_request_uri(
    rig: Rig, answers: dict[str, Any]
) -> None:
    app = await rig.app()
    said = {"body": app.object().encode(), "media_type": "application/jwt"} | answers
    rig.site.says(said.pop("body"), **said)

    answer = told(await rig.ask(app, redirect_uri=REDIRECT_URI, state="beside"))

    assert (answer["error"], answer["state"]) == ("invalid_request_uri", "beside")
    assert is_shown(await rig.ask(app, redirect_uri="https://evil.example"), "invalid_request_uri")


async def test_attack_22_only_what_is_registered_is_fetched_and_nothing_inside(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    leads_inside(monkeypatch, "requests.example", to="127.0.0.1")
    inside = (f"https://requests.example:{rig.site.port}/r",)
    app = await rig.app(*inside)
    for reference in (*inside, rig.place, f"{inside[0]}?", "urn:ietf:params:oauth:request_uri:x"):
        answer = told(await rig.ask(app, reference, redirect_uri=REDIRECT_URI))
        assert answer["error"] == "invalid_request_uri"
    assert rig.site.asked == []


async def test_attack_5_a_published_object_leads_nowhere_but_to_where_was_registered(rig: Rig) -> None:
    app = await rig.app()
    rig.publishes(app.object(redirect_uri="https://evil.example"))
    assert is_shown(await rig.ask(app, redirect_uri=REDIRECT_URI))
    rig.publishes(Requester(app.client, key_for("EdDSA")).object())
    assert is_shown(await rig.ask(app, scope="openid"), "invalid_request_object")


async def test_oidc_core_s3_1_2_6_references_are_not_taken_unless_the_operator_wants_them(
    small_house: House,
) -> None:
    app = await requester_in(small_house, request_uris=("https://app.example/r",))
    async with visitor_of(small_house) as visitor:
        params = app.beside(request_uri="https://app.example/r", redirect_uri=REDIRECT_URI)

        answer = told(await visitor.get("/oauth2/authorize", **params))

        assert answer["error"] == "request_uri_not_supported"
        metadata = (await visitor.get("/.well-known/openid-configuration")).json()
        assert metadata["request_uri_parameter_supported"] is False
        assert "require_request_uri_registration" not in metadata


@pytest.mark.every_storage
async def test_attack_20_of_concurrent_uses_of_an_object_one_gets_in(house: House) -> None:
    app = await requester_in(house)
    params = app.params(jti="once") | {"redirect_uri": REDIRECT_URI}

    answers = await asyncio.gather(*(house.http.get("/oauth2/authorize", params=params) for _ in range(6)))

    assert sorted(map(is_answer, answers)) == [False, True, True, True, True, True]
    refused = [told(answer)["error"] for answer in answers if is_answer(answer)]
    assert refused == ["invalid_request_object"] * 5
