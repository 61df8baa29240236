"""`quickstart` as a newcomer meets it: a real process, a real shell, and what was printed (PROTOCOL §8)."""

import json
import os
import queue
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.html import elements, ids, text_of

QUICKSTART = (sys.executable, "-m", "identity_service.cli", "quickstart")
PATIENCE_SECONDS = 60


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """A newcomer's environment: nothing of ours is set. Hashing is quick, as in all tests."""
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "BCRYPT_COST": "4",
        "LANG": "C.UTF-8",
        "PYTHONFAULTHANDLER": "1",
    }


class Quickstart:
    """A running quickstart: its standard output, and what it says on standard error until it serves."""

    def __init__(self, folder: Path, environment: Mapping[str, str], *options: str) -> None:
        self._process = subprocess.Popen(
            (*QUICKSTART, "--data", str(folder / "var"), *options),
            cwd=folder,
            env=dict(environment),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self._said: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._reader = threading.Thread(target=self._read_errors)
        self._reader.start()
        self.errors = ""
        while not self.errors.rpartition("\n")[0].rpartition("\n")[2].startswith("Serving"):
            line = self._said.get(timeout=PATIENCE_SECONDS)
            assert line, f"it ended: {self.errors}"
            self.errors += line

    def _read_errors(self) -> None:
        assert self._process.stderr is not None
        for line in self._process.stderr:
            self._said.put(line)
        self._said.put("")

    def rest(self) -> str:
        """What it said on standard error afterwards."""
        return "".join(iter(partial(self._said.get, timeout=PATIENCE_SECONDS), ""))

    def until_it_answers(self, url: str) -> None:
        """Waits for the first answer."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not answers(url):
            assert self._process.poll() is None, self.errors
            assert time.monotonic() < deadline, f"{url} does not answer"
            time.sleep(0.05)

    @property
    def issuer(self) -> str:
        return self.errors.rpartition("Serving ")[2].split()[0]

    def first_lines(self, number: int) -> list[str]:
        """What it prints first."""
        assert self._process.stdout is not None
        return [self._process.stdout.readline().rstrip("\n") for _ in range(number)]

    def stop(self, how: int = signal.SIGINT) -> tuple[int, str]:
        """Ctrl+C, or another signal. The exit status, and everything on standard output."""
        self._process.send_signal(how)
        assert self._process.stdout is not None
        with self._not_forever():
            text = self._process.stdout.read()
        status = self._process.wait(PATIENCE_SECONDS)
        self._reader.join()
        self._process.stdout.close()
        assert self._process.stderr is not None
        self._process.stderr.close()
        return status, text

    @contextmanager
    def _not_forever(self) -> Iterator[None]:
        """One that does not stop says where it stands, and ends with another status than it was to."""
        late = threading.Timer(PATIENCE_SECONDS, self._process.send_signal, [signal.SIGABRT])
        late.start()
        try:
            yield
        finally:
            late.cancel()
            late.join()


def answers(url: str) -> bool:
    """Whether somebody does."""
    try:
        return httpx2.get(url, trust_env=False).is_success
    except httpx2.TransportError:
        return False


@pytest.fixture
def started(tmp_path: Path, environment: dict[str, str]) -> Iterator[Quickstart]:
    """A quickstart on a free port."""
    running = Quickstart(tmp_path, environment, "--port", "0", "--demo-port", "0")
    yield running
    if running._process.poll() is None:
        running.stop()


def prepared(folder: Path, environment: Mapping[str, str], *options: str) -> subprocess.CompletedProcess[str]:
    """A quickstart that does not serve, run to its end."""
    return subprocess.run(
        (*QUICKSTART, "--data", str(folder / "var"), "--no-serve", *options),
        cwd=folder,
        env=dict(environment),
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )


def document(folder: Path, environment: Mapping[str, str], *options: str) -> dict[str, Any]:
    """What `--json` prints."""
    result = prepared(folder, environment, "--json", *options)
    assert result.returncode == 0, result.stderr
    return dict(json.loads(result.stdout))


def commands_in(text: str) -> list[str]:
    """The commands under their numbered titles."""
    return [part.partition("\n")[2] for part in re.split(r"^# (?=\d\. )", text, flags=re.MULTILINE)[1:]]


def pasted(commands: list[str], environment: Mapping[str, str]) -> list[dict[str, Any]]:
    """The answers that a shell prints when the commands are pasted one after the other."""
    result = subprocess.run(
        ("sh",), input="\n".join(commands), env=dict(environment), capture_output=True, text=True, check=True
    )
    assert result.stderr == ""
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_s8_the_printed_lines_work_when_they_are_pasted_one_after_the_other(
    started: Quickstart, tmp_path: Path, environment: dict[str, str]
) -> None:
    port = re.search(r"Serving http://127\.0\.0\.1:(\d+)", started.errors)
    assert port is not None
    commands = document(tmp_path, environment, "--port", port[1])["commands"]
    token, refreshed, seen, revoked, seen_again = pasted([*commands, commands[-2]], environment)
    assert token["token_type"] == "Bearer"
    assert refreshed["refresh_token"] != token["refresh_token"]
    assert seen["active"] is True
    assert seen["username"] == "demo"
    assert seen["iss"] == f"http://127.0.0.1:{port[1]}"
    assert revoked == {}
    assert seen_again == {"active": False}
    status, text = started.stop()
    assert status == 0
    assert [command.strip() for command in commands_in(text)] == [command.strip() for command in commands]


@pytest.mark.all
def test_s8_where_there_is_no_curl_a_function_stands_in_for_it(
    started: Quickstart, tmp_path: Path, environment: dict[str, str]
) -> None:
    bare = tmp_path / "bin"
    bare.mkdir()
    for program in ("sh", "sed"):
        found = shutil.which(program)
        assert found is not None
        (bare / program).symlink_to(found)
    environment = environment | {"PATH": str(bare)}
    port = started.errors.rpartition(":")[2].split()[0]
    answers = pasted(document(tmp_path, environment, "--port", port)["commands"], environment)
    assert [sorted(answer)[0] for answer in answers[:3]] == ["access_token", "access_token", "active"]
    assert answers[3] == {}


@pytest.mark.parametrize("option", ["--port", "--demo-port"])
def test_s8_a_named_port_that_is_in_use_is_one_line_and_nothing_is_made(
    tmp_path: Path, environment: dict[str, str], option: str
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        result = subprocess.run(
            (*QUICKSTART, "--port", "0", option, port, "--data", "var"),
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            timeout=PATIENCE_SECONDS,
            check=False,
        )
    assert result.returncode == 1
    assert result.stdout == ""
    assert result.stderr == (
        f"Error: port {port} of 127.0.0.1 is in use: stop what listens there, or choose another with {option}\n"
    )
    assert not (tmp_path / "var").exists()


def in_demo(started: Quickstart) -> tuple[str, str, str]:
    """The URL, the name and the password that a newcomer reads first."""
    opened, _, user, password = started.first_lines(4)
    found = re.fullmatch(r"Open (http://127\.0\.0\.1:\d+) in a browser, and sign in there:", opened)
    assert found is not None
    return found[1], user.split()[1], password.split()[1]


def submitted(
    http: httpx2.Client, page: httpx2.Response, to: str | None = None, **fields: str
) -> httpx2.Response:
    """The answer to the page's form, or to that of several which leads to this path."""
    [action] = [form["action"] for form in elements(page.text, "form") if to in (None, form["action"])]
    [*hidden] = [each["value"] for each in elements(page.text, "input") if each.get("name") == "csrf"]
    return http.post(page.url.join(action), data={"csrf": hidden[0]} | fields)


def test_a_newcomer_opens_the_page_signs_in_sees_the_claims_and_signs_out(started: Quickstart) -> None:
    url, username, password = in_demo(started)
    started.until_it_answers(f"{started.issuer}/health/ready")
    with httpx2.Client(follow_redirects=True, trust_env=False, timeout=PATIENCE_SECONDS) as browser:
        welcome = browser.get(url)
        login = browser.get(welcome.url.join(link(welcome, "sign-in")))
        assert login.url.path.startswith("/login/")
        consent = submitted(browser, login, username=username, password=password)
        assert "Browser demo" in consent.text
        home = submitted(browser, consent, action="allow")
        assert str(home.url) == f"{url}/"
        assert text_of(home.text, "name") == "Demo"
        assert f"<code>{started.issuer}</code>" in home.text
        assert "refreshed" in ids(submitted(browser, home, "/refresh").text)
        out = submitted(browser, home, "/sign-out")
        assert out.url.path == "/signed-out"
        assert browser.get(f"{url}/sign-in").url.path.startswith("/login/")
    assert started.stop()[0] == 0


@pytest.mark.all
def test_a_session_that_is_ended_in_the_account_home_is_over_at_the_page(started: Quickstart) -> None:
    url, username, password = in_demo(started)
    started.until_it_answers(f"{started.issuer}/health/ready")
    with httpx2.Client(follow_redirects=True, trust_env=False, timeout=PATIENCE_SECONDS) as browser:
        login = browser.get(f"{url}/sign-in")
        consent = submitted(browser, login, username=username, password=password)
        assert "name" in ids(submitted(browser, consent, action="allow").text)
        submitted(browser, browser.get(f"{started.issuer}/account/sessions"), everywhere="yes")
        deadline = time.monotonic() + PATIENCE_SECONDS
        while "ended" not in ids(browser.get(url).text):
            assert time.monotonic() < deadline, "the page was not told"
            time.sleep(0.1)
    assert started.stop()[0] == 0


def link(page: httpx2.Response, id_: str) -> str:
    """Where the link with this id leads."""
    [href] = [each["href"] for each in elements(page.text, "a") if each.get("id") == id_]
    return href


@pytest.mark.all
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_the_demo_ends_with_the_server(started: Quickstart, how: int) -> None:
    url, _, _ = in_demo(started)
    started.until_it_answers(url)
    started.until_it_answers(f"{started.issuer}/health/live")

    status, _ = started.stop(how)

    assert status == 0
    assert not answers(url)


@pytest.mark.all
def test_no_demo_stays_behind_a_server_that_was_killed(started: Quickstart) -> None:
    url, _, _ = in_demo(started)
    started.until_it_answers(url)

    status, _ = started.stop(signal.SIGKILL)

    assert status == -signal.SIGKILL
    assert not answers(url)


@pytest.mark.all
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("seconds", [0, 0.1, 0.17, 0.23, 0.3, 0.6])
def test_it_stops_in_whichever_moment_of_its_start_it_is_told_to(
    tmp_path: Path, environment: dict[str, str], how: int, seconds: float
) -> None:
    running = Quickstart(tmp_path, environment, "--port", "0", "--no-demo")
    time.sleep(seconds)
    status, _ = running.stop(how)
    assert status in (0, -how), running.rest()


@pytest.mark.all
def test_without_the_demo_no_page_is_named(tmp_path: Path, environment: dict[str, str]) -> None:
    running = Quickstart(tmp_path, environment, "--port", "0", "--no-demo")
    running.until_it_answers(f"{running.issuer}/health/live")
    _, text = running.stop()
    assert text.startswith("Made a demo user")
    assert "Open" not in text
    assert json.loads((tmp_path / "var" / "demo.json").read_text())["party_id"] is None


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_the_demo_alone_says_where_it_is_and_stops_when_it_is_told_to(tmp_path: Path, how: int) -> None:
    command = (
        sys.executable,
        "-m",
        "identity_service.demo",
        "--issuer",
        "http://127.0.0.1:1",
        "--client-id",
        "me",
    )
    with subprocess.Popen((*command, "--port", "0", "--json"), stdout=subprocess.PIPE, text=True) as demo:
        assert demo.stdout is not None
        told = json.loads("".join(iter(demo.stdout.readline, "}\n")) + "}")
        assert told["redirect_uri"] == f"{told['url']}/callback"
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not answers(told["url"]):
            assert time.monotonic() < deadline
            time.sleep(0.05)
        lost = httpx2.get(f"{told['url']}/sign-in", trust_env=False)
        assert (lost.status_code, text_of(lost.text, "error")) == (502, "no_answer")
        demo.send_signal(how)
        assert demo.wait(PATIENCE_SECONDS) in (0, -signal.SIGTERM)
    assert not answers(told["url"])
