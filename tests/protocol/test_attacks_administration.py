"""Attacks on administration: 25, 27, 33, 37, 39 and 40, over HTTP."""

import logging
from collections.abc import Sequence

import pytest
from sqlalchemy import text

from tests.api_caller import Caller, on_sqlite, person, pointers, program
from tests.house import PASSWORD, House

SECRET_TEXT = "s3cr3t-that-must-not-travel"
INJECTIONS = [
    "'; DROP TABLE users; --",
    '" OR ""="',
    "a\r\nSet-Cookie: x=y",
    "*)(uid=*))(|(uid=*",
    "{{7*7}}${7*7}<%= 7*7 %>",
    "%s%n%x{0}",
    "<script>alert(1)</script>",
    "../../etc/passwd",
    "\x1b[31mred",
]


async def rows(house: House, statement: str) -> Sequence[object]:
    async with house.container.database().engine.connect() as connection:
        return (await connection.execute(text(statement))).scalars().all()


async def test_attack_33_those_who_write_users_make_no_administrators(house: House) -> None:
    helper = await program(house, "users:write")
    bob = await helper.made("/users", username="bob", password=PASSWORD)

    created = await helper("POST", "/users", json={"username": "eve", "admin": True})
    promoted = await helper("PATCH", f"/users/{bob['id']}", json={"admin": True})

    for answer in (created, promoted):
        assert answer.status_code == 403
        assert 'scope="admin"' in answer.headers["www-authenticate"]
    assert await rows(house, "SELECT username FROM users WHERE admin") == []
    assert (await helper("PATCH", f"/users/{bob['id']}", json={"admin": False})).status_code == 200


@on_sqlite
@pytest.mark.parametrize(
    ("method", "tail", "members"),
    [
        ("PATCH", "", {"email": "mallory@example.org", "email_verified": True}),
        ("DELETE", "", None),
        ("POST", "/deactivate", None),
        ("POST", "/activate", None),
        ("POST", "/set-password", {"password": "chosen by mallory"}),
    ],
)
async def test_attack_33_those_who_write_users_do_not_touch_administrators(
    house: House, method: str, tail: str, members: dict[str, object] | None
) -> None:
    helper, admin = await program(house, "users:write"), await program(house)
    root = await house.add_user("root", admin=True)

    refused = await helper(method, f"/users/{root.id}{tail}", json=members)

    assert refused.status_code == 403
    assert (await admin("GET", f"/users/{root.id}")).headers["etag"] == '"1"'
    assert (await admin(method, f"/users/{root.id}{tail}", json=members)).status_code in (200, 204)


@on_sqlite
@pytest.mark.parametrize("scope", ["admin", "users:read", "read clients:write", "users:anything"])
async def test_attack_33_those_who_write_clients_give_no_reserved_scope(house: House, scope: str) -> None:
    helper = await program(house, "clients:write")
    mine = await helper.made("/clients", client_name="mine", grant_types=["client_credentials"])

    created = await helper("POST", "/clients", json={"client_name": "x", "scope": scope})
    widened = await helper("PATCH", f"/clients/{mine['client_id']}", json={"scope": scope})

    assert (created.status_code, widened.status_code) == (403, 403)
    assert await rows(house, "SELECT client_id FROM clients WHERE client_name = 'x'") == []


@on_sqlite
@pytest.mark.parametrize(
    ("method", "tail", "members"),
    [
        ("PATCH", "", {"client_name": "mine now"}),
        ("PATCH", "", {"scope": "read"}),
        ("DELETE", "", None),
        ("POST", "/deactivate", None),
        ("POST", "/activate", None),
        ("POST", "/rotate-secret", None),
    ],
)
async def test_attack_33_those_who_write_clients_do_not_touch_one_with_reserved_scopes(
    house: House, method: str, tail: str, members: dict[str, object] | None
) -> None:
    helper, admin = await program(house, "clients:write"), await program(house)
    strong = await house.add_client(scope="read users:read")

    refused = await helper(method, f"/clients/{strong.id}{tail}", json=members)

    assert refused.status_code == 403
    assert "client_secret" not in refused.text
    assert (await admin("GET", f"/clients/{strong.id}")).headers["etag"] == '"1"'
    assert (await admin(method, f"/clients/{strong.id}{tail}", json=members)).status_code in (200, 204)


async def test_attack_33_people_reach_no_account_but_their_own(house: House) -> None:
    await house.add_user()
    bob = await house.add_user("bob")
    alice = await person(house)

    for method in ("GET", "PATCH", "DELETE"):
        absent = await alice(method, "/users/0192f0c1-7a3e-7c55-9f2e-0f4b5a6c7d8e", json={})
        there = await alice(method, f"/users/{bob.id}", json={})

        assert absent.status_code == there.status_code == 403
        assert absent.json()["detail"] == there.json()["detail"]


@on_sqlite
async def test_attack_25_no_refusal_echoes_what_was_sent(house: House) -> None:
    admin = await program(house)
    user = await house.add_user()
    path = f"/users/{user.id}"

    answers = [
        await admin("POST", "/users", json={"username": "b", "password": [SECRET_TEXT]}),
        await admin("POST", "/users", json={"username": f"{SECRET_TEXT}@\0"}),
        await admin("POST", "/users", json={"username": "b", "email": SECRET_TEXT}),
        await admin("PATCH", path, json={"admin": SECRET_TEXT}),
        await admin("POST", f"{path}/set-password", json={"password": {"x": SECRET_TEXT}}),
        await admin("POST", "/clients", json={"client_name": "x", "scope": f"{SECRET_TEXT}\0"}),
        await admin("GET", f"/users?cursor={SECRET_TEXT}&limit={SECRET_TEXT}"),
        await admin("PATCH", path, json={}, headers={"If-Match": SECRET_TEXT}),
    ]

    for answer in answers:
        assert answer.status_code in (400, 422)
        assert SECRET_TEXT not in answer.text
        assert SECRET_TEXT not in str(answer.headers)


async def test_attack_25_no_log_line_and_no_event_has_a_secret_in_it(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        admin = await program(house)
        user = await admin.made("/users", username="bob", password=SECRET_TEXT)
        made = await admin.made("/clients", client_name="c", grant_types=["client_credentials"])
        rotated = await admin.made(f"/clients/{made['client_id']}/rotate-secret")
        bob = await person(house, "bob", password=SECRET_TEXT)
        await bob("PATCH", "/users/me", json={"password": "longer " * 2, "current_password": SECRET_TEXT})
        await admin("POST", f"/users/{user['id']}/set-password", json={"password": SECRET_TEXT})

    secrets = [SECRET_TEXT, made["client_secret"], rotated["client_secret"], admin.token, bob.token]
    kept = [str(payload) for payload in await rows(house, "SELECT payload FROM events")]
    kept += [str(data) for data in await rows(house, "SELECT data FROM event_personal_data")]
    written = caplog.text + "".join(str(vars(record)) for record in caplog.records) + "".join(kept)
    assert len(kept) >= 7
    assert [secret for secret in secrets if secret in written] == []


async def test_attack_25_the_database_has_no_secret_in_clear(house: House) -> None:
    admin = await program(house)
    await admin.made("/users", username="bob", password=SECRET_TEXT)
    made = await admin.made("/clients", client_name="c")

    stored = [*await rows(house, "SELECT password_hash FROM users")]
    stored += await rows(house, "SELECT stored FROM client_secrets")

    assert len(stored) >= 3
    assert not [value for value in stored if SECRET_TEXT in str(value) or made["client_secret"] in str(value)]


@pytest.mark.parametrize("value", INJECTIONS)
async def test_attack_40_strings_with_a_meaning_elsewhere_are_text_here(house: House, value: str) -> None:
    admin = await program(house)
    bob = await admin.made("/users", username="bob", name="before")

    answers = [
        await admin("POST", "/users", json={"username": value}),
        await admin("POST", "/users", json={"username": "carol", "email": value}),
        await admin("PATCH", f"/users/{bob['id']}", json={"name": value}),
        await admin("POST", "/clients", json={"client_name": value}),
        await admin("GET", "/users", params={"username": value}),
        await admin("GET", "/users", params={"sort": value}),
        await admin("GET", "/clients", params={"client_name": value}),
        await admin("GET", "/clients", params={"cursor": value}),
    ]

    assert {answer.status_code for answer in answers} <= {200, 201, 422}
    controls = any(character < " " for character in value)
    assert answers[2].status_code == (422 if controls else 200)
    if not controls:
        assert answers[2].json()["name"] == value
        assert answers[3].json()["client_name"] == value
        assert [client["client_name"] for client in answers[6].json()["items"]] == [value]
    assert (await admin("GET", f"/users/{bob['id']}")).status_code == 200


@on_sqlite
@pytest.mark.parametrize(
    "lookalike",
    [
        "ａｌｉｃｅ",
        "ALICE",
        "\u0430lice\0",
        "ali\u0301ce\u202e",
        "alice\u200d",
        "alice\ufeff",
        " alice",
        "\u0301alice",
    ],
)
async def test_attack_39_no_second_account_reads_like_the_first(house: House, lookalike: str) -> None:
    admin = await program(house)
    await house.add_user()

    answer = await admin("POST", "/users", json={"username": lookalike})

    assert answer.status_code in (409, 422)
    assert pointers(answer) == ["/username"]


MIXED = "username mixes scripts that are not written together: Cyrillic and Latin"


async def test_attack_39_no_new_name_mixes_scripts_that_look_alike(house: House) -> None:
    admin = await program(house)
    bob = await admin.made("/users", username="bob")

    made = await admin("POST", "/users", json={"username": "p\u0430ypal"})
    renamed = await admin("PATCH", f"/users/{bob['id']}", json={"username": "p\u0430ypal"})

    for answer in (made, renamed):
        assert (answer.status_code, pointers(answer)) == (422, ["/username"])
        assert answer.json()["errors"][0]["detail"] == MIXED
    await admin.made("/users", username="\u0430\u043d\u043d\u0430")


@on_sqlite
async def test_attack_39_who_has_such_a_name_already_keeps_it(house: House) -> None:
    admin = await program(house)
    user = await house.add_user("p\u0430ypal", email="p@example.org")
    await person(house, "p\u0430ypal")  # signs in

    answer = await admin("PATCH", f"/users/{user.id}", json={"username": "p\u0430ypal", "name": "Pay Pal"})

    assert (answer.status_code, answer.json()["name"]) == (200, "Pay Pal")


async def test_attack_39_one_name_in_two_normalisations_is_one_account(house: House) -> None:
    admin = await program(house)
    await admin.made("/users", username="caf\u00e9")

    answer = await admin("POST", "/users", json={"username": "cafe\u0301"})

    assert answer.status_code == 409


async def test_attack_26_links_come_from_the_issuer_whatever_host_says(any_host: House) -> None:
    admin = await program(any_host)
    await any_host.add_user("a"), await any_host.add_user("b")
    evil = {"Host": "evil.example", "X-Forwarded-Host": "evil.example", "Forwarded": "host=evil.example"}

    made = await admin("POST", "/users", json={"username": "bob"}, headers=evil)
    listed = await admin("GET", "/users?limit=1", headers=evil)

    assert made.headers["location"].startswith("https://id.example/users/")
    assert listed.headers["link"].startswith("<https://id.example/users?")
    assert "evil" not in str(made.headers) + str(listed.headers) + made.text + listed.text


ENDINGS = [
    ("POST", "/users/{user}/deactivate", None, "user.deactivated", "user:{user}"),
    (
        "POST",
        "/users/{user}/set-password",
        {"password": "another long one"},
        "user.password_changed",
        "user:{user}",
    ),
    ("PATCH", "/users/{user}", {"admin": True}, "user.changed", "user:{user}"),
    ("PATCH", "/users/{user}", {"username": "new"}, "user.changed", "user:{user}"),
    ("DELETE", "/users/{user}", None, "user.deleted", "user:{user}"),
    ("POST", "/clients/{client}/deactivate", None, "client.deactivated", "client:{client}"),
    ("POST", "/clients/{client}/rotate-secret", None, "client.secret_rotated", "client:{client}"),
    ("PATCH", "/clients/{client}", {"client_name": "new"}, "client.changed", "client:{client}"),
    ("DELETE", "/clients/{client}", None, "client.deleted", "client:{client}"),
]


@pytest.mark.parametrize(("method", "path", "members", "event", "tag"), ENDINGS)
async def test_attack_37_every_ending_is_an_event_and_a_row_of_the_feed(
    house: House, method: str, path: str, members: dict[str, object] | None, event: str, tag: str
) -> None:
    admin: Caller = await program(house)
    user, client = await house.add_user(), await house.add_client()
    named = {"user": user.id, "client": client.id}

    answer = await admin(method, path.format(**named), json=members)

    assert answer.status_code in (200, 204)
    assert await rows(house, "SELECT name FROM events ORDER BY id DESC LIMIT 1") == [event]
    assert await rows(house, "SELECT tag FROM endings ORDER BY sequence DESC LIMIT 1") == [
        tag.format(**named)
    ]


async def test_attack_33_who_writes_clients_cannot_make_itself_a_reader_of_all_tokens(house: House) -> None:
    writer, admin = await program(house, "clients:write"), await program(house)
    plain = await writer.made("/clients", client_name="plain")
    reader = await admin.made("/clients", client_name="reader", resource_server=True)

    made = await writer("POST", "/clients", json={"client_name": "rs", "resource_server": True})
    changed = await writer("PATCH", f"/clients/{plain['client_id']}", json={"resource_server": True})
    taken = await writer("POST", f"/clients/{reader['client_id']}/rotate-secret")

    assert [answer.status_code for answer in (made, changed, taken)] == [403, 403, 403]
    assert 'scope="admin"' in made.headers["www-authenticate"]


async def test_attack_30_39_no_username_is_the_verified_address_of_somebody_else_in_any_spelling(
    house: House,
) -> None:
    admin, writer = await program(house), await program(house, "users:write")
    owner = {"username": "boss", "email": "boss@b\u00fccher.example", "email_verified": True}
    await admin.made("/users", **owner, password=PASSWORD)

    statuses = []
    for address in ("boss@b\u00fccher.example", "BOSS@B\u00dcCHER.example", "boss@xn--bcher-kva.example"):
        member = {"username": address, "email": address, "password": PASSWORD}
        statuses.append((await writer("POST", "/users", json=member)).status_code)

    assert statuses == [409, 422, 409]
