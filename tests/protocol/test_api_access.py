"""Who may call /users and /clients (PROTOCOL §1, RFC 6750)."""

from pathlib import Path

import pytest

from tests.api_caller import Caller, on_sqlite, person, program
from tests.house import ISSUER, PASSWORD, House, open_house, settings_for

SOMEBODY = "0192f0c1-7a3e-7c55-9f2e-0f4b5a6c7d8e"
SESSION = "0192f0c1-7a3e-7c55-9f2e-0f4b5a6c7d8f"
FAMILY = "0192f0c1-7a3e-7c55-9f2e-0f4b5a6c7d91"
CLIENT = "0192f0c1-7a3e-7c55-9f2e-0f4b5a6c7d90"
ROUTES = [
    ("GET", "/users", "users:read"),
    ("GET", f"/users/{SOMEBODY}", "users:read"),
    ("POST", "/users", "users:write"),
    ("PATCH", f"/users/{SOMEBODY}", "users:write"),
    ("DELETE", f"/users/{SOMEBODY}", "users:write"),
    ("POST", f"/users/{SOMEBODY}/deactivate", "users:write"),
    ("POST", f"/users/{SOMEBODY}/activate", "users:write"),
    ("POST", f"/users/{SOMEBODY}/set-password", "users:write"),
    ("GET", "/clients", "clients:read"),
    ("GET", f"/clients/{SOMEBODY}", "clients:read"),
    ("POST", "/clients", "clients:write"),
    ("PATCH", f"/clients/{SOMEBODY}", "clients:write"),
    ("DELETE", f"/clients/{SOMEBODY}", "clients:write"),
    ("POST", f"/clients/{SOMEBODY}/deactivate", "clients:write"),
    ("POST", f"/clients/{SOMEBODY}/activate", "clients:write"),
    ("POST", f"/clients/{SOMEBODY}/rotate-secret", "clients:write"),
    ("GET", "/users/me", "account"),
    ("PATCH", "/users/me", "account"),
    ("GET", f"/users/{SOMEBODY}/sessions", "users:read"),
    ("DELETE", f"/users/{SOMEBODY}/sessions/{SESSION}", "users:write"),
    ("DELETE", f"/users/{SOMEBODY}/sessions", "users:write"),
    ("GET", f"/users/{SOMEBODY}/consents", "users:read"),
    ("DELETE", f"/users/{SOMEBODY}/consents/{CLIENT}", "users:write"),
    ("GET", "/users/me/sessions", "account"),
    ("DELETE", f"/users/me/sessions/{SESSION}", "account"),
    ("GET", "/users/me/consents", "account"),
    ("DELETE", f"/users/me/consents/{CLIENT}", "account"),
    ("GET", "/users/me/families", "account"),
    ("DELETE", f"/users/me/families/{FAMILY}", "account"),
    ("GET", "/families", "users:read"),
    ("GET", f"/families/{FAMILY}", "users:read"),
    ("DELETE", f"/families/{FAMILY}", "users:write"),
    ("DELETE", f"/families?user_id={SOMEBODY}", "users:write"),
    ("DELETE", "/users/me/sessions", "account"),  # the last: what it is called with ends, too
]
SCOPES_OF_ROUTES = ["users:read", "users:write", "clients:read", "clients:write", "account"]
SCOPES = [*SCOPES_OF_ROUTES, "read"]
NEW_USER = {"username": "bob", "password": PASSWORD}


@on_sqlite
async def test_every_route_of_the_api_is_listed_here(house: House) -> None:
    described = house.app.openapi()["paths"]
    served = {
        (method.upper(), path)
        for path, operations in described.items()
        if path.startswith(("/users", "/clients", "/families"))
        for method in operations
    }

    listed = {
        (
            method,
            path.partition("?")[0]
            .replace(FAMILY, "{family_id}")
            .replace(f"users/{SOMEBODY}", "users/{user_id}")
            .replace(SOMEBODY, "{client_id}")
            .replace(SESSION, "{session_id}")
            .replace(CLIENT, "{client_id}"),
        )
        for method, path, _ in ROUTES
    }
    assert served == listed


@on_sqlite
async def test_rfc6750_s3_without_a_token_the_challenge_names_no_error(house: House) -> None:
    for method, path, _ in ROUTES:
        answer = await house.http.request(method, path, json={"unknown": 1})

        assert answer.status_code == 401, (method, path)
        assert answer.headers["www-authenticate"].startswith("Bearer realm="), (method, path)
        assert "error" not in answer.headers["www-authenticate"], (method, path)
        assert answer.headers["content-type"] == "application/problem+json", (method, path)
        assert answer.headers["cache-control"] == "no-store", (method, path)


def routes_of(scope: str) -> list[tuple[str, str]]:
    found = [(method, path) for method, path, wanted in ROUTES if wanted == scope]
    assert found
    return found


@on_sqlite
@pytest.mark.parametrize("scope", SCOPES_OF_ROUTES)
async def test_rfc6750_s3_1_every_other_scope_is_403(house: House, scope: str) -> None:
    await house.add_user("root", admin=True)
    caller = await person(house, "root", scope=" ".join(one for one in SCOPES if one != scope))

    for method, path in routes_of(scope):
        answer = await caller(method, path, json={"unknown": 1})

        assert answer.status_code == 403, (method, path)
        assert 'error="insufficient_scope"' in answer.headers["www-authenticate"], (method, path)
        assert f'scope="{scope}"' in answer.headers["www-authenticate"], (method, path)


@on_sqlite
@pytest.mark.parametrize("scope", SCOPES_OF_ROUTES)
async def test_s1_the_scope_named_or_admin_opens_the_route(house: House, scope: str) -> None:
    await house.add_user("root", admin=True)
    callers = [await person(house, "root", scope=scope)]
    if scope != "account":
        callers.append(await person(house, "root", scope="admin"))

    for caller in callers:
        for method, path in routes_of(scope):
            answer = await caller(method, path, json={"unknown": 1})

            assert answer.status_code in (200, 204, 404, 422), (method, path)


@on_sqlite
@pytest.mark.parametrize(
    ("authorization", "status"),
    [
        ("Bearer x", 401),
        ("Bearer", 400),
        ("Bearer a b", 400),
        ("Basic dXNlcnM6eA==", 401),
        ("Bearer eyJhbGciOiJub25lIiwidHlwIjoiYXQrand0In0.eyJzY29wZSI6ImFkbWluIn0.", 401),
    ],
)
async def test_rfc6750_s3_1_what_is_no_token_is_refused(
    house: House, authorization: str, status: int
) -> None:
    answer = await house.http.get("/users", headers={"Authorization": authorization})

    assert answer.status_code == status
    assert answer.headers["www-authenticate"].startswith("Bearer")


@on_sqlite
async def test_rfc6750_s2_a_token_elsewhere_is_not_looked_for(house: House) -> None:
    admin = await program(house)

    in_query = await house.http.get("/users", params={"access_token": admin.token})
    in_form = await house.http.post("/users", data={"access_token": admin.token})

    assert (in_query.status_code, in_form.status_code) == (401, 401)


async def test_s1_a_token_for_another_audience_is_no_token_here(house: House) -> None:
    await house.add_client(resource_server=True, audiences=frozenset({"https://api.example"}))
    client = await house.add_client(scope="admin")

    async def status(*resources: str) -> int:
        answer = await house.token(
            client, grant_type="client_credentials", scope="admin", resource=list(resources)
        )
        return (await Caller(house, answer.json()["access_token"])("GET", "/users")).status_code

    assert await status("https://api.example") == 401
    assert await status("https://api.example", ISSUER) == 200


async def test_s1_with_another_default_audience_a_token_has_to_be_asked_for_us(
    database_url: str, tmp_path: Path
) -> None:
    settings = settings_for(tmp_path, database_url=database_url, default_audience="https://api.example")
    async with open_house(settings) as house:
        await house.add_user()
        client = await house.add_client(grants=["password"], scope="account")
        usual = await house.sign_in(client)
        meant = await house.sign_in(client, resource=ISSUER)

        statuses = [
            (await Caller(house, tokens["access_token"])("GET", "/users/me")).status_code
            for tokens in (usual, meant)
        ]

    assert statuses == [401, 200]


async def test_s1_an_ordinary_user_gets_no_reserved_scope(house: House) -> None:
    await house.add_user()
    client = await house.add_client(scope="read users:write admin")

    asked = await house.token(
        client, grant_type="password", username="alice", password=PASSWORD, scope="read users:write"
    )
    defaulted = await house.sign_in(client)

    assert asked.status_code == 400
    assert asked.json()["error"] == "invalid_scope"
    assert defaulted["scope"] == "read"
    alice = Caller(house, defaulted["access_token"])
    assert (await alice("POST", "/users", json=NEW_USER)).status_code == 403
    refreshed = await house.token(
        client,
        grant_type="refresh_token",
        refresh_token=defaulted["refresh_token"],
        scope="users:write",
    )
    assert refreshed.json()["error"] == "invalid_scope"


async def test_s1_a_reserved_scope_is_never_defaulted(house: House) -> None:
    client = await house.add_client(scope="read admin")

    answer = await house.token(client, grant_type="client_credentials")

    assert answer.json()["scope"] == "read"
    caller = Caller(house, answer.json()["access_token"])
    assert (await caller("GET", "/users")).status_code == 403


async def test_s5_a_revoked_token_opens_nothing(house: House) -> None:
    client = await house.add_client(scope="admin")
    answer = await house.token(client, grant_type="client_credentials", scope="admin")
    caller = Caller(house, answer.json()["access_token"])
    assert (await caller("GET", "/users")).status_code == 200

    await house.post("/oauth2/revoke", client, token=caller.token)

    assert (await caller("GET", "/users")).status_code == 401


@pytest.mark.parametrize(
    ("method", "tail", "members"),
    [
        ("POST", "/deactivate", None),
        ("POST", "/set-password", {"password": "another long one"}),
        ("PATCH", "", {"admin": False}),
        ("DELETE", "", None),
    ],
)
async def test_s5_an_ended_administrator_administers_nothing(
    house: House, method: str, tail: str, members: dict[str, object] | None
) -> None:
    user = await house.add_user("root", admin=True)
    root, other = await person(house, "root", scope="admin"), await program(house)
    assert (await root("GET", "/users")).status_code == 200

    await other(method, f"/users/{user.id}{tail}", json=members)

    assert (await root("GET", "/users")).status_code == 401


async def test_s5_a_refresh_token_is_no_access_token(house: House) -> None:
    await house.add_user()
    client = await house.add_client(scope="account")
    tokens = await house.sign_in(client)

    answer = await Caller(house, tokens["refresh_token"])("GET", "/users/me")

    assert answer.status_code == 401
