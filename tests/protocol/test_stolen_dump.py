"""A dump of the database holds no usable credential: all that stands in it is tried at every door, over HTTP."""

from base64 import b64encode
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
import pytest
from sqlalchemy import text

from identity_service.domain.entities.client import ClientSecret
from identity_service.infrastructure.container import new_id
from tests.account_visitor import signed_in
from tests.api_caller import program
from tests.dump import candidates, image_of, rows_of, traces
from tests.house import NOW, PASSWORD, House, Registered, open_house, settings_for
from tests.registrant import REGISTER, Registrant, initial_access_token, register
from tests.visitor import REDIRECT_URI, Pkce, Visitor, app_of, visitor_of

BROUGHT = "a secret of before"
SESSION, BROWSER = "__Host-identity-session", "__Host-identity-browser"


@pytest.fixture
async def house(database_url: str, tmp_path: Path) -> AsyncIterator[House]:
    """Keys in the database, anybody may register with a token, and no limit keeps the thief from trying."""
    settings = settings_for(
        tmp_path,
        database_url=database_url,
        jwt_private_key=None,
        signing_algorithm="ES256",
        client_signing_algorithms=("ES256",),
        client_registration="token",
        rate_limits="off",
    )
    async with open_house(settings) as opened:
        yield opened


@dataclass
class Life:
    """What a server has given out, and how each of it is presented. `doors` answer whether they open."""

    house: House
    secrets: dict[str, str | bytes] = field(default_factory=dict)
    doors: dict[str, Callable[[str], Awaitable[bool]]] = field(default_factory=dict)
    alive: dict[str, str] = field(default_factory=dict)

    def door(self, name: str, secret: str, opens: Callable[[str], Awaitable[bool]]) -> None:
        """A credential that is still good, and where it is."""
        self.secrets[name] = self.alive[name] = secret
        self.doors[name] = opens

    async def tokens(self, client: Registered, **form: str) -> httpx2.Response:
        return await self.house.token(client, **form)

    async def bearer(self, path: str, token: str, method: str = "GET", **options: Any) -> int:
        """The status that this bearer token gets."""
        headers = {"Authorization": b"Bearer " + token.encode()}
        return (await self.house.http.request(method, path, headers=headers, **options)).status_code


async def lived(house: House) -> Life:
    """Everything that can be given out has been, used or not."""
    life = Life(house)
    await house.add_user()
    await _by_password(life)
    await _by_browser(life)
    await _by_programs(life)
    await _by_registration(life)
    await _keys(life)
    return life


async def _by_password(life: Life) -> None:
    house = life.house
    client = await house.add_client(refresh_reuse_grace=600, scope="read account")
    tokens = await house.sign_in(client, scope="account")
    access, spent = tokens["access_token"], tokens["refresh_token"]
    successor = (await life.tokens(client, grant_type="refresh_token", refresh_token=spent)).json()
    await house.token(client, grant_type="password", username="alice", password="not the password")
    gone = await house.sign_in(client)
    await house.post("/oauth2/revoke", client, token=gone["access_token"])
    await house.post("/oauth2/revoke", client, token=gone["refresh_token"])
    life.secrets |= {
        "a revoked access token": gone["access_token"],
        "a revoked refresh token": gone["refresh_token"],
        "a wrong password": "not the password",
    }

    async def opens_account(token: str) -> bool:
        return await life.bearer("/users/me", token) == 200

    async def refreshes(token: str) -> bool:
        answer = await life.tokens(client, grant_type="refresh_token", refresh_token=token)
        return answer.status_code == 200

    async def signs_in(password: str) -> bool:
        form = {"grant_type": "password", "username": "alice", "password": password}
        return (await life.tokens(client, **form)).status_code == 200

    life.door("an access token", access, opens_account)
    life.door("a spent refresh token within its grace", spent, refreshes)
    life.door("a refresh token", successor["refresh_token"], refreshes)
    life.door("a password", PASSWORD, signs_in)


async def _by_browser(life: Life) -> None:
    house = life.house
    async with visitor_of(house) as visitor, visitor_of(house) as left, visitor_of(house) as undecided:
        app = await app_of(house, backchannel_logout_uri="https://app.example/logout")
        pkce, spent = Pkce.new(), Pkce.new()
        used = await visitor.code(app, spent, scope="openid offline_access")
        assert (await visitor.exchange(app, used, spent)).status_code == 200
        code = await visitor.code(app, pkce)
        await house.add_user("bob")
        page = await signed_in(left, "/account/sessions", username="bob")
        life.secrets["an ended session"] = left.http.cookies[SESSION]
        await left.tokens(app, username="bob")
        await page.submit(everywhere="yes")
        waiting = await undecided.to_page(await undecided.ask(app))
        life.secrets["a spent code"] = used

        async def redeems(value: str) -> bool:
            return (await Visitor(house, house.http).exchange(app, value, pkce)).status_code == 200

        async def is_signed_in(value: str) -> bool:
            answer = await _with_cookie(house, "/account", SESSION, value)
            return answer.status_code == 200

        async def goes_on(value: str) -> bool:
            answer = await _with_cookie(house, waiting.path, BROWSER, value)
            return answer.status_code == 200

        life.door("a session cookie", visitor.http.cookies[SESSION], is_signed_in)
        life.door("a browser's cookie", undecided.http.cookies[BROWSER], goes_on)
        life.door("a code", code, redeems)
        life.secrets["a state and verifier"] = pkce.verifier


async def _with_cookie(house: House, path: str, name: str, value: str) -> httpx2.Response:
    return await house.http.get(path, headers={"Cookie": f"{name}=".encode() + value.encode()})


async def _by_programs(life: Life) -> None:
    house = life.house
    plain = await house.add_client(grants=["client_credentials"])
    slow = await house.container.hasher().hash(BROUGHT, address=None)  # quick, as everything here
    kept = ClientSecret(id=new_id(), scheme="password", stored=slow, expires_at=None, created_at=NOW)
    brought = await house.add_client(grants=["client_credentials"], secrets=(kept,))
    admin = await program(house)
    rotated = await admin("POST", f"/clients/{plain.id}/rotate-secret", json={"overlap_seconds": 600})
    assert rotated.status_code == 200, rotated.text

    def of(client: Registered) -> Callable[[str], Awaitable[bool]]:
        async def gets_a_token(secret: str) -> bool:
            form = {"grant_type": "client_credentials"}
            answer = await house.http.post("/oauth2/token", data=form, auth=(client.id, secret))
            return answer.status_code == 200

        return gets_a_token

    async def administers(token: str) -> bool:
        return await life.bearer("/users", token) == 200

    life.door("a client secret", rotated.json()["client_secret"], of(plain))
    life.door("the client secret before it", plain.secret, of(plain))
    life.door("a client secret that was brought along", BROUGHT, of(brought))
    life.door("an administrator's token", admin.token, administers)


async def _by_registration(life: Life) -> None:
    house = life.house
    used = await initial_access_token(house, uses=1)
    unused = await initial_access_token(house, uses=3)
    registered = await register(house, token=used)
    assert registered.status_code == 201, registered.text
    program_ = Registrant(house, registered.json())
    own = program_.told["registration_access_token"]

    async def registers(token: str) -> bool:
        headers = {"Authorization": b"Bearer " + token.encode()}
        answer = await house.http.post(REGISTER, json={"redirect_uris": [REDIRECT_URI]}, headers=headers)
        return answer.status_code == 201

    async def manages(token: str) -> bool:
        return await life.bearer(program_.path, token) == 200

    life.secrets["a used initial access token"] = used
    life.secrets["a registered client's secret"] = program_.told["client_secret"]
    life.door("an initial access token", unused, registers)
    life.door("a registration access token", own, manages)


async def _keys(life: Life) -> None:
    container = life.house.container
    async with container.read() as uow:
        keys, wrapped = await uow.keys.all(), await uow.data_keys.all()
    for key in keys:
        opened = container.data_keys().open(key.sealed, purpose="signing-key", context=key.kid)
        life.secrets[f"the private key {key.kid}"] = opened[-40:]
    for key in wrapped:
        opened = await container.key_encryption().unwrap(key.wrapped, context=key.context)
        life.secrets[f"the data key {key.id}"] = opened
    life.secrets["the master key"] = b64encode(bytes(32)).decode()


async def opened(life: Life) -> list[str]:
    """What of the dump opens which door."""
    found = []
    for value, column in candidates(await rows_of(life.house.container.database())).items():
        for name, opens in life.doors.items():
            if await opens(value):
                found.append(f"{column} is good as {name}")
    return found


@pytest.mark.every_storage
async def test_no_secret_stands_in_the_bytes_of_a_dump(house: House) -> None:
    life = await lived(house)
    image = await image_of(house.container.database())
    assert {name: found for name, secret in life.secrets.items() if (found := traces(secret, image))} == {}
    assert traces("alice@example.org", image), "what does stand in it is found"


@pytest.mark.all
@pytest.mark.every_storage
async def test_nothing_in_a_dump_opens_a_door(house: House) -> None:
    life = await lived(house)
    tables = {name for name, rows in (await rows_of(house.container.database())).items() if rows}

    assert await opened(life) == []
    assert {"users", "clients", "client_secrets", "families", "refresh_tokens", "revoked_tokens"} <= tables
    assert {"sessions", "interactions", "authorization_codes", "outbox", "events", "data_keys"} <= tables
    assert {"initial_access_tokens", "registration_access_tokens", "signing_keys"} <= tables
    for name, secret in life.alive.items():
        assert await life.doors[name](secret), f"{name} does not open its door, so that nothing was shown"


@pytest.mark.all
@pytest.mark.parametrize("shape", ["{}", '{{"kept": ["{}"]}}'], ids=["plain", "in JSON"])
async def test_the_search_finds_each_credential_that_is_put_into_a_column(house: House, shape: str) -> None:
    life = await lived(house)
    for name, secret in life.alive.items():
        async with house.container.database().engine.begin() as connection:
            await connection.execute(
                text("UPDATE server_state SET master_key_id = :value"), {"value": shape.format(secret)}
            )
        rows = {"server_state": (await rows_of(house.container.database()))["server_state"]}
        assert any([await life.doors[name](value) for value in candidates(rows)]), name
        assert traces(secret, await image_of(house.container.database())), name
