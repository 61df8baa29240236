"""Quotas of requests: who is counted where, and what whoever asks too often is told (RFC 6585 §4,
draft-ietf-httpapi-ratelimit-headers-10)."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import httpx2
import pytest

from identity_service.domain.services.quota_policy import InvalidPolicy, parse_policy
from identity_service.http.admitting import endpoint_of
from identity_service.http.methods import every_route
from identity_service.infrastructure.config.settings import WrongSettings, load_settings
from tests.feed import caught_up
from tests.house import House, Registered
from tests.raw_request import Raw, send

Open = Callable[..., AbstractAsyncContextManager[House]]
Asked = tuple[str, str, dict[str, Any]]

PROXY = "192.0.2.7"
"""From where the tests call; with TRUSTED_PROXIES they say who calls."""
OAUTH: list[Asked] = [
    ("token", "/oauth2/token", {"data": {"grant_type": "client_credentials"}}),
    ("introspect", "/oauth2/introspect", {"data": {"token": "x"}}),
    ("revoke", "/oauth2/revoke", {"data": {"token": "x"}}),
    ("userinfo", "/oauth2/userinfo", {}),
    ("register", "/oauth2/register", {"json": {}}),
]
PROBLEMS: list[Asked] = [("api", "/users/me", {}), ("api", "/clients", {}), ("api", "/outbox/messages", {})]
PAGES: list[Asked] = [
    ("authorize", "/oauth2/authorize", {}),
    ("sign_in", "/login/01997d5e-7c1a-7cc3-9d6f-0b5a3a0b8c66", {}),
    ("sign_in", "/consent/x", {}),
    ("sign_in", "/select-account/x", {}),
    ("logout", "/oauth2/logout", {}),
    ("account", "/account", {}),
    ("account", "/account/sessions", {}),
]


FOR_EVERYBODY = {
    *("/", "/health", "/health/live", "/health/ready", "/docs", "/docs/start.js", "/docs/assets/{name}"),
    *("/redoc", "/openapi.json", "/static/{file}", "/logos/{digest}", "/.well-known/jwks.json"),
    *("/.well-known/oauth-authorization-server", "/.well-known/openid-configuration"),
}


@pytest.fixture
def under(house_with: Open, tmp_path: Path) -> Open:
    """`async with under(policy) as house:` is a server with this file of quotas."""

    def opened(policy: str, **settings: Any) -> AbstractAsyncContextManager[House]:
        file = tmp_path / "quotas.toml"
        file.write_text(policy)
        return house_with(rate_limit_policy_file=file, **settings)

    return opened


async def ask(house: House, asked: Asked, **more: Any) -> httpx2.Response:
    _, path, body = asked
    return await house.http.request("POST" if body else "GET", path, **body, **more)


def from_address(address: str) -> dict[str, Any]:
    return {"headers": {"X-Forwarded-For": address}}


async def of_client(house: House, client: Registered, **more: Any) -> httpx2.Response:
    return await house.http.post(
        "/oauth2/token", data={"grant_type": "client_credentials"}, auth=client.basic, **more
    )


def raw(path: str, client: Registered, body: bytes) -> Raw:
    """As servers hand it on: whole, so that every door may take it."""
    headers = [
        (b"host", b"id.example"),
        (b"authorization", client.basic._auth_header.encode()),
        (b"content-type", b"application/x-www-form-urlencoded"),
        (b"content-length", b"%d" % len(body)),
    ]
    return Raw(method="POST", path=path, headers=headers, pieces=[body])


def is_too_many(answer: httpx2.Response) -> bool:
    if answer.status_code == 429:
        assert int(answer.headers["retry-after"]) >= 1
        assert "no-store" in answer.headers["cache-control"]
    return answer.status_code == 429


@pytest.mark.parametrize("asked", OAUTH, ids=lambda asked: asked[1])
async def test_rfc6749_s5_2_an_oauth_endpoint_refuses_in_its_own_json(under: Open, asked: Asked) -> None:
    policy = f'[address]\n{asked[0]} = {{ limit = 1, per = "day" }}'
    async with under(policy, client_registration="open") as house:
        first, second = await ask(house, asked), await ask(house, asked)

    assert first.status_code != 429
    assert is_too_many(second)
    assert second.json() == {
        "error": "temporarily_unavailable",
        "error_description": "too many requests, try again later",
    }
    assert second.headers["ratelimit"].startswith(f'"address-{asked[0]}";r=0;t=')
    assert second.headers["ratelimit-policy"] == f'"address-{asked[0]}";q=1;w=86400'


@pytest.mark.parametrize("asked", PROBLEMS, ids=lambda asked: asked[1])
async def test_rfc9457_the_api_refuses_by_a_problem(under: Open, asked: Asked) -> None:
    async with under('[address]\napi = { limit = 1, per = "day" }') as house:
        first, second = await ask(house, asked), await ask(house, asked)

    assert first.status_code == 401
    assert is_too_many(second)
    assert second.headers["content-type"] == "application/problem+json"
    assert second.json()["status"] == 429
    assert second.json()["instance"] == asked[1]


@pytest.mark.parametrize("asked", PAGES, ids=lambda asked: asked[1])
async def test_people_are_refused_by_a_page(under: Open, asked: Asked) -> None:
    async with under(f'[address]\n{asked[0]} = {{ limit = 1, per = "day" }}') as house:
        first, second = await ask(house, asked), await ask(house, asked)

    assert first.status_code != 429
    assert is_too_many(second)
    assert second.headers["content-type"].startswith("text/html")
    assert "content-security-policy" in second.headers
    assert "Too many requests came from here." in second.text


@pytest.mark.parametrize("path", ["/health", "/health/live", "/.well-known/jwks.json", "/", "/nothing/there"])
async def test_what_anybody_may_read_is_not_counted(under: Open, path: str) -> None:
    async with under('[address]\nall = { limit = 1, per = "day" }') as house:
        answers = [await house.http.get(path) for _ in range(3)]

    assert 429 not in [answer.status_code for answer in answers]
    assert "ratelimit" not in answers[2].headers


def test_every_route_is_counted_or_is_for_everybody(small_house: House) -> None:
    """A new one has to be one of the two."""
    uncounted = {
        route.path for route in every_route(small_house.app) if endpoint_of(route.path) is None
    } - FOR_EVERYBODY

    assert uncounted == set()


async def test_each_answer_says_how_the_quotas_stand(under: Open) -> None:
    async with under(
        '[address]\nall = { limit = 10, per = "hour" }\n'
        'token = { limit = 2, per = "minute", algorithm = "token_bucket", burst = 5 }\n'
        '[global]\ntoken = { limit = 100, per = "minute" }'
    ) as house:
        client = await house.add_client()
        refused = await house.token(client, grant_type="password")
        (stand,) = refused.headers.get_list("ratelimit")
        (policy,) = refused.headers.get_list("ratelimit-policy")

    assert refused.status_code == 400
    assert policy == '"address-token";q=5;w=150, "address-all";q=10;w=3600'
    assert [part.split(";t=")[0] for part in stand.split(", ")] == [
        '"address-token";r=4',
        '"address-all";r=9',
    ]


async def test_addresses_are_counted_apart_and_of_ipv6_a_whole_network(under: Open) -> None:
    policy = '[address]\ntoken = { limit = 1, per = "day" }'
    async with under(policy, trusted_proxies=(PROXY,)) as house:

        async def too_many(address: str) -> bool:
            return is_too_many(await ask(house, OAUTH[0], **from_address(address)))

        assert not await too_many("203.0.113.1")
        assert await too_many("203.0.113.1")
        assert not await too_many("203.0.113.2")
        assert not await too_many("2001:db8:0:1::1")
        assert await too_many("2001:db8:0:1:ffff::2")
        assert not await too_many("2001:db8:0:2::1")


async def test_all_of_it_together_is_counted_once_for_each_request(under: Open) -> None:
    async with under('[address]\nall = { limit = 2, per = "day" }') as house:
        answers = [await ask(house, asked) for asked in (OAUTH[0], OAUTH[2], PAGES[0])]

    assert [is_too_many(answer) for answer in answers] == [False, False, True]


async def test_clients_are_counted_apart_wherever_they_come_from(under: Open) -> None:
    policy = '[client]\ntoken = { limit = 2, per = "day" }'
    async with under(policy, trusted_proxies=(PROXY,)) as house:
        one, other = await house.add_client(), await house.add_client()
        answers = [await of_client(house, one, **from_address(f"203.0.113.{at}")) for at in range(3)]
        elsewhere = await of_client(house, other)

    assert [is_too_many(answer) for answer in answers] == [False, False, True]
    assert answers[1].headers["ratelimit"].startswith('"client-token";r=0')
    assert answers[2].json()["error"] == "temporarily_unavailable"
    assert elsewhere.status_code == 200


@pytest.mark.parametrize("fast_path", ["on", "off"])
async def test_client_credentials_are_counted_exactly_at_every_door(under: Open, fast_path: str) -> None:
    async with under('[client]\ntoken = { limit = 5, per = "day" }', fast_path=fast_path) as house:
        client = await house.add_client()
        await caught_up(house)
        asked = raw("/oauth2/token", client, b"grant_type=client_credentials")
        answers = [await send(house.app, asked) for _ in range(7)]
        ordinary = house.app.state.requests.refusals

    assert [answer.status for answer in answers] == [200] * 5 + [429] * 2
    left = [dict(answer.headers)[b"ratelimit"].partition(b";t=")[0] for answer in answers]
    assert left == [b'"client-token";r=%d' % left for left in (4, 3, 2, 1, 0, 0, 0)]
    assert {dict(answer.headers)[b"ratelimit-policy"] for answer in answers} == {
        b'"client-token";q=5;w=86400'
    }
    assert sum(ordinary.values()) == 2


@pytest.mark.parametrize("path", ["/oauth2/token", "/oauth2/revoke", "/oauth2/introspect"])
async def test_a_client_that_nobody_remembers_is_counted_once_it_has_proven_itself(
    under: Open, path: str
) -> None:
    """Its secret is in the form, which nobody reads before."""
    name = path.rpartition("/")[2]
    async with under(f'[client]\n{name} = {{ limit = 2, per = "day" }}') as house:
        client = await house.add_client()
        form = {"client_id": client.id, "client_secret": client.secret, "token": "x"}
        form |= {"grant_type": "client_credentials"} if name == "token" else {}
        answers = [await house.http.post(path, data=form) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 429]


async def test_a_tier_has_quotas_of_its_own_and_the_others_of_all_clients(under: Open) -> None:
    policy = (
        '[client]\ntoken = { limit = 1, per = "day" }\nrevoke = { limit = 1, per = "day" }\n'
        '[tier.gold]\ntoken = { limit = 3, per = "day" }'
    )
    async with under(policy) as house:
        gold = await house.add_client(rate_limit_tier="gold")
        unknown = await house.add_client(rate_limit_tier="of-nobody")
        golden = [is_too_many(await of_client(house, gold)) for _ in range(4)]
        revoking = [is_too_many(await house.post("/oauth2/revoke", gold, token="x")) for _ in range(2)]
        ordinary = [is_too_many(await of_client(house, unknown)) for _ in range(2)]

    assert golden == [False, False, False, True]
    assert revoking == ordinary == [False, True]


async def test_attack_35_a_stranger_uses_up_nothing_of_a_client(under: Open) -> None:
    policy = '[client]\ntoken = { limit = 1, per = "day" }\n[address]\ntoken = { limit = 4, per = "day" }'
    async with under(policy, trusted_proxies=(PROXY,)) as house:
        client, public = await house.add_client(), await house.add_client(public=True)
        wrong = Registered(client.client, "wrong")
        guesses = [await of_client(house, wrong, **from_address("203.0.113.9")) for _ in range(5)]
        named = [await house.token(public, grant_type="refresh_token") for _ in range(3)]
        own = await of_client(house, client, **from_address("203.0.113.1"))

    assert [answer.status_code for answer in guesses] == [401, 401, 401, 401, 429]
    assert [answer.status_code for answer in named] == [400, 400, 400]
    assert own.status_code == 200


async def test_people_are_counted_by_their_access_token(under: Open) -> None:
    async with under('[user]\napi = { limit = 2, per = "day" }') as house:
        client = await house.add_client(scope="openid account")
        await house.add_user("alice")
        await house.add_user("bob")

        async def me(token: str) -> bool:
            headers = {"Authorization": f"Bearer {token}"}
            return is_too_many(await house.http.get("/users/me", headers=headers))

        alice = [(await house.sign_in(client, "alice"))["access_token"] for _ in range(2)]
        assert [await me(token) for token in (*alice, *alice)] == [False, False, True, True]
        assert not await me((await house.sign_in(client, "bob"))["access_token"])


async def test_people_are_counted_at_userinfo(under: Open) -> None:
    async with under('[user]\nuserinfo = { limit = 1, per = "day" }') as house:
        client = await house.add_client(scope="openid")
        await house.add_user("alice")
        token = (await house.sign_in(client, scope="openid"))["access_token"]
        headers = {"Authorization": f"Bearer {token}"}
        answers = [await house.http.get("/oauth2/userinfo", headers=headers) for _ in range(2)]

    assert [is_too_many(answer) for answer in answers] == [False, True]


async def test_what_all_share_is_kept_from_nobody_who_is_refused_for_an_own_quota(under: Open) -> None:
    policy = '[global]\ntoken = { limit = 3, per = "day" }\n[address]\ntoken = { limit = 1, per = "day" }'
    async with under(policy, trusted_proxies=(PROXY,)) as house:
        flood = [is_too_many(await ask(house, OAUTH[0])) for _ in range(5)]
        others = [await ask(house, OAUTH[0], **from_address(f"203.0.113.{at}")) for at in range(3)]

    assert flood == [False, True, True, True, True]
    assert [is_too_many(answer) for answer in others] == [False, False, True]
    assert "global" not in others[2].headers["ratelimit"]


@pytest.mark.parametrize("fast_path", ["on", "off"])
@pytest.mark.parametrize("limit", [3, 60])
async def test_introspection_is_counted_by_caller_at_every_door(
    under: Open, limit: int, fast_path: str
) -> None:
    """Sixty are drawn three at a time."""
    policy = f'[client]\nintrospect = {{ limit = {limit}, per = "day" }}'
    async with under(policy, fast_path=fast_path) as house:
        client, other = await house.add_client(), await house.add_client()
        token = (await of_client(house, client)).json()["access_token"]
        await caught_up(house)
        asked = raw("/oauth2/introspect", client, b"token=" + token.encode())
        answers = [await send(house.app, asked) for _ in range(limit + 2)]
        elsewhere = await house.post("/oauth2/introspect", other, token=token)

    assert [answer.status for answer in answers] == [200] * limit + [429] * 2
    told, refused = dict(answers[0].headers), dict(answers[-1].headers)
    assert b"ratelimit" not in told
    assert refused[b"ratelimit"].startswith(b'"client-introspect";r=0')
    assert int(refused[b"retry-after"]) >= 1
    assert b'"temporarily_unavailable"' in answers[-1].body
    assert elsewhere.json() == {"active": False}


async def test_off_means_no_quota(under: Open) -> None:
    async with under('[address]\nall = { limit = 1, per = "day" }', rate_limits="off") as house:
        answers = [await ask(house, OAUTH[0]) for _ in range(3)]

    assert {answer.status_code for answer in answers} == {401}
    assert "ratelimit" not in answers[0].headers


async def test_scripts_on_allowed_origins_may_read_it(under: Open) -> None:
    origin = "https://page.example"
    async with under('[address]\ntoken = { limit = 1, per = "day" }', allowed_origins=(origin,)) as house:
        for _ in range(2):
            answer = await ask(house, OAUTH[0], headers={"Origin": origin})

    assert is_too_many(answer)
    assert answer.headers["access-control-allow-origin"] == origin
    assert {"RateLimit", "RateLimit-Policy", "Retry-After"} <= set(
        answer.headers["access-control-expose-headers"].split(", ")
    )


async def test_a_changed_file_holds_without_a_restart_and_a_broken_one_does_not(
    under: Open, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / "quotas.toml"
    async with under('[address]\ntoken = { limit = 1, per = "day" }') as house:
        look = house.container.admission.watch().look
        await look()
        assert [is_too_many(await ask(house, OAUTH[0])) for _ in range(2)] == [False, True]
        file.write_text('[address]\ntoken = { limit = 3, per = "day" }')
        await look()
        assert [is_too_many(await ask(house, OAUTH[0])) for _ in range(3)] == [False, False, True]
        caplog.clear()
        file.write_text("[address]\ntoken = 1")
        await look()
        await look()
        assert is_too_many(await ask(house, OAUTH[0]))
        assert house.container.admission.policy().broken
        (told,) = [record.message for record in caplog.records if record.levelname == "ERROR"]
        assert "address.token: wants a table" in told
        file.unlink()
        await look()
        assert is_too_many(await ask(house, OAUTH[0]))
        file.write_text("")
        await look()
        assert not house.container.admission.policy().broken
        assert not is_too_many(await ask(house, OAUTH[0]))


async def test_shares_that_were_drawn_end_with_their_policy(under: Open, tmp_path: Path) -> None:
    async with under('[client]\nintrospect = { limit = 1000, per = "day" }') as house:
        client = await house.add_client()
        for _ in range(3):
            await house.introspect(client, "x")
        (tmp_path / "quotas.toml").write_text('[client]\nintrospect = { limit = 50, per = "day" }')
        await house.container.admission.watch().look()
        answer = await house.post("/oauth2/introspect", client, token="x")

    assert is_too_many(answer), "of the fifty, that many had been drawn already"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[address", "it is no TOML"),
        ("[adress]", "adress: there are"),
        ("[address]\ntoken = 1", "address.token: wants a table"),
        (
            "[client]\nauthorize = { limit = 1, per = 1 }",
            "client.authorize: at the level client there are all",
        ),
        ("[address]\ntokens = { limit = 1, per = 1 }", "address.tokens: at the level address there are all"),
        ("[address]\ntoken = { limit = 0, per = 1 }", "address.token.limit: wants a whole number from 1"),
        ("[address]\ntoken = { limit = 1.5, per = 1 }", "address.token.limit: wants a whole number from 1"),
        ("[address]\ntoken = { per = 1 }", "address.token.limit: wants a whole number from 1"),
        ("[address]\ntoken = { limit = 1 }", "address.token.per: wants second, minute"),
        ('[address]\ntoken = { limit = 1, per = "week" }', "address.token.per: wants second, minute"),
        ("[address]\ntoken = { limit = 1, per = 9999999 }", "address.token.per: wants a whole number from 1"),
        ("[address]\ntoken = { limit = 1, per = 1, burst = 2 }", "address.token.burst: only a token_bucket"),
        ('[address]\ntoken = { limit = 1, per = 1, algorithm = "x" }', "address.token.algorithm: wants"),
        ("[address]\ntoken = { limit = 1, per = 1, limits = 2 }", "address.token.limits: a quota has limit"),
        ("[tier.'a b']\ntoken = { limit = 1, per = 1 }", "tier.a b: wants a name of letters"),
        ("[tier]\ngold = 1", "tier.gold: wants a table"),
        ("without_redis = 0", "without_redis: wants a number above 0"),
        ("without_redis = true", "without_redis: wants a number above 0"),
    ],
)
def test_a_policy_that_cannot_be_used_stops_the_start_with_one_line(
    text: str, says: str, tmp_path: Path
) -> None:
    file = tmp_path / "quotas.toml"
    file.write_text(text)
    with pytest.raises(InvalidPolicy) as broken:
        parse_policy(text)
    with pytest.raises(WrongSettings) as refused:
        load_settings(rate_limit_policy_file=file, data_dir=tmp_path, _env_file=None)

    assert str(broken.value).startswith(says)
    assert str(refused.value).startswith(f"RATE_LIMIT_POLICY_FILE: {says}")
    assert "\n" not in str(refused.value)


def test_a_file_that_is_not_there_stops_the_start(tmp_path: Path) -> None:
    with pytest.raises(WrongSettings, match="RATE_LIMIT_POLICY_FILE: cannot read"):
        load_settings(rate_limit_policy_file=tmp_path / "nothing", data_dir=tmp_path, _env_file=None)
