"""The query side: no private key, no master key, no right to write; the command side: the rest."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import httpx2
import pytest

from identity_service.adapters.jwt.jwk import load_private_key, to_public_pem
from identity_service.api.app import serves
from identity_service.infrastructure.config.settings import Settings
from identity_service.infrastructure.container import build
from identity_service.main import create_app
from tests.api_caller import on_sqlite
from tests.house import ISSUER, House, Registered, open_house, private_key, settings_for
from tests.servers.databases import Databases, administer
from tests.signer import signer_in

COMMANDS = ("/oauth2/token", "/oauth2/revoke")
HEALTH = ("/health", "/health/live", "/health/ready")


@asynccontextmanager
async def app_of(settings: Settings, side: str) -> AsyncIterator[tuple[Any, httpx2.AsyncClient]]:
    app = create_app(settings, side=side)
    async with app.router.lifespan_context(app):
        transport = httpx2.ASGITransport(app, client=("192.0.2.7", 50000), raise_app_exceptions=False)
        async with httpx2.AsyncClient(transport=transport, base_url=ISSUER) as http:
            yield app, http


def query_settings(folder: Path, url: str) -> Settings:
    """What an operator gives the query side: no secret of any kind."""
    return settings_for(
        folder,
        database_read_url=url,
        database_url="postgresql://nobody@127.0.0.1:1/nowhere",
        master_key=None,
        jwt_private_key=None,
        environment="production",
    )


@pytest.fixture
async def reader_url(postgres: Databases) -> AsyncIterator[tuple[str, str]]:
    """A database, and the same one as a role that may SELECT and nothing else."""
    url = await postgres.database()
    plain = url.replace("+asyncpg", "")
    role = f"reader_{secrets.token_hex(6)}"
    await administer(
        plain,
        f"CREATE ROLE {role} LOGIN",
        f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {role}",
    )
    parts = urlsplit(url)
    yield url, urlunsplit(parts._replace(netloc=f"{role}@{parts.hostname}:{parts.port}"))
    await administer(plain, f"DROP OWNED BY {role}", f"DROP ROLE {role}")


async def test_the_query_side_introspects_as_a_role_that_may_only_read(
    reader_url: tuple[str, str], tmp_path: Path
) -> None:
    url, read_url = reader_url
    async with (
        open_house(settings_for(tmp_path, database_url=url, jwt_private_key=None)) as house,
        app_of(query_settings(tmp_path / "query", read_url), "query") as (_, http),
    ):
        await house.add_user()
        client = await house.add_client()
        tokens = await house.sign_in(client)
        for token in (tokens["access_token"], tokens["refresh_token"]):
            answer = await http.post("/oauth2/introspect", data={"token": token}, auth=client.basic)
            assert (answer.status_code, answer.json()["active"]) == (200, True)
        assert (await http.get("/health/ready")).status_code == 200

        await house.post("/oauth2/revoke", client, token=tokens["refresh_token"])
        for token in (tokens["access_token"], tokens["refresh_token"]):
            async with asyncio.timeout(60):  # the other process hears of it within a second (PROTOCOL §5)
                while await is_active(http, client, token):
                    await asyncio.sleep(0.01)
    assert not (tmp_path / "query").exists(), "nothing is made in the data directory: no master key"


async def test_attack_20_nobody_authenticates_by_an_assertion_where_it_cannot_be_spent(
    reader_url: tuple[str, str], tmp_path: Path
) -> None:
    url, read_url = reader_url
    async with (
        open_house(settings_for(tmp_path, database_url=url)) as house,
        app_of(query_settings(tmp_path / "query", read_url), "query") as (_, http),
    ):
        signer = await signer_in(house)
        answer = await http.post("/oauth2/introspect", data=signer.form(token="x"))
        told = (await http.get("/.well-known/oauth-authorization-server")).json()

    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
    assert "private_key_jwt" not in told["introspection_endpoint_auth_methods_supported"]
    assert "private_key_jwt" in told["token_endpoint_auth_methods_supported"]


async def is_active(http: httpx2.AsyncClient, client: Registered, token: str) -> bool:
    answer = await http.post("/oauth2/introspect", data={"token": token}, auth=client.basic)
    assert answer.status_code == 200
    return bool(answer.json()["active"])


async def test_that_role_really_may_not_write(reader_url: tuple[str, str]) -> None:
    connection = await asyncpg.connect(reader_url[1].replace("+asyncpg", ""))
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await connection.execute("DELETE FROM signing_keys")
    await connection.close()


async def test_the_query_side_verifies_with_a_public_key_from_the_settings(
    postgres: Databases, tmp_path: Path
) -> None:
    pem = to_public_pem(load_private_key(private_key()).public_key())
    url = await postgres.database()
    without = query_settings(tmp_path / "query", url)
    told = settings_for(
        tmp_path / "query",
        database_read_url=url,
        master_key=None,
        jwt_private_key=None,
        jwt_public_key=pem,
    )
    async with open_house(settings_for(tmp_path, database_url=url)) as house:
        client = await house.add_client()
        token = (await house.token(client, grant_type="client_credentials")).json()["access_token"]
        async with app_of(told, "query") as (_, http):
            async with asyncio.timeout(60):
                while (await http.get("/health/ready")).status_code != 200:
                    await asyncio.sleep(0.05)
            answer = await http.post("/oauth2/introspect", data={"token": token}, auth=client.basic)
            assert answer.json()["active"] is True
        async with app_of(without, "query") as (_, http):
            answer = await http.post("/oauth2/introspect", data={"token": token}, auth=client.basic)
            assert answer.status_code == 503, "no key at all is known, so nothing can be said about the token"


async def test_the_query_side_holds_no_private_key_and_no_use_case_that_writes(
    reader_url: tuple[str, str], tmp_path: Path
) -> None:
    container = build(query_settings(tmp_path, reader_url[1]), side="query")
    services = container.services()
    assert not hasattr(services.oauth2, "issue_token")
    assert not hasattr(services.oauth2, "revoke_token")
    await container.signing_keys.load_public()()
    assert container.key_ring()._signers == {}
    await container.database().close()


@pytest.mark.parametrize("path", COMMANDS)
async def test_the_query_side_serves_no_command(
    reader_url: tuple[str, str], tmp_path: Path, path: str
) -> None:
    async with app_of(query_settings(tmp_path, reader_url[1]), "query") as (_, http):
        assert (await http.post(path, data={"grant_type": "client_credentials"})).status_code == 404


@on_sqlite
async def test_the_command_side_serves_everything_but_introspection(
    database_url: str, tmp_path: Path
) -> None:
    settings = settings_for(tmp_path, database_url=database_url)
    async with app_of(settings, "command") as (_, http):
        assert (await http.post("/oauth2/introspect", data={"token": "x"})).status_code == 404
        for path in COMMANDS:
            assert (await http.post(path, data={"token": "x"})).status_code in (400, 401)
        for path in HEALTH:
            assert (await http.get(path)).status_code == 200


@on_sqlite
async def test_every_path_is_served_by_one_side_at_least(house: House) -> None:
    for route in house.app.routes:
        path = getattr(route, "path", "")
        assert serves("all", path)
        assert serves("query", path) or serves("command", path), path
