"""Nothing a caller can send makes a 500 (PROTOCOL §6): machines that make up requests try it."""

import asyncio
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.house import House, Registered
from tests.serving import free_listener, serving, url_of

Open = Callable[..., AbstractAsyncContextManager[House]]
FORMS = ("/oauth2/token", "/oauth2/introspect", "/oauth2/revoke")
FORM_TYPE = "application/x-www-form-urlencoded"

PIECES = st.one_of(
    st.binary(max_size=40),
    st.sampled_from(
        [b"&", b"=", b"%", b"%2", b"%00", b"+", b";", b"\0", b"\xff", b"\xed\xa0\x80", b"%ED%A0%80", b"%ff"]
    ),
    st.sampled_from(
        [
            b"grant_type=client_credentials",
            b"grant_type=password",
            b"grant_type=refresh_token",
            b"username=alice",
            b"password=",
            b"scope=",
            b"resource=",
            b"token=",
            b"token_type_hint=",
            b"client_id=",
            b"client_secret=",
            b"refresh_token=idr_",
            b"client_assertion=",
        ]
    ),
)
BODIES = st.one_of(
    st.binary(max_size=400),
    st.lists(PIECES, max_size=12).map(b"".join),
    st.lists(PIECES, max_size=12).map(b"&".join),
)
CREDENTIALS = st.one_of(
    st.none(),
    st.binary(max_size=60),
    st.binary(max_size=60).map(lambda raw: b"Basic " + raw),
    st.binary(max_size=60).map(lambda raw: httpx2.BasicAuth(raw, raw)._auth_header.encode()),
)


def is_sound(answer: httpx2.Response) -> bool:
    """A refusal, or the answer of revocation or introspection."""
    members = answer.json()
    refused = answer.status_code in (400, 401, 413) and set(members) == {"error", "error_description"}
    return (
        (refused or (answer.status_code == 200 and isinstance(members, dict)))
        and answer.headers["content-type"] == "application/json"
        and answer.headers["cache-control"] == "no-store"
        and answer.headers["x-content-type-options"] == "nosniff"
        and (answer.status_code != 401 or "www-authenticate" in answer.headers)
    )


async def send(
    house: House, path: str, body: bytes, authorization: bytes | httpx2.BasicAuth | None
) -> httpx2.Response:
    headers: list[tuple[bytes, bytes]] = [(b"content-type", FORM_TYPE.encode())]
    if isinstance(authorization, bytes):
        headers.append((b"authorization", authorization))
    auth = authorization if isinstance(authorization, httpx2.BasicAuth) else None
    return await house.http.post(path, content=body, headers=headers, auth=auth)


def examples(number: int) -> Callable[[Callable[..., None]], Callable[..., None]]:
    return settings(
        max_examples=number, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
    )


async def try_bodies(house: House, number: int) -> None:
    """Hypothesis is synchronous: it runs in a thread and hands each request to this loop."""
    client = await house.add_client()
    await house.add_user()
    loop = asyncio.get_running_loop()

    @examples(number)
    @given(
        path=st.sampled_from(FORMS),
        body=BODIES,
        authorization=st.one_of(st.just(client.basic), CREDENTIALS),
    )
    def attempt(path: str, body: bytes, authorization: bytes | httpx2.BasicAuth | None) -> None:
        sent = asyncio.run_coroutine_threadsafe(send(house, path, body, authorization), loop)
        answer = sent.result(timeout=60)
        assert is_sound(answer), (answer.status_code, answer.text)

    await asyncio.to_thread(attempt)


async def test_s6_no_bytes_in_a_form_or_a_header_make_a_500(house: House) -> None:
    await try_bodies(house, 300)


@pytest.mark.all
async def test_s6_no_bytes_in_a_form_or_a_header_make_a_500_however_long_one_tries(house: House) -> None:
    await try_bodies(house, 10_000)


PEOPLE_GO_THERE = "^/oauth2/(authorize|logout)$"
CLIENTS_GO_THERE = "^/oauth2/(token|introspect|revoke|register.*)$"


async def schemathesis(url: str, folder: Path, *options: str) -> tuple[int, str]:
    """Runs the program against the served description, with every check but those the options leave out."""
    process = await asyncio.create_subprocess_exec(
        Path(sys.executable).with_name("schemathesis"),
        "run",
        f"{url}/openapi.json",
        "--checks=all",
        "--continue-on-failure",
        "--no-color",
        "--warnings=off",
        *options,
        cwd=folder,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await process.communicate()
    assert process.returncode is not None
    return process.returncode, output.decode()


@dataclass(frozen=True)
class Described:
    """A server on a port, and who may call it."""

    url: str
    client: Registered
    bearer: str
    folder: Path

    async def holds(self, *options: str) -> None:
        """Schemathesis finds nothing with these options, and the same at each run."""
        status, output = await schemathesis(self.url, self.folder, "--seed=1", *options)
        assert status == 0, output

    @property
    def as_administrator(self) -> tuple[str, ...]:
        """As somebody, data that fits the description may be refused rightly: no description can say that two methods
        of authentication are one too many, which refresh token is alive, or which names are taken."""
        return (
            f"--header=Authorization: {self.bearer}",
            "--exclude-checks=positive_data_acceptance,ignored_auth",
        )


@asynccontextmanager
async def described(house_with: Open, folder: Path) -> AsyncIterator[Described]:
    """A running server that may be tried."""
    listener = free_listener()
    url = url_of(listener)
    registration = {"client_registration": "open", "client_registration_per_hour": 100_000}
    async with house_with(issuer=url, access_log=False, **registration) as house:
        client: Registered = await house.add_client(scope="read admin")
        asked = await house.token(client, grant_type="client_credentials", scope="admin")
        bearer = f"Bearer {asked.json()['access_token']}"
        assert (await house.http.get("/users", headers={"Authorization": bearer})).status_code == 200
        async with serving(house.app, listener):
            yield Described(url, client, bearer, folder)


async def held_to_its_description(house_with: Open, folder: Path, number: int, *as_nobody: str) -> None:
    """As nobody, as a client, and as an administrator; the pages of people as nobody alone.

    As nobody, whatever fits the description must end in a 401, or be served, but where clients say who they are: no
    description can say that two ways to do so are one too many. `as_nobody` are further options of those runs.
    """
    shared = f"--max-examples={number}"
    async with described(house_with, folder) as server:
        await server.holds(shared, f"--exclude-path-regex={PEOPLE_GO_THERE}|{CLIENTS_GO_THERE}", *as_nobody)
        await server.holds(
            shared,
            f"--include-path-regex={CLIENTS_GO_THERE}",
            "--exclude-checks=positive_data_acceptance",
            *as_nobody,
        )
        # A link is refused for a client or a place to go to that no description can know; a form only leads on to it.
        await server.holds(
            shared,
            f"--include-path-regex={PEOPLE_GO_THERE}",
            "--exclude-checks=positive_data_acceptance,negative_data_rejection",
            *as_nobody,
        )
        await server.holds(
            shared,
            "--include-path-regex=^/oauth2/(token|introspect|revoke|userinfo)",
            f"--auth={server.client.id}:{server.client.secret}",
            "--exclude-checks=positive_data_acceptance",
        )
        await server.holds(shared, "--include-path-regex=^/(users|clients)", *server.as_administrator)


@pytest.mark.all
async def test_s6_schemathesis_finds_no_failure_as_an_administrator(house_with: Open, tmp_path: Path) -> None:
    async with described(house_with, tmp_path) as server:
        await server.holds("--max-examples=5", "--phases=examples,coverage", *server.as_administrator)


@pytest.mark.all
async def test_s6_schemathesis_finds_no_failure(house_with: Open, tmp_path: Path) -> None:
    await held_to_its_description(house_with, tmp_path, 5, "--phases=examples,coverage")


@pytest.mark.all
async def test_schemathesis_would_find_a_500(house_with: Open, tmp_path: Path) -> None:
    async def broken(number: int) -> float:
        return 1 / number

    listener = free_listener()
    async with house_with(issuer=url_of(listener), access_log=False) as house:
        house.app.add_api_route("/broken/{number}", broken, methods=["GET"])
        async with serving(house.app, listener):
            status, output = await schemathesis(
                url_of(listener), tmp_path, "--max-examples=20", "--include-path=/broken/{number}"
            )
    assert status == 1
    assert "Server error" in output
