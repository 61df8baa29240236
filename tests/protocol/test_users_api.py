"""/users, promise by promise."""

import asyncio
from typing import Any

import pytest

from identity_service.domain.value_objects.ids import is_uuid
from identity_service.domain.value_objects.profile import PROFILE_MEMBERS
from tests.api_caller import on_shared_house, on_sqlite, person, pointers, program
from tests.house import ISSUER, PASSWORD, House

MEMBERS = {
    "id",
    "username",
    "email",
    "email_verified",
    "name",
    *PROFILE_MEMBERS,
    "admin",
    "active",
    "created_at",
    "updated_at",
}
ORDERS = [
    ("GET", ""),
    ("PATCH", ""),
    ("DELETE", ""),
    ("POST", "/deactivate"),
    ("POST", "/activate"),
    ("POST", "/set-password"),
]
BOTH_WAYS = ("deactivate", "activate")
NEW = {"username": "bob", "email": "bob@example.org", "password": PASSWORD}


async def test_s1_a_created_user_is_shown_where_location_says(house: House) -> None:
    admin = await program(house)

    answer = await admin("POST", "/users", json=NEW | {"name": "Bob", "email_verified": True})

    assert answer.status_code == 201
    user = answer.json()
    assert set(user) == MEMBERS
    assert is_uuid(user["id"])
    assert (user["username"], user["email"], user["name"]) == ("bob", "bob@example.org", "Bob")
    assert (user["email_verified"], user["admin"], user["active"]) == (True, False, True)
    assert answer.headers["location"] == f"{ISSUER}/users/{user['id']}"
    assert answer.headers["etag"] == '"1"'
    shown = await admin("GET", f"/users/{user['id']}")
    assert shown.json() == user
    assert shown.headers["etag"] == '"1"'
    assert shown.headers["cache-control"] == "no-store"


async def test_s1_a_created_user_signs_in_with_the_password(house: House) -> None:
    admin = await program(house)
    await admin.made("/users", **NEW)

    await house.sign_in(await house.add_client(), "BOB")


async def test_s1_a_user_without_password_cannot_sign_in(house: House) -> None:
    admin = await program(house)
    await admin.made("/users", username="bob")

    answer = await house.token(
        await house.add_client(), grant_type="password", username="bob", password="None"
    )

    assert answer.json()["error"] == "invalid_grant"


@on_shared_house
@pytest.mark.parametrize(
    ("members", "at"),
    [
        ({"username": ""}, ["/username"]),
        ({"username": None}, ["/username"]),
        ({"username": "a b\0"}, ["/username"]),
        ({"username": 5}, ["/username"]),
        ({"username": "carol@example.org"}, ["/username"]),
        ({"email": "no address"}, ["/email"]),
        ({"email": None, "email_verified": True}, ["/email_verified"]),
        ({"email_verified": "true"}, ["/email_verified"]),
        ({"name": "a\0b"}, ["/name"]),
        ({"name": "\u202eadmin"}, ["/name"]),
        ({"name": "x" * 201}, ["/name"]),
        ({"password": "1234567"}, ["/password"]),
        ({"password": "x" * 1025}, ["/password"]),
        ({"password": ["12345678"]}, ["/password"]),
        ({"admin": 1}, ["/admin"]),
        ({"nick": "b"}, ["/nick"]),
        ({"id": "0192f0c1-7a3e-7c55-9f2e-0f4b5a6c7d8e"}, ["/id"]),
        ({"epoch": 99}, ["/epoch"]),
        ({"username": "", "email": "@", "password": ""}, ["/email", "/password", "/username"]),
    ],
)
async def test_s6_a_bad_member_is_422_and_named(
    shared_house: House, members: dict[str, Any], at: list[str]
) -> None:
    admin = await program(shared_house)
    before = (await admin("GET", "/users")).json()["items"]

    answer = await admin("POST", "/users", json=NEW | members)

    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert sorted(pointers(answer)) == at
    assert (await admin("GET", "/users")).json()["items"] == before


@on_sqlite
@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b'{"username":"a","username":"b"}', 400),
        (b'{"username":NaN}', 400),
        (b"\xff\xfe", 400),
        (b"[" * 60_000, 400),
        (b'{"username":' + b"1" * 5000 + b"}", 400),
        (b"[]", 422),
        (b"null", 422),
        (b'{"username":"\\ud800"}', 422),
        (b'{"\\udfff":1}', 422),
        (b'{"username":"a","password":"\\ud800longenough"}', 422),
        (b'{"username":"' + b"a" * 70_000 + b'"}', 413),
    ],
    ids=[
        "empty",
        "broken",
        "repeated member",
        "NaN",
        "no UTF-8",
        "deep",
        "huge number",
        "array",
        "null",
        "half a surrogate pair",
        "half a surrogate pair in a name",
        "half a surrogate pair in a password",
        "too long",
    ],
)
async def test_s6_attack_35_no_body_makes_a_500(house: House, body: bytes, status: int) -> None:
    admin = await program(house)

    answer = await admin("POST", "/users", content=body, headers={"Content-Type": "application/json"})

    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["status"] == status
    assert answer.json()["request_id"] == answer.headers["x-request-id"]


@on_sqlite
@pytest.mark.parametrize(
    ("body", "at", "wanted"),
    [
        ("[]", "", "Input should be an object"),
        ('{"username": "bob", "address": []}', "/address", "Input should be an object"),
        ('{"username": 1}', "/username", "Input should be a valid string"),
    ],
)
async def test_rfc9457_s3_1_4_a_fault_is_told_in_words_of_json(
    house: House, body: str, at: str, wanted: str
) -> None:
    admin = await program(house)

    answer = await admin("POST", "/users", content=body, headers={"Content-Type": "application/json"})

    assert answer.json()["errors"] == [{"pointer": at, "in": "body", "detail": wanted}]


@on_sqlite
@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/x-www-form-urlencoded", "application/jsonp"]
)
@pytest.mark.parametrize("method", ["POST", "PATCH"])
async def test_only_json_is_read(house: House, content_type: str, method: str) -> None:
    admin = await program(house)
    user = await house.add_user()
    path = "/users" if method == "POST" else f"/users/{user.id}"

    answer = await admin(method, path, content=b"{}", headers={"Content-Type": content_type})

    assert answer.status_code == 415
    accepted = answer.headers["accept-post" if method == "POST" else "accept-patch"]
    assert accepted.startswith("application/json")


@pytest.mark.parametrize(
    "taken", [{"username": "ALICE"}, {"email": "alice@EXAMPLE.org", "email_verified": True}]
)
async def test_s7_what_is_taken_is_409_and_named(house: House, taken: dict[str, Any]) -> None:
    admin = await program(house)
    await house.add_user()

    answer = await admin("POST", "/users", json=NEW | taken)

    assert answer.status_code == 409
    assert pointers(answer) == [f"/{next(iter(taken))}"]


async def test_s7_nobody_is_named_like_anothers_verified_address(house: House) -> None:
    admin = await program(house)
    await house.add_user(email="victim@example.org")
    await admin.made("/users", username="mallory@example.org", email="mallory@example.org")

    named = await admin(
        "POST", "/users", json={"username": "victim@example.org", "email": "victim@example.org"}
    )
    verified = await admin(
        "POST",
        "/users",
        json={"username": "x", "email": "mallory@example.org", "email_verified": True},
    )

    assert (named.status_code, pointers(named)) == (409, ["/username"])
    assert (verified.status_code, pointers(verified)) == (409, ["/email"])


async def test_s7_nobody_is_renamed_to_anothers_verified_address(house: House) -> None:
    admin = await program(house)
    victim = await house.add_user(email="victim@example.org")
    mallory = await admin.made("/users", username="mallory@example.org", email="mallory@example.org")

    renamed = await admin(
        "PATCH",
        f"/users/{mallory['id']}",
        json={"username": "victim@example.org", "email": "victim@example.org"},
    )
    verified = await admin(
        "PATCH", f"/users/{victim.id}", json={"email": "mallory@example.org", "email_verified": True}
    )
    own = await admin("PATCH", f"/users/{mallory['id']}", json={"email_verified": True})

    assert (renamed.status_code, pointers(renamed)) == (409, ["/username"])
    assert (verified.status_code, pointers(verified)) == (409, ["/email"])
    assert own.status_code == 200


async def test_s1_the_list_is_paged_and_the_link_leads_on(house: House) -> None:
    admin = await program(house, "users:read")
    for name in ("carol", "alice", "Bob"):
        await house.add_user(name)

    path, seen = "/users?limit=2&sort=username", []
    while path:
        answer = await admin("GET", path)
        seen.append([user["username"] for user in answer.json()["items"]])
        link = answer.headers.get("link")
        assert (link is None) == (answer.json()["next_cursor"] is None)
        path = "" if link is None else link.removeprefix(f"<{ISSUER}").removesuffix('>; rel="next"')

    assert seen == [["alice", "Bob"], ["carol"]]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("username=ALICE", ["alice"]),
        ("username=nobody", []),
        ("username=%00", []),
        ("email=bob@EXAMPLE.org", ["bob"]),
        ("active=false", ["bob"]),
        ("active=true&sort=-username", ["alice"]),
        ("sort=-created_at", ["bob", "alice"]),
    ],
)
async def test_s1_filters_are_exact(house: House, query: str, found: list[str]) -> None:
    admin = await program(house, "users:read")
    await house.add_user("alice")
    await house.add_user("bob", active=False)

    answer = await admin("GET", f"/users?{query}")

    assert [user["username"] for user in answer.json()["items"]] == found


@on_sqlite
@pytest.mark.parametrize(
    ("query", "at"),
    [
        ("limit=0", "/limit"),
        ("limit=201", "/limit"),
        ("limit=x", "/limit"),
        ("sort=password_hash", "/sort"),
        ("cursor=AAAA", "/cursor"),
        ("nickname=x", "/nickname"),
        ("active=maybe", "/active"),
        ("limit=1&limit=2", "/limit"),
        ("username=%ff", "/username"),
        ("email=a&username=%c3", "/username"),
    ],
)
async def test_s6_a_bad_parameter_is_422_and_named(house: House, query: str, at: str) -> None:
    admin = await program(house, "users:read")

    answer = await admin("GET", f"/users?{query}")

    assert answer.status_code == 422
    assert pointers(answer) == [at]
    assert answer.json()["errors"][0]["in"] == "query"
    assert "query" in answer.json()["detail"]
    assert "body" not in answer.json()["title"].lower()


@on_sqlite
@pytest.mark.parametrize("change", ["sort=-username", "username=alice", "active=true"])
async def test_a_cursor_opens_no_other_question(house: House, change: str) -> None:
    admin = await program(house, "users:read")
    for name in ("alice", "bob"):
        await house.add_user(name)
    cursor = (await admin("GET", "/users?limit=1")).json()["next_cursor"]

    assert (await admin("GET", f"/users?limit=1&cursor={cursor}")).status_code == 200
    assert (await admin("GET", f"/users?limit=1&{change}&cursor={cursor}")).status_code == 422


async def test_rfc7396_a_patch_changes_what_it_names_and_null_unsets(house: House) -> None:
    admin = await program(house)
    user = await house.add_user(name="Alice")

    answer = await admin(
        "PATCH",
        f"/users/{user.id}",
        json={"name": None, "username": "alicia"},
        headers={"Content-Type": "application/merge-patch+json"},
    )

    assert answer.status_code == 200
    assert answer.headers["etag"] == '"2"'
    changed = answer.json()
    assert (changed["name"], changed["username"], changed["email"]) == (None, "alicia", "alice@example.org")
    assert changed["email_verified"] is True


@on_sqlite
@pytest.mark.parametrize("member", ["username", "email_verified", "admin", "phone_number_verified"])
async def test_rfc7396_what_cannot_be_unset_is_422(house: House, member: str) -> None:
    admin = await program(house)
    user = await house.add_user()

    answer = await admin("PATCH", f"/users/{user.id}", json={member: None})

    assert (answer.status_code, pointers(answer)) == (422, [f"/{member}"])


@on_sqlite
@pytest.mark.parametrize("member", ["id", "active", "password", "password_hash", "epoch", "version"])
async def test_attack_33_a_patch_sets_nothing_it_should_not(house: House, member: str) -> None:
    admin = await program(house)
    user = await house.add_user()

    answer = await admin("PATCH", f"/users/{user.id}", json={member: "x"})

    assert (answer.status_code, pointers(answer)) == (422, [f"/{member}"])


async def test_s7_a_changed_address_is_unverified_unless_said_otherwise(house: House) -> None:
    admin = await program(house)
    user = await house.add_user()
    path = f"/users/{user.id}"

    moved = await admin("PATCH", path, json={"email": "new@example.org"})
    vouched = await admin("PATCH", path, json={"email": "newer@example.org", "email_verified": True})
    same = await admin("PATCH", path, json={"email": "newer@example.org"})
    gone = await admin("PATCH", path, json={"email": None})

    assert [answer.json()["email_verified"] for answer in (moved, vouched, same, gone)] == [
        False,
        True,
        True,
        False,
    ]


@on_sqlite
async def test_an_empty_patch_changes_nothing(house: House) -> None:
    admin = await program(house)
    user = await house.add_user()

    answer = await admin("PATCH", f"/users/{user.id}", json={})

    assert (answer.status_code, answer.headers["etag"]) == (200, '"1"')


async def test_rfc9110_s13_1_1_of_patches_of_one_version_exactly_one_wins(house: House) -> None:
    admin = await program(house)
    user = await house.add_user()

    answers = await asyncio.gather(
        *(
            admin("PATCH", f"/users/{user.id}", json={"name": f"n{n}"}, headers={"If-Match": '"1"'})
            for n in range(6)
        )
    )

    assert sorted(answer.status_code for answer in answers) == [200] + [412] * 5


@pytest.mark.parametrize(
    ("tag", "status"), [('"1"', 204), ("*", 204), ('"2", "1"', 204), ('"2"', 412), ('W/"1"', 412), ("1", 400)]
)
async def test_rfc9110_s13_1_1_a_deletion_honours_if_match(house: House, tag: str, status: int) -> None:
    admin = await program(house)
    user = await house.add_user()

    answer = await admin("DELETE", f"/users/{user.id}", headers={"If-Match": tag})

    assert answer.status_code == status
    assert (await admin("GET", f"/users/{user.id}")).status_code == (404 if status == 204 else 200)


async def test_s7_the_name_of_a_deleted_user_stays_taken(house: House) -> None:
    admin = await program(house)
    user = await house.add_user("bob")
    assert (await admin("DELETE", f"/users/{user.id}")).status_code == 204

    again = await admin("DELETE", f"/users/{user.id}")
    anew = await admin("POST", "/users", json=NEW)

    assert again.status_code == 404
    assert (anew.status_code, pointers(anew)) == (409, ["/username"])


@on_sqlite
@pytest.mark.parametrize(
    "user_id", ["nobody", "0192f0c1-7a3e-7c55-9f2e-0f4b5a6c7d8e", "%00", "me%2F", "a" * 3000]
)
async def test_an_unknown_user_is_404_for_every_method(house: House, user_id: str) -> None:
    admin = await program(house)

    for method, tail in ORDERS:
        body = {"password": PASSWORD} if tail == "/set-password" else {}
        answer = await admin(method, f"/users/{user_id}{tail}", json=body)

        assert answer.status_code == 404, (method, tail)
        assert answer.headers["content-type"] == "application/problem+json"


@on_sqlite
@pytest.mark.parametrize("path", ["/users/{user}", "/clients/{client}", "/users/me"])
async def test_rfc9110_s13_1_2_what_the_caller_has_is_not_sent_again_until_it_changes(
    house: House, path: str
) -> None:
    admin, user, client = await program(house), await house.add_user(), await house.add_client()
    caller = await person(house) if path == "/users/me" else admin
    path = path.format(user=user.id, client=client.id)
    tag = (await caller("GET", path)).headers["etag"]

    known = [
        await caller("GET", path, headers={"If-None-Match": have}) for have in (tag, f'"0", W/{tag}', "*")
    ]
    other = await caller("GET", path, headers={"If-None-Match": '"0"'})
    name = {"client_name": "new"} if "/clients" in path else {"name": "new"}
    assert (await caller("PATCH", path, json=name)).status_code == 200
    changed = await caller("GET", path, headers={"If-None-Match": tag})

    assert [(answer.status_code, answer.content, answer.headers["etag"]) for answer in known] == [
        (304, b"", tag)
    ] * 3
    assert (other.status_code, changed.status_code) == (200, 200)
    assert changed.headers["etag"] != tag


BODIES_OF_ORDERS = [
    pytest.param(b"", {}, 200, id="nothing"),
    pytest.param(b"{}", {"Content-Type": "application/json"}, 200, id="an empty object"),
    pytest.param(b"{garbage", {"Content-Type": "application/json"}, 400, id="no JSON"),
    pytest.param(b'{"active": true}', {"Content-Type": "application/json"}, 422, id="a member"),
    pytest.param(b"[]", {"Content-Type": "application/json"}, 422, id="a list"),
    pytest.param(b"{}", {"Content-Type": "text/plain"}, 415, id="no JSON type"),
]


@on_sqlite
@pytest.mark.parametrize(("body", "headers", "status"), BODIES_OF_ORDERS)
async def test_s6_an_order_without_members_takes_no_body_but_an_empty_object(
    house: House, body: bytes, headers: dict[str, str], status: int
) -> None:
    admin, user, client = await program(house), await house.add_user(), await house.add_client()
    paths = [
        f"/{path}/{order}" for path in (f"users/{user.id}", f"clients/{client.id}") for order in BOTH_WAYS
    ]

    answers = [await admin("POST", path, content=body, headers=headers) for path in paths]

    assert {answer.status_code for answer in answers} == {status}
    shown = (await admin("GET", f"/users/{user.id}")).headers["etag"]
    assert (shown == '"1"') == (status != 200)


async def test_an_id_has_one_spelling(house: House) -> None:
    admin = await program(house)
    user = await house.add_user()

    for spelling in (user.id.upper(), user.id.replace("-", ""), f"{{{user.id}}}", f" {user.id}"):
        assert (await admin("GET", f"/users/{spelling}")).status_code == 404


@pytest.mark.parametrize("order", ["deactivate", "activate"])
async def test_a_repeated_order_is_answered_the_same_and_recorded_once(house: House, order: str) -> None:
    admin = await program(house)
    user = await house.add_user(active=(order == "activate" and False) or order == "deactivate")

    answers = [await admin("POST", f"/users/{user.id}/{order}") for _ in range(3)]

    assert {answer.status_code for answer in answers} == {200}
    assert [answer.headers["etag"] for answer in answers] == ['"2"'] * 3
    assert {answer.json()["active"] for answer in answers} == {order == "activate"}


async def test_s5_what_was_given_before_a_deactivation_stays_dead_after_reactivation(house: House) -> None:
    admin = await program(house)
    user, client = await house.add_user(), await house.add_client()
    tokens = await house.sign_in(client)
    assert await house.is_active(client, tokens["access_token"])

    await admin.made(f"/users/{user.id}/deactivate")
    refused = await house.token(client, grant_type="password", username="alice", password=PASSWORD)
    await admin.made(f"/users/{user.id}/activate")

    assert refused.json()["error"] == "invalid_grant"
    assert not await house.is_active(client, tokens["access_token"])
    refreshed = await house.token(client, grant_type="refresh_token", refresh_token=tokens["refresh_token"])
    assert refreshed.json()["error"] == "invalid_grant"
    assert await house.is_active(client, (await house.sign_in(client))["access_token"])


async def test_s5_a_new_password_ends_everything_before_it(house: House) -> None:
    admin = await program(house)
    user, client = await house.add_user(), await house.add_client()
    tokens = await house.sign_in(client)

    answer = await admin("POST", f"/users/{user.id}/set-password", json={"password": "another long one"})

    assert answer.status_code == 200
    assert not await house.is_active(client, tokens["access_token"])
    assert not await house.is_active(client, tokens["refresh_token"])
    old = await house.token(client, grant_type="password", username="alice", password=PASSWORD)
    assert old.json()["error"] == "invalid_grant"
    await house.sign_in(client, password="another long one")


async def test_s5_deletion_ends_everything(house: House) -> None:
    admin = await program(house)
    user, client = await house.add_user(), await house.add_client()
    tokens = await house.sign_in(client)

    await admin("DELETE", f"/users/{user.id}")

    assert not await house.is_active(client, tokens["access_token"])
    assert not await house.is_active(client, tokens["refresh_token"])


@pytest.mark.parametrize(("before", "after"), [(True, False), (False, True)])
async def test_s5_a_change_of_admin_ends_everything(house: House, before: bool, after: bool) -> None:
    admin = await program(house)
    user, client = await house.add_user(admin=before), await house.add_client()
    tokens = await house.sign_in(client)

    answer = await admin("PATCH", f"/users/{user.id}", json={"admin": after})

    assert answer.json()["admin"] is after
    assert not await house.is_active(client, tokens["access_token"])


async def test_s5_a_new_username_shows_at_once_and_ends_nothing(house: House) -> None:
    admin = await program(house)
    user, client = await house.add_user(), await house.add_client()
    tokens = await house.sign_in(client)
    assert (await house.introspect(client, tokens["access_token"]))["username"] == "alice"

    await admin("PATCH", f"/users/{user.id}", json={"username": "alicia"})

    assert (await house.introspect(client, tokens["access_token"]))["username"] == "alicia"


async def test_a_person_marked_administrator_administers_with_a_client_made_for_it(house: House) -> None:
    await house.add_user("root", admin=True)
    root = await person(house, "root", scope="admin")

    assert (await root("POST", "/users", json=NEW)).status_code == 201
