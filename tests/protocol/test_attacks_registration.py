"""Attacks by programs that register themselves: 4, 22, 25, 26, 36, 39 and 40, over HTTP."""

import json
from typing import Any

import pytest

from tests.house import ISSUER, House
from tests.html import parsed
from tests.registrant import APP, REGISTER, Registrant, is_refused, register
from tests.signer import Signer, key_for
from tests.visitor import visitor_of
from tests.web_site import leads_inside

pytestmark = pytest.mark.asyncio(loop_scope="module")
LINKS = ("client_uri", "logo_uri", "tos_uri", "policy_uri", "jwks_uri", "sector_identifier_uri")
TOLD_AT_LOGOUT = ("backchannel_logout_uri", "frontchannel_logout_uri")
MARKUP = "<img src=x onerror=alert(1)>\"'><script>alert(1)</script>{{7*7}}"
NAMES = ("client_name", "software_id", "software_version")
INJECTIONS = [
    "'; DROP TABLE clients; --",
    "a\r\nSet-Cookie: x=y",
    "a\0b",
    "\ud800",
    "\u202eadmin",
    "\x1b[31mred",
]


@pytest.mark.parametrize("member", [*LINKS, *TOLD_AT_LOGOUT])
@pytest.mark.parametrize(
    "uri",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "data:text/html,<script>alert(1)</script>",
        "file:///etc/passwd",
        "http://169.254.169.254/latest/meta-data",
        "//evil.example",
        "https://user:password@evil.example",
        "https://app.example/#x",
        "https://app.example/a b",
    ],
)
async def test_attack_4_a_uri_that_is_no_plain_https_is_not_registered(
    open_registration: House, member: str, uri: str
) -> None:
    assert is_refused(await register(open_registration, **{member: uri}), "invalid_client_metadata")


@pytest.mark.parametrize("member", ["jwks_uri", "logo_uri", "request_uris"])
@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "[::ffff:10.0.0.1]", "169.254.169.254:80", "2130706433", "0x7f.1"]
)
async def test_attack_4_what_would_be_fetched_inside_is_not_registered(
    open_registration: House, member: str, host: str
) -> None:
    def at(place: str) -> Any:
        uri = f"https://{place}/keys?at=inside"
        return [uri] if member == "request_uris" else uri

    refused = await register(open_registration, **{member: at(host)})

    assert is_refused(refused, "invalid_client_metadata")
    assert "inside of a network" in refused.json()["error_description"]
    assert (await register(open_registration, **{member: at("app.example")})).status_code == 201


@pytest.mark.parametrize("member", TOLD_AT_LOGOUT)
async def test_a_refused_place_to_tell_of_a_logout_is_not_called_a_redirect_uri(
    open_registration: House, member: str
) -> None:
    refused = await register(open_registration, **{member: "https://app.example/logout#x"})

    assert is_refused(refused, "invalid_client_metadata")
    assert "redirect" not in refused.json()["error_description"]


@pytest.mark.parametrize("member", ["redirect_uris", "post_logout_redirect_uris"])
@pytest.mark.parametrize(
    "uri", ["javascript:alert(1)", "http://app.example", "app:/cb", "https://app.example/../x"]
)
async def test_attack_4_people_are_sent_to_no_such_place(
    open_registration: House, member: str, uri: str
) -> None:
    error = "invalid_redirect_uri" if member == "redirect_uris" else "invalid_client_metadata"

    assert is_refused(await register(open_registration, **{member: [APP["redirect_uris"][0], uri]}), error)


@pytest.mark.parametrize(
    "asked",
    [
        {"first_party": True},
        {"rate_limit_tier": "gold"},
        {"require_pkce": False},
        {"resource_server": True, "audiences": [ISSUER]},
        {"access_token_ttl": 86_400, "refresh_token_ttl": 31_536_000, "refresh_reuse_grace": 300},
        {"grant_types": ["authorization_code", "password", "client_credentials"]},
        {"scope": "openid admin users:write clients:read account read"},
        {
            "client_id": "chosen",
            "client_secret": "chosen",
            "active": False,
            "epoch": 99,
            "registered_by": None,
        },
    ],
    ids=lambda asked: next(iter(asked)),
)
async def test_attack_4_a_stranger_gives_itself_nothing_that_administrators_give(
    open_registration: House, asked: dict[str, Any]
) -> None:
    plain = (await (await Registrant.new(open_registration, scope="openid")).as_client()).client
    made = (
        await (await Registrant.new(open_registration, **({"scope": "openid"} | asked))).as_client()
    ).client

    for name in (
        *asked,
        "rate_limit_tier",
        "first_party",
        "require_pkce",
        "resource_server",
        "audiences",
        "registered_by",
    ):
        if name not in ("client_id", "client_secret", "grant_types"):
            assert getattr(made, name) == getattr(plain, name), name
    assert made.grant_types <= {"authorization_code", "refresh_token"}
    assert "chosen" not in (made.client_id, *(secret.stored for secret in made.secrets))


async def test_attacks_4_and_36_markup_in_a_name_is_a_name(open_registration: House) -> None:
    made = await Registrant.new(open_registration, client_name=MARKUP)
    async with visitor_of(open_registration) as visitor:
        page = await visitor.to_page(await visitor.ask(await made.as_client()))

    scripts = [
        each for each in parsed(page.answer.text).iter() if str(each.tag).endswith(("}script", "}img"))
    ]
    assert scripts == []
    assert "&lt;script&gt;" in page.answer.text
    assert "{{7*7}}" in page.answer.text


async def test_attack_22_a_name_that_leads_inside_is_registered_and_never_fetched(
    open_registration: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    leads_inside(monkeypatch, "keys.example", to="10.0.0.1")
    uri = "https://keys.example/keys"
    made = await Registrant.new(open_registration, token_endpoint_auth_method="private_key_jwt", jwks_uri=uri)
    form = Signer(await made.as_client(), key_for()).form(grant_type="authorization_code", code="x")

    assert is_refused(await open_registration.http.post("/oauth2/token", data=form), "invalid_client", 401)


async def test_attack_25_no_answer_after_the_first_has_the_secret_and_no_answer_a_digest(
    open_registration: House,
) -> None:
    made = await Registrant.new(open_registration)
    client = (await made.as_client()).client
    secret = made.told["client_secret"]
    async with open_registration.container.read() as uow:
        kept = await uow.registration_access_tokens.get(client.client_id)
    assert kept is not None

    for answer in (await made("GET"), await made("PUT", json=made.sendable(client_secret=secret))):
        assert answer.status_code == 200
        for hidden in (secret, client.secrets[0].stored, kept.hex()):
            assert hidden not in answer.text


async def test_attack_26_where_the_registration_is_comes_from_the_issuer(open_registration: House) -> None:
    answer = await open_registration.http.post(
        REGISTER, json=APP, headers={"Forwarded": "host=evil.example", "X-Forwarded-Host": "evil.example"}
    )

    assert answer.json()["registration_client_uri"].startswith(f"{ISSUER}{REGISTER}/")


@pytest.mark.parametrize("member", NAMES)
@pytest.mark.parametrize("text", INJECTIONS)
async def test_attacks_39_and_40_what_is_no_text_for_people_is_refused_and_the_rest_is_kept_as_it_is(
    open_registration: House, member: str, text: str
) -> None:
    body = json.dumps(APP | {member: text}).encode()
    answer = await open_registration.http.post(
        REGISTER, content=body, headers={"Content-Type": "application/json"}
    )

    if text.isprintable():
        assert answer.json()[member] == text
    else:
        assert is_refused(answer, "invalid_client_metadata")
        assert text not in answer.text
