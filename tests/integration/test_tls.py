"""`serve` over https: each door, several workers' way of starting, and an exchange while it serves."""

import asyncio
import ssl
from pathlib import Path

import httpx2
import pytest

from tests.certificates import write_pair
from tests.migrated import copy_of
from tests.running import Program, environment, house_of, until
from tests.servers.databases import Databases
from tests.servers.redis import RedisServer


@pytest.fixture
def program(sqlite_template: Path, tmp_path: Path) -> Program:
    cert, key = write_pair(tmp_path)
    issuer = {"ISSUER": "https://127.0.0.1", "TLS_CERT_FILE": str(cert), "TLS_KEY_FILE": str(key)}
    return Program(tmp_path, environment(tmp_path, copy_of(sqlite_template, tmp_path), **issuer))


def trusting(folder: Path) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=folder / "tls.crt")


async def test_each_door_is_behind_tls_and_a_new_certificate_is_taken(
    program: Program, tmp_path: Path
) -> None:
    program.start()
    try:
        url = f"https://127.0.0.1:{program.port}"
        async with httpx2.AsyncClient(base_url=url, verify=trusting(tmp_path), timeout=30) as http:
            await program.answers(http, "/health/ready", 200)
            async with house_of(program, program.settings["DATABASE_URL"]) as house:
                client = await house.add_client()
            for _ in range(3):  # routed, then from the door in front
                token = await http.post(
                    "/oauth2/token", data={"grant_type": "client_credentials"}, auth=client.basic
                )
                access = token.json()["access_token"]
                told = await http.post("/oauth2/introspect", data={"token": access}, auth=client.basic)
                assert told.json()["active"] is True
                assert told.headers["strict-transport-security"] == "max-age=31536000; includeSubDomains"
            assert (await http.get("/docs")).headers["strict-transport-security"]

        await refuses_what_is_no_tls(program.port)
        await refuses_old_versions(program.port, tmp_path)
        write_pair(tmp_path)
        await until(lambda: "a new certificate is in use" in program.output, "the certificate is exchanged")
        async with httpx2.AsyncClient(base_url=url, verify=trusting(tmp_path), timeout=30) as http:
            assert (await http.get("/health/live")).status_code == 200
    finally:
        program.kill()


async def refuses_what_is_no_tls(port: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(b"GET /health/live HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        assert b"HTTP" not in await reader.read()
    except ConnectionError:
        pass
    finally:
        writer.transport.abort()


async def refuses_old_versions(port: int, folder: Path) -> None:
    """ASVS 12.1.1, with the other side willing."""
    old, new = trusting(folder), trusting(folder)
    old.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.warns(DeprecationWarning, match="TLSv1_1"):
        old.minimum_version = old.maximum_version = ssl.TLSVersion.TLSv1_1
    with pytest.raises((ssl.SSLError, ConnectionError)):
        await asyncio.open_connection("127.0.0.1", port, ssl=old)
    new.maximum_version = ssl.TLSVersion.TLSv1_2
    _, writer = await asyncio.open_connection("127.0.0.1", port, ssl=new)
    assert writer.get_extra_info("cipher")[0].startswith("ECDHE-")
    writer.transport.abort()


@pytest.mark.all
async def test_workers_speak_https_and_each_takes_a_new_certificate(
    postgres: Databases, redis_server: RedisServer, tmp_path: Path
) -> None:
    cert, key = write_pair(tmp_path)
    files = {"ISSUER": "https://127.0.0.1", "TLS_CERT_FILE": str(cert), "TLS_KEY_FILE": str(key)}
    settings = environment(tmp_path, await postgres.database(), REDIS_URL=redis_server.url, **files)
    program = Program(tmp_path, settings, workers=2)
    program.start()
    try:
        url = f"https://127.0.0.1:{program.port}"
        async with httpx2.AsyncClient(base_url=url, verify=trusting(tmp_path), timeout=30) as http:
            await program.answers(http, "/health/ready", 200)
        await until(lambda: program.output.count("Started server process") == 2, "both serve")
        write_pair(tmp_path)
        await until(lambda: program.output.count("a new certificate is in use") == 2, "both have it")
        for _ in range(8):  # connections are dealt out among them
            async with httpx2.AsyncClient(base_url=url, verify=trusting(tmp_path), timeout=30) as http:
                assert (await http.get("/health/live")).status_code == 200
    finally:
        program.kill()
