"""`identity-service posture --attack` as it is called."""

import asyncio
import json
import threading
from collections.abc import Iterator

import pytest

from tests.bad_server import bad_server
from tests.integration.cli.conftest import CommandLine

FEW = ("--ignore", "a-long-body-is-not-read", "--ignore", "deep-json-is-refused")


@pytest.fixture(scope="module")
def bad_url() -> Iterator[str]:
    """The bad server, on a loop of its own: the command has one, too."""
    loop, end, told = asyncio.new_event_loop(), asyncio.Event(), threading.Event()
    urls: list[str] = []

    async def serve() -> None:
        async with bad_server() as url:
            urls.append(url)
            told.set()
            await end.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),))
    thread.start()
    told.wait()
    yield urls[0]
    loop.call_soon_threadsafe(end.set)
    thread.join()
    loop.close()


def test_a_weak_server_is_status_1_and_the_worst_comes_first(bare_cli: CommandLine, bad_url: str) -> None:
    result = bare_cli(
        "posture", "--attack", bad_url, *FEW, "--client-id", "a", "--client-secret-stdin", stdin="b"
    )
    lines = [line.split("\t") for line in result.stdout.splitlines()]
    assert result.exit_code == 1
    assert lines[0] == ["verdict", "attack", "probe", "sent", "seen"]
    assert {line[0] for line in lines[1:]} == {"weak"}
    assert "a-long-body-is-not-read" not in result.stdout
    assert " 0 could not try" in result.stderr
    assert "MASTER_KEY" not in result.stderr


def test_json_names_what_was_not_tried(bare_cli: CommandLine, bad_url: str) -> None:
    result = bare_cli("posture", "--attack", bad_url, "--json")
    document = json.loads(result.stdout)
    assert result.exit_code == 1
    assert document["url"] == bad_url
    assert document["summary"]["could not try"] == sum(
        each["verdict"] == "could not try" for each in document["probes"]
    )
    assert {"attack", "why"} == set(document["not_from_outside"][0])


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--attack", "ftp://127.0.0.1"), "wants the URL of a running server"),
        (("--attack", "http://127.0.0.1:99999"), "wants the URL of a running server"),
        (("--attack", "http://id.example"), "--yes-this-server-is-mine"),
        (("--attack", "http://127.0.0.1:1", "--fail-on", "high"), "are about rules"),
        (("--attack", "http://127.0.0.1:1", "--client-id", "a"), "go together"),
        (("--attack", "http://127.0.0.1:1", "--ignore", "password-grant"), "no probe 'password-grant'"),
        (("--client-id", "a"), "want '--attack'"),
    ],
)
def test_what_does_not_go_together_is_refused(
    bare_cli: CommandLine, options: tuple[str, ...], told: str
) -> None:
    assert told in " ".join(bare_cli("posture", *options).stderr.split())
    assert bare_cli("posture", *options).exit_code == 2


def test_nobody_there_is_one_line(bare_cli: CommandLine) -> None:
    line = bare_cli.refused("posture", "--attack", "http://127.0.0.1:1")
    assert "http://127.0.0.1:1 cannot be reached" in line
