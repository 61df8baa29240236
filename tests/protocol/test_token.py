"""The token endpoint, clause by clause."""

import asyncio
from base64 import urlsafe_b64decode
from typing import Any

import bcrypt
import httpx2
import orjson
import pytest
from sqlalchemy import text

from identity_service.domain.entities.user import User
from tests.api_caller import on_sqlite
from tests.house import ISSUER, PASSWORD, House, Registered


@pytest.fixture
async def alice(house: House) -> User:
    return await house.add_user()


@pytest.fixture
async def client(house: House) -> Registered:
    return await house.add_client()


def parts(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Header and claims, unverified."""
    header, claims, _ = (urlsafe_b64decode(part + "==") for part in token.split("."))
    return orjson.loads(header), orjson.loads(claims)


async def sql(house: House, statement: str) -> Any:
    async with house.container.database().engine.begin() as connection:
        return await connection.execute(text(statement))


async def reasons(house: House) -> list[str]:
    rows = await sql(house, "SELECT payload FROM events WHERE name = 'user.sign_in_failed' ORDER BY id")
    return [orjson.loads(row.payload)["reason"] for row in rows]


async def test_rfc6749_s4_4_a_client_gets_a_token_for_itself(house: House, client: Registered) -> None:
    answer = await house.token(client, grant_type="client_credentials")

    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["pragma"] == "no-cache"
    body = answer.json()
    assert (body["token_type"], body["expires_in"], body["scope"]) == ("Bearer", 900, "read write")
    assert set(body) == {"access_token", "token_type", "expires_in", "scope"}


async def test_rfc9068_s2_the_token_of_a_client_says_so(house: House, client: Registered) -> None:
    answer = await house.token(client, grant_type="client_credentials")

    header, claims = parts(answer.json()["access_token"])
    assert (header["typ"], header["alg"]) == ("at+jwt", "RS256")
    assert claims["sub"] == claims["client_id"] == client.id
    assert claims["iss"] == claims["aud"] == ISSUER
    assert claims["exp"] - claims["iat"] == 900
    assert "fid" not in claims
    assert "auth_time" not in claims


async def test_rfc9068_s2_2_1_the_token_of_a_person_tells_how_they_signed_in(
    house: House, client: Registered, alice: User
) -> None:
    tokens = await house.sign_in(client)

    _, claims = parts(tokens["access_token"])
    assert claims["sub"] == alice.id
    assert claims["client_id"] == client.id
    assert claims["amr"] == ["pwd"]
    assert claims["auth_time"] == claims["iat"]
    assert claims["fid"]


async def test_s3_a_client_can_have_a_lifetime_of_its_own(house: House) -> None:
    client = await house.add_client(access_token_ttl=60)

    answer = await house.token(client, grant_type="client_credentials")

    assert answer.json()["expires_in"] == 60


@pytest.mark.parametrize("entered", ["alice", "ALICE", "alice@example.org", "alice@EXAMPLE.org"])
async def test_s7_a_person_is_known_by_username_in_any_case_and_by_verified_address(
    house: House, client: Registered, alice: User, entered: str
) -> None:
    tokens = await house.sign_in(client, entered)

    assert (await house.introspect(client, tokens["access_token"]))["sub"] == alice.id


async def test_s7_an_unverified_address_signs_nobody_in(house: House, client: Registered) -> None:
    await house.add_user(email_verified=False)

    answer = await house.token(client, grant_type="password", username="alice@example.org", password=PASSWORD)

    assert answer.json()["error"] == "invalid_grant"


async def test_attack_27_a_wrong_password_an_unknown_name_and_a_disabled_account_answer_alike(
    house: House, client: Registered, alice: User
) -> None:
    await house.add_user("bob", active=False)
    tries = [
        ("alice", "wrong"),
        ("nobody", PASSWORD),
        ("bob", PASSWORD),
        ("al\u200bice", PASSWORD),
        ("@", "x"),
    ]

    answers = [
        await house.token(client, grant_type="password", username=name, password=password)
        for name, password in tries
    ]

    assert {(a.status_code, a.text) for a in answers} == {(400, answers[0].text)}
    assert answers[0].json()["error"] == "invalid_grant"
    assert {tuple(sorted(set(a.headers) - {"x-request-id"})) for a in answers} == {
        tuple(sorted(set(answers[0].headers) - {"x-request-id"}))
    }
    assert await reasons(house) == [
        "wrong password",
        "unknown user",
        "inactive user",
        "unknown user",
        "unknown user",
    ]


async def test_attack_27_a_name_that_is_unknown_costs_one_hash_all_the_same(
    house: House, client: Registered, alice: User, mocker: Any
) -> None:
    hasher = house.container.hasher()
    spy = mocker.spy(hasher, "verify")

    for name in ("alice", "nobody", "not\x00a name", "x" * 1000):
        await house.token(client, grant_type="password", username=name.replace("\x00", ""), password="wrong")

    assert spy.call_count == 4
    assert [call.args[1] is None for call in spy.call_args_list] == [False, True, True, True]


@on_sqlite
@pytest.mark.parametrize(
    "password",
    ["", PASSWORD + "\0", PASSWORD[:-1], PASSWORD.upper(), "x" * 1025, "x" * 60_000],
    ids=["empty", "a trailing NUL", "cut", "upper case", "over 1,024 characters", "60 KB"],
)
async def test_s7_any_other_password_is_merely_wrong(
    house: House, client: Registered, alice: User, password: str
) -> None:
    answer = await house.token(client, grant_type="password", username="alice", password=password)

    assert answer.json()["error"] == ("invalid_grant" if password else "invalid_request")


@on_sqlite
@pytest.mark.parametrize(
    "password",
    ["pässwörd 密码 🔑", "x" * 1024, "a" * 72 + "b", "with\0NUL"],
    ids=["unicode", "long", "73", "NUL"],
)
async def test_s7_every_character_of_a_password_counts(
    house: House, client: Registered, password: str
) -> None:
    await house.add_user(password=password)

    right = await house.token(client, grant_type="password", username="alice", password=password)
    wrong = await house.token(client, grant_type="password", username="alice", password=password[:-1] + "!")

    assert right.status_code == 200
    assert wrong.json()["error"] == "invalid_grant"


async def test_s7_a_hash_of_another_scheme_is_upgraded_by_the_first_sign_in(
    house: House, client: Registered
) -> None:
    foreign = bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(4)).decode()
    await house.add_user(password_hash=foreign)

    await house.sign_in(client)
    upgraded = (await sql(house, "SELECT password_hash FROM users")).scalar()
    await house.sign_in(client)

    assert upgraded != foreign
    assert upgraded.startswith("$identity$")
    assert (await sql(house, "SELECT epoch FROM users")).scalar() == 1


async def test_s3_a_password_that_changes_while_it_is_being_checked_signs_nobody_in(
    house: House, client: Registered, alice: User, mocker: Any
) -> None:
    """The family is made under the epoch that was read before the hash: it is refused, for that epoch is over."""
    hasher = house.container.hasher()
    verify = hasher.verify

    async def slow(*args: Any, **named: Any) -> Any:
        verdict = await verify(*args, **named)
        await sql(house, "UPDATE users SET epoch = epoch + 1")
        return verdict

    mocker.patch.object(hasher, "verify", slow)

    answer = await house.token(client, grant_type="password", username="alice", password=PASSWORD)

    assert answer.json()["error"] == "invalid_grant"
    assert (await sql(house, "SELECT count(*) FROM families")).scalar() == 0


REFUSED = {
    "no grant type": ({}, "invalid_request"),
    "an unknown grant type": ({"grant_type": "magic"}, "unsupported_grant_type"),
    "a grant type in the wrong case": ({"grant_type": "Password"}, "unsupported_grant_type"),
    "no username": ({"grant_type": "password", "password": "x"}, "invalid_request"),
    "no password": ({"grant_type": "password", "username": "x"}, "invalid_request"),
    "no refresh token": ({"grant_type": "refresh_token"}, "invalid_request"),
    "an unknown scope": ({"grant_type": "client_credentials", "scope": "read nonsense"}, "invalid_scope"),
    "a malformed scope": ({"grant_type": "client_credentials", "scope": 'read "'}, "invalid_scope"),
    "a scope in the wrong case": ({"grant_type": "client_credentials", "scope": "READ"}, "invalid_scope"),
    "an unknown resource": (
        {"grant_type": "client_credentials", "resource": "https://other.example"},
        "invalid_target",
    ),
    "a resource with a fragment": (
        {"grant_type": "client_credentials", "resource": ISSUER + "#x"},
        "invalid_target",
    ),
    "a resource that is no URI": ({"grant_type": "client_credentials", "resource": "api"}, "invalid_target"),
}


@on_sqlite
@pytest.mark.parametrize(("form", "code"), REFUSED.values(), ids=REFUSED.keys())
async def test_rfc6749_s5_2_it_refuses(
    house: House, client: Registered, form: dict[str, str], code: str
) -> None:
    answer = await house.token(client, **form)

    assert (answer.status_code, answer.json()["error"]) == (400, code)
    assert answer.headers["cache-control"] == "no-store"
    assert set(answer.json()) == {"error", "error_description"}


@on_sqlite
@pytest.mark.parametrize("grant", ["password", "refresh_token", "client_credentials"])
async def test_rfc6749_s5_2_a_grant_the_client_is_not_registered_for(house: House, grant: str) -> None:
    client = await house.add_client(grants={"password", "refresh_token", "client_credentials"} - {grant})

    answer = await house.token(client, grant_type=grant, username="a", password="b", refresh_token="idr_x")

    assert answer.json()["error"] == "unauthorized_client"


async def test_rfc6749_s4_4_a_public_client_has_no_credentials_of_its_own(house: House) -> None:
    client = await house.add_client(public=True)

    answer = await house.token(client, grant_type="client_credentials")

    assert answer.json()["error"] == "unauthorized_client"


@on_sqlite
@pytest.mark.parametrize("scope", ["openid", "offline_access", "openid offline_access"])
async def test_s3_openid_and_offline_access_are_left_out_where_they_cannot_be_honoured(
    house: House, scope: str
) -> None:
    client = await house.add_client(scope="read openid offline_access")

    answer = await house.token(client, grant_type="client_credentials", scope=f"read {scope}")

    assert answer.json()["scope"] == "read"


@pytest.mark.parametrize("scope", [None, ""])
async def test_s3_no_scope_means_all_of_the_client_but_the_reserved(house: House, scope: str | None) -> None:
    client = await house.add_client(scope="read write users:write admin")
    asked = {} if scope is None else {"scope": scope}

    answer = await house.token(client, grant_type="client_credentials", **asked)

    assert answer.json()["scope"] == "read write"


async def test_s1_a_client_with_a_reserved_scope_gets_it_when_it_asks(house: House) -> None:
    client = await house.add_client(scope="read users:write")

    answer = await house.token(client, grant_type="client_credentials", scope="users:write")

    assert answer.json()["scope"] == "users:write"


@on_sqlite
@pytest.mark.parametrize("scope", ["users:write", "admin", "clients:read"])
async def test_attack_33_an_ordinary_person_gets_no_reserved_scope(
    house: House, alice: User, scope: str
) -> None:
    client = await house.add_client(scope=f"read {scope}")

    asked = await house.token(client, grant_type="password", username="alice", password=PASSWORD, scope=scope)

    assert asked.json()["error"] == "invalid_scope"
    assert (await house.sign_in(client))["scope"] == "read"


async def test_s1_an_administrator_gets_a_reserved_scope_when_asking(house: House) -> None:
    await house.add_user(admin=True)
    client = await house.add_client(scope="read users:write")

    asked = await house.sign_in(client, scope="users:write")
    defaulted = await house.sign_in(client)

    assert (asked["scope"], defaulted["scope"]) == ("users:write", "read")


async def add_audience(house: House, uri: str, scope: str | None = None) -> None:
    async with house.container.begin() as uow:
        await uow.audiences.ensure(uri)
        await uow.commit()
    if scope is not None:
        await sql(house, f"UPDATE audiences SET scope = '{scope}' WHERE uri = '{uri}'")


async def test_rfc8707_s2_2_a_resource_becomes_the_audience(house: House, client: Registered) -> None:
    await add_audience(house, "https://api.example")

    one = await house.token(client, grant_type="client_credentials", resource="https://api.example")
    two = await house.token(client, grant_type="client_credentials", resource=["https://api.example", ISSUER])

    assert parts(one.json()["access_token"])[1]["aud"] == "https://api.example"
    assert parts(two.json()["access_token"])[1]["aud"] == ["https://api.example", ISSUER]


async def test_attack_23_the_audience_of_a_family_never_grows(
    house: House, client: Registered, alice: User
) -> None:
    await add_audience(house, "https://api.example")
    tokens = await house.sign_in(client, resource="https://api.example")

    grown = await house.token(
        client, grant_type="refresh_token", refresh_token=tokens["refresh_token"], resource=ISSUER
    )
    same = await house.token(client, grant_type="refresh_token", refresh_token=tokens["refresh_token"])

    assert grown.json()["error"] == "invalid_target"
    assert parts(same.json()["access_token"])[1]["aud"] == "https://api.example"


async def test_s3_the_scope_an_audience_knows_is_a_ceiling(house: House, client: Registered) -> None:
    await add_audience(house, "https://api.example", scope="read")

    wide = await house.token(
        client, grant_type="client_credentials", resource="https://api.example", scope="write"
    )
    default = await house.token(client, grant_type="client_credentials", resource="https://api.example")

    assert wide.json()["error"] == "invalid_scope"
    assert default.json()["scope"] == "read"


async def test_issue_against_deactivation_leaves_nothing_alive(
    house: House, client: Registered, alice: User
) -> None:
    """Whoever is first: a token that was answered is dead once the deactivation is."""

    async def deactivate() -> None:
        async with house.container.begin() as uow:
            await uow.users.change(alice.id, {"active": False}, version=None, raise_epoch=True)
            await uow.commit()

    async def sign_in() -> Any:
        return await house.token(client, grant_type="password", username="alice", password=PASSWORD)

    answers = await asyncio.gather(
        *(sign_in() for _ in range(6)), deactivate(), *(sign_in() for _ in range(6))
    )

    for answer in answers:
        if answer is not None and answer.status_code == 200:
            assert not await house.is_active(client, answer.json()["access_token"])
            again = await house.token(
                client, grant_type="refresh_token", refresh_token=answer.json()["refresh_token"]
            )
            assert again.json()["error"] == "invalid_grant"


async def test_the_record_of_every_token_is_kept_only_where_it_is_asked_for(
    house: House, client: Registered
) -> None:
    await house.token(client, grant_type="client_credentials")

    assert (await sql(house, "SELECT count(*) FROM events")).scalar() == 0


async def test_s4_2_the_payload_of_an_event_holds_nothing_personal(
    house: House, client: Registered, alice: User
) -> None:
    await house.token(client, grant_type="password", username="alice", password="wrong")

    payload = orjson.loads((await sql(house, "SELECT payload FROM events")).scalar())
    about = orjson.loads((await sql(house, "SELECT data FROM event_personal_data")).scalar())

    assert "username" not in payload
    assert "address" not in payload
    assert about == {"username": "alice", "address": "192.0.2.7"}


async def test_attack_28_one_address_may_guess_so_often_for_one_name_and_nobody_is_locked_out(
    house: House, client: Registered, alice: User
) -> None:
    async def sign_in(username: str, password: str, http: Any = house.http) -> int:
        form = {"grant_type": "password", "username": username, "password": password}
        return int((await http.post("/oauth2/token", data=form, auth=client.basic)).status_code)

    for name in ("alice", "nobody"):
        guesses = [await sign_in(name, "wrong") for _ in range(12)]
        assert guesses == [400] * 10 + [429] * 2

    elsewhere = httpx2.ASGITransport(house.app, client=("198.51.100.9", 50000))
    async with httpx2.AsyncClient(transport=elsewhere, base_url=ISSUER) as http:
        assert await sign_in("alice", PASSWORD, http) == 200
    assert await sign_in("alice", PASSWORD) == 429
