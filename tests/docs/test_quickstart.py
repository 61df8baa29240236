"""QUICKSTART.md leads to a token: all its blocks, in their order, on a real PostgreSQL and a real Redis."""

import json
import re
import subprocess
from pathlib import Path

import pytest
import yaml

from tests.docs.copy import Copy
from tests.docs.pages import CHECKOUT, blocks, read
from tests.docs.test_readme import free_port
from tests.servers.databases import Databases
from tests.servers.redis import RedisServer

PAGE = "QUICKSTART.md"


@pytest.mark.all
async def test_every_block_of_the_page_works_in_its_order(
    tmp_path: Path, postgres: Databases, redis_server: RedisServer
) -> None:
    port, demo_port = free_port(), free_port()
    database = (await postgres.database(empty=True)).replace("postgresql+asyncpg:", "postgresql:", 1)
    here = {
        "postgresql://identity:secret@127.0.0.1:5432/identity": database,
        "redis://127.0.0.1:6379/0": redis_server.url,
        "127.0.0.1:8000": f"127.0.0.1:{port}",
        "--port 8000": f"--port {port}",
        "127.0.0.1:8001": f"127.0.0.1:{demo_port}",
        "--port 8001": f"--port {demo_port}",
    }
    copy = Copy.make(tmp_path / "copy", BCRYPT_COST="4")
    before, serve, after, demo = ("".join(part) for part in parts(here))

    copy.run(before)
    with copy.serving(serve, port=port):
        printed = copy.run(f"{after}\n{seen_at(demo, demo_port)}").splitlines()

    answers = [json.loads(line) for line in printed if line.startswith("{")]
    token, active, revoked, ended = answers
    assert (token["token_type"], token["scope"]) == ("Bearer", "read write")
    assert (active["active"], active["username"]) == (True, "alice")
    assert (revoked, ended) == ({}, {"active": False})
    assert (
        f"http://127.0.0.1:{port}/login/" in printed[-1]
    ), "the demo leads to the server, which asks who it is"
    assert (copy.folder / ".env").stat().st_mode & 0o077 == 0, "others can read the secrets"


def seen_at(demo: str, port: int) -> str:
    """Shell that starts the demo, and says where pressing its button leads in the end."""
    url = f"http://127.0.0.1:{port}"
    return "\n".join(
        [
            f"{demo.strip()} >/dev/null 2>&1 &",
            "trap 'kill $!' EXIT",
            f"python - <<'END'\n{LOOK.replace('URL', url)}END",
        ]
    )


LOOK = """
import time, httpx2
with httpx2.Client(follow_redirects=True, trust_env=False, timeout=60) as browser:
    for _ in range(600):
        try:
            browser.get("URL")
            break
        except httpx2.TransportError:
            time.sleep(0.1)
    print(browser.get("URL/sign-in").url)
"""


def parts(here: dict[str, str]) -> tuple[list[str], list[str], list[str], list[str]]:
    """What is pasted before the server runs, what starts it, what is pasted then, and what starts the demo; with our
    addresses."""
    before: list[str] = []
    serve: list[str] = []
    after: list[str] = []
    demo: list[str] = []
    for block in blocks(PAGE, "sh"):
        if "docker" in block.attributes:
            continue
        text = block.text
        for theirs, ours in here.items():
            text = text.replace(theirs, ours)
        assert ":8000" not in text
        assert ":8001" not in text
        if "background" in block.attributes:
            serve.append(text)
        elif "demo" in block.attributes:
            demo.append(text)
        else:
            (after if serve else before).append(text)
    assert (len(serve), len(demo)) == (1, 1)
    return before, serve, after, demo


def test_the_lines_for_docker_make_every_secret_that_the_compose_file_wants_and_call_its_services() -> None:
    (block,) = [block for block in blocks(PAGE, "sh") if "docker" in block.attributes]
    compose = yaml.safe_load((CHECKOUT / "docker-compose.yml").read_text())
    wanted = {secret["file"].removeprefix("./") for secret in compose["secrets"].values()}

    assert set(re.findall(r"> (secrets/\w+)", block.text)) == wanted
    assert set(re.findall(r"docker compose exec (\w+)", block.text)) <= set(compose["services"])
    syntax = subprocess.run(["sh", "-n"], input=block.text, text=True, capture_output=True, check=False)
    assert (syntax.returncode, syntax.stderr) == (0, "")


def test_the_page_names_the_addresses_that_the_reader_replaces() -> None:
    assert read(PAGE).count("postgresql://identity:secret@127.0.0.1:5432/identity") == 2
    assert read(PAGE).count("redis://127.0.0.1:6379/0") == 2
