"""What a client may ask of a sign-in, and what it cannot (OIDC Core §3.1.2.1, §3.1.2.3, §3.1.2.6, §5.5)."""

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest
import pytest_asyncio

from identity_service.domain.services.sign_in import ACR_PASSWORD
from tests.clock import Clock
from tests.forged import claims_of, forged, header_of, our_key, rs256
from tests.house import House, Registered, open_house, settings_for
from tests.html import elements
from tests.migrated import copy_of
from tests.visitor import Visitor, app_of, is_answer, told, visitor_of

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def clock() -> Clock:
    return Clock()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(sqlite_template: Any, tmp_path_factory: Any, clock: Clock) -> AsyncIterator[House]:
    folder = tmp_path_factory.mktemp("house")
    settings = settings_for(folder, database_url=copy_of(sqlite_template, folder))
    async with open_house(settings, clock=clock) as opened:
        await opened.add_user()
        await opened.add_user("bob")
        yield opened


@pytest_asyncio.fixture(loop_scope="module")
async def visitor(house: House) -> AsyncIterator[Visitor]:
    async with visitor_of(house) as browser:
        yield browser


async def steps(visitor: Visitor, answer: httpx2.Response, username: str = "alice") -> list[str]:
    """The pages on the way, and what the client is told at its end."""
    pages: list[str] = []
    while not is_answer(answer):
        page = await visitor.to_page(answer)
        pages.append(page.path.split("/")[1])
        if pages[-1] == "select-account":
            [account] = [each for each in elements(page.answer.text, "button") if each.get("value")]
            answer = await page.submit(account=account["value"])
        else:
            answer = await page.filled(username)
    return [*pages, told(answer).get("error", "code")]


@pytest.mark.parametrize(
    ("prompt", "pages"),
    [
        (None, ["code"]),
        ("none", ["code"]),
        ("login", ["login", "code"]),
        ("consent", ["consent", "code"]),
        ("select_account", ["select-account", "code"]),
        ("login consent", ["login", "consent", "code"]),
        ("consent login select_account", ["select-account", "login", "consent", "code"]),
    ],
)
async def test_s3_1_2_1_prompt_decides_what_is_asked_of_who_is_signed_in(
    visitor: Visitor, prompt: str | None, pages: list[str]
) -> None:
    client = await app_of(visitor.house)
    await visitor.agreed(client)

    assert await steps(visitor, await visitor.ask(client, prompt=prompt)) == pages


@pytest.mark.parametrize(
    ("prompt", "pages"),
    [
        ("none", ["login_required"]),
        ("login", ["login", "consent", "code"]),
        ("consent", ["login", "consent", "code"]),
        ("select_account", ["login", "consent", "code"]),
    ],
)
async def test_s3_1_2_1_prompt_decides_what_is_asked_of_whoever_comes(
    visitor: Visitor, prompt: str, pages: list[str]
) -> None:
    client = await app_of(visitor.house)

    assert await steps(visitor, await visitor.ask(client, prompt=prompt)) == pages


async def test_s3_1_2_6_no_page_and_no_consent(visitor: Visitor) -> None:
    client, other = await app_of(visitor.house), await app_of(visitor.house)
    await visitor.agreed(client)

    assert told(await visitor.ask(other, prompt="none"))["error"] == "consent_required"
    assert "code" in told(await visitor.ask(client, prompt="none"))


async def test_s2_auth_time_is_that_of_the_sign_in(visitor: Visitor, clock: Clock) -> None:
    client = await app_of(visitor.house)
    first = claims_of((await visitor.tokens(client, max_age="15000"))["id_token"])
    clock.now += 100
    silent = claims_of((await visitor.tokens(client, prompt="none"))["id_token"])
    again = claims_of((await visitor.tokens(client, prompt="login"))["id_token"])

    assert first["auth_time"] == silent["auth_time"] == clock.now - 100
    assert again["auth_time"] == again["iat"] == clock.now
    assert first["sub"] == silent["sub"] == again["sub"]
    assert first["sid"] == silent["sid"] == again["sid"]


@pytest.mark.parametrize(
    ("max_age", "later", "pages"),
    [
        ("60", 60, ["code"]),
        ("60", 61, ["login", "code"]),
        ("0", 0, ["login", "code"]),
        ("1", 2, ["login", "code"]),
        ("10000", 100, ["code"]),
    ],
)
async def test_s3_1_2_1_who_signed_in_too_long_ago_signs_in_again(
    visitor: Visitor, clock: Clock, max_age: str, later: int, pages: list[str]
) -> None:
    client = await app_of(visitor.house)
    await visitor.agreed(client)
    clock.now += later

    silent = told(await visitor.ask(client, max_age=max_age, prompt="none"))
    assert silent.get("error", "code") == ("login_required" if "login" in pages else "code")
    assert await steps(visitor, await visitor.ask(client, max_age=max_age)) == pages


async def test_registration_s2_default_max_age_holds_unless_the_request_has_another(
    visitor: Visitor, clock: Clock
) -> None:
    client = await app_of(visitor.house, default_max_age=60)
    await visitor.agreed(client)
    clock.now += 61

    assert told(await visitor.ask(client, prompt="none"))["error"] == "login_required"
    assert "code" in told(await visitor.ask(client, prompt="none", max_age="100"))


async def id_token(visitor: Visitor, client: Registered, **params: Any) -> str:
    return str((await visitor.tokens(client, **params))["id_token"])


async def test_s3_1_2_1_a_hint_at_who_is_signed_in_needs_no_page(visitor: Visitor, clock: Clock) -> None:
    client = await app_of(visitor.house)
    hint = await id_token(visitor, client)

    assert "code" in told(await visitor.ask(client, prompt="none", id_token_hint=hint))
    clock.now += 100_000
    assert claims_of(hint)["exp"] < clock.now
    assert "code" in told(await visitor.ask(client, prompt="none", id_token_hint=hint))


async def test_s3_1_2_1_a_hint_at_somebody_else_asks_for_that_person(visitor: Visitor) -> None:
    client = await app_of(visitor.house)
    hint = await id_token(visitor, client, username="bob")
    async with visitor_of(visitor.house) as other:
        await other.agreed(client)
        answer = await other.ask(client, prompt="none", id_token_hint=hint)
        assert told(answer)["error"] == "login_required"

        answer = await other.ask(client, id_token_hint=hint)
        assert await steps(other, answer, "alice") == ["login", "login_required"]
        answer = await other.ask(client, id_token_hint=hint)
        assert await steps(other, answer, "bob") == ["login", "code"]


async def test_s3_1_2_1_only_an_id_token_of_ours_for_this_client_hints(visitor: Visitor) -> None:
    client, other = await app_of(visitor.house), await app_of(visitor.house)
    tokens = await visitor.tokens(client)
    hint = tokens["id_token"]
    header, claims, sign = header_of(hint), claims_of(hint), rs256(our_key())
    assert "code" in told(
        await visitor.ask(client, prompt="none", id_token_hint=forged(header, claims, sign))
    )

    for why, bad in {
        "another client's": await id_token(visitor, other),
        "an access token": tokens["access_token"],
        "of another issuer": forged(header, claims | {"iss": "https://evil.example"}, sign),
        "of another type": forged(header | {"typ": "at+jwt"}, claims, sign),
        "unsigned": forged(header | {"alg": "none"}, claims, lambda _: b""),
        "changed": forged(header, claims | {"sub": "bob"}, lambda _: bytes(256)),
        "with a key of its own": forged(header | {"kid": "x"}, claims, sign),
        "no token": "x.y.z",
    }.items():
        answer = told(await visitor.ask(client, prompt="none", id_token_hint=bad))
        assert answer["error"] == "invalid_request", why


async def test_s5_5_1_a_person_named_by_claims_is_the_only_one_who_will_do(visitor: Visitor) -> None:
    client = await app_of(visitor.house)
    alice = claims_of(await id_token(visitor, client))["sub"]

    def named(sub: str) -> str:
        return json.dumps({"id_token": {"sub": {"value": sub}}})

    assert "code" in told(await visitor.ask(client, prompt="none", claims=named(alice)))
    answer = told(await visitor.ask(client, prompt="none", claims=named("somebody")))
    assert answer["error"] == "login_required"
    hint = await id_token(visitor, client)
    answer = told(await visitor.ask(client, prompt="none", claims=named("x"), id_token_hint=hint))
    assert answer["error"] == "invalid_request"


async def test_s3_1_2_1_a_login_hint_is_filled_in_and_nothing_more(visitor: Visitor) -> None:
    client = await app_of(visitor.house)
    for hint in ("bob", 'bob" autofocus onfocus="evil()', "<script>x</script>"):
        page = await visitor.to_page(await visitor.ask(client, login_hint=hint))
        [field] = [each for each in elements(page.answer.text, "input") if each.get("id") == "username"]
        assert field["value"] == hint
        assert "onfocus" not in field
        assert len(elements(page.answer.text, "script")) == 0
    assert await steps(visitor, await visitor.ask(client, login_hint="bob"), "alice") == [
        "login",
        "consent",
        "code",
    ]


async def test_s3_1_2_1_pages_speak_the_language_that_is_asked_for(visitor: Visitor) -> None:
    client = await app_of(visitor.house)
    page = await visitor.to_page(await visitor.ask(client, ui_locales="xx de-AT en"))
    assert page.answer.headers["content-language"] == "de"

    page = await visitor.to_page(await visitor.ask(client, ui_locales="xx"))
    assert page.answer.headers["content-language"] == "en"


async def test_s5_5_1_1_the_level_that_is_reached_is_told_and_an_essential_one_must_be(
    visitor: Visitor,
) -> None:
    client = await app_of(visitor.house)

    def essential(*levels: str) -> str:
        return json.dumps({"id_token": {"acr": {"essential": True, "values": levels}}})

    claims = claims_of(await id_token(visitor, client, claims=essential("gold", ACR_PASSWORD)))
    assert (claims["acr"], claims["amr"]) == (ACR_PASSWORD, ["pwd"])
    voluntary = json.dumps({"id_token": {"acr": {"values": ["gold"]}}})
    assert claims_of(await id_token(visitor, client, claims=voluntary))["acr"] == ACR_PASSWORD
    assert claims_of(await id_token(visitor, client, acr_values="gold"))["acr"] == ACR_PASSWORD
    answer = told(await visitor.ask(client, claims=essential("gold")))
    assert answer["error"] == "unmet_authentication_requirements"
