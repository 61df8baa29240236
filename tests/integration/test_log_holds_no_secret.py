"""The log of a full life cycle holds no secret, at the most talkative level there is (attack 25)."""

import hashlib
import json
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus

import httpx2
import pytest
from sqlalchemy import text

from tests.api_caller import on_sqlite
from tests.house import PASSWORD, House, Registered
from tests.registrant import Registrant, initial_access_token, register
from tests.running import Program, environment, running, until
from tests.visitor import Pkce, Visitor, app_of

WRONG = "not the password of alice"
GUESSED = "ids_guessed-by-a-stranger"


class Seen:
    """Collects what must not be logged, in every form it had on the wire or has at rest."""

    def __init__(self) -> None:
        self.secrets: set[str] = set()

    def add(self, *shown: str) -> None:
        for each in shown:
            digest = hashlib.sha256(each.encode())
            encoded = b64encode(each.encode()).decode()
            self.secrets |= {each, quote(each), quote_plus(each), encoded, encoded.rstrip("=")}
            self.secrets |= {digest.hexdigest(), b64encode(digest.digest()).decode(), repr(digest.digest())}
            self.secrets.update(part for part in each.split(".") if len(part) > 40)  # signature, claims

    def add_tokens(self, answer: httpx2.Response) -> dict[str, Any]:
        members = dict(answer.json())
        self.add(*(members[name] for name in ("access_token", "refresh_token") if name in members))
        return members


async def life_cycle(house: House, client: Registered, seen: Seen) -> None:
    seen.add(PASSWORD, WRONG, GUESSED, client.secret, f"{client.id}:{client.secret}")
    signing_in = {"grant_type": "password", "username": "alice"}
    tokens = seen.add_tokens(await house.token(client, **signing_in, password=PASSWORD))
    assert (await house.token(client, **signing_in, password=WRONG)).status_code == 400

    refreshing = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
    newer = seen.add_tokens(await house.token(client, **refreshing))
    assert await house.is_active(client, newer["access_token"])
    assert (await house.post("/oauth2/revoke", client, token=newer["access_token"])).status_code == 200
    assert not await house.is_active(client, newer["access_token"])
    newest = seen.add_tokens(
        await house.token(client, grant_type="refresh_token", refresh_token=newer["refresh_token"])
    )
    assert (await house.token(client, **refreshing)).status_code == 400  # a replay: the family ends
    assert not await house.is_active(client, newest["access_token"])

    seen.add_tokens(await house.token(client, grant_type="client_credentials"))
    await wrong_credentials(house, client, seen)


async def sign_in_with_a_browser(house: House, url: str, seen: Seen) -> None:
    client, pkce = await app_of(house), Pkce.new()
    async with httpx2.AsyncClient(base_url=url) as http:
        visitor = Visitor(house, http)
        await visitor.to_page(await visitor.ask(client))  # of which nothing comes
        code = await visitor.code(client, pkce)
        tokens = seen.add_tokens(await visitor.exchange(client, code, pkce))
        assert (await visitor.exchange(client, code, pkce)).status_code == 400  # a replay: the family ends
        seen.add(client.secret, code, pkce.verifier, tokens["id_token"], *http.cookies.values())
        assert len(http.cookies) == 3, "the browser, its session, and the accounts it is known to"


async def register_and_look_after_it(house: House, seen: Seen) -> None:
    token = await initial_access_token(house)
    made = await Registrant.new(house, token=token)
    seen.add(token, made.told["client_secret"], made.told["registration_access_token"])
    assert (await made.put(client_name="New")).status_code == 200
    seen.add(made.told["registration_access_token"])
    for wrong in (GUESSED, token):
        assert (await register(house, token=wrong)).status_code == 401
        assert (await made("GET", token=wrong)).status_code == 401
    assert (await made("DELETE")).status_code == 204


async def wrong_credentials(house: House, client: Registered, seen: Seen) -> None:
    guess = Registered(client.client, GUESSED)
    seen.add(f"{client.id}:{GUESSED}")
    assert (await house.token(guess, grant_type="client_credentials")).status_code == 401
    by_post = {"grant_type": "client_credentials", "client_id": client.id}
    assert (await house.post("/oauth2/token", client_secret=client.secret, **by_post)).status_code == 200
    assert (await house.post("/oauth2/token", client_secret=GUESSED, **by_post)).status_code == 401
    for authorization in ("Basic not-base64-at-all", f"Bearer {GUESSED}", f"Basic {GUESSED}:"):
        seen.add(authorization.partition(" ")[2])
        answer = await house.http.post(
            "/oauth2/token", data=by_post, headers={"Authorization": authorization}
        )
        assert answer.status_code in (400, 401)
    in_query = await house.http.post(f"/oauth2/token?client_secret={client.secret}", data=by_post)
    assert in_query.status_code == 401
    broken = await house.http.post("/oauth2/token", content=f"password={PASSWORD}&%zz={client.secret}")
    assert broken.status_code == 400


async def test_attack_25_no_line_of_a_full_life_cycle_holds_a_secret(
    database_url: str, tmp_path: Path
) -> None:
    seen = Seen()
    settings = environment(tmp_path, database_url)
    seen.add(settings["MASTER_KEY"], settings["JWT_PRIVATE_KEY"])
    talkative = {"LOG_LEVEL": "debug", "ACCESS_LOG": "true", "AUDIT_TOKEN_ISSUE": "on"}
    talkative["ISSUER"] = "http://127.0.0.1"  # or the cookies would wait for https
    talkative["CLIENT_REGISTRATION"] = "token"
    async with running(tmp_path, database_url, **talkative) as (program, house):
        await house.add_user()
        client = await house.add_client()
        await life_cycle(house, client, seen)
        await sign_in_with_a_browser(house, program.url, seen)
        await register_and_look_after_it(house, seen)
        await a_missing_table(house)
    lines = [json.loads(line) for line in program.output.splitlines()]
    assert len([line for line in lines if line["message"] == "request"]) > 15
    assert [secret for secret in seen.secrets if secret in program.output] == []


async def a_missing_table(house: House) -> None:
    """A sign-in that meets a failing statement: its trace must not show the statement's values."""
    async with house.container.database().engine.begin() as connection:
        await connection.execute(text("ALTER TABLE families RENAME TO elsewhere"))
    client = await house.add_client()
    answer = await house.token(client, grant_type="password", username="alice", password=PASSWORD)
    assert answer.status_code == 503


@pytest.mark.all
@on_sqlite
async def test_the_request_id_goes_in_and_out_and_into_every_line(database_url: str, tmp_path: Path) -> None:
    async with running(tmp_path, database_url, ACCESS_LOG="true") as (program, house):
        named = await house.http.get("/health/live", headers={"X-Request-ID": "from-the-gateway/7"})
        unnamed = await house.http.get("/health/live")
        hostile = await house.http.get("/health/live", headers={"X-Request-ID": "two words"})
        refused = await house.http.post("/oauth2/token", headers={"X-Request-ID": "refused-1"})
        for answer in (named, unnamed, hostile, refused):
            # The line is written once the answer has left, so it may come a moment after the answer.
            await until(is_logged(program, answer.headers["X-Request-ID"]), "every request is in the log")
    assert named.headers["X-Request-ID"] == "from-the-gateway/7"
    assert refused.headers["X-Request-ID"] == "refused-1"
    assert hostile.headers["X-Request-ID"] not in ("two words", unnamed.headers["X-Request-ID"], "")


def is_logged(program: Program, request_id: str) -> Callable[[], bool]:
    """Whether some whole line of the log bears this request id."""

    def found() -> bool:
        whole = [line for line in program.output.splitlines(keepends=True) if line.endswith("\n")]
        return request_id in [json.loads(line).get("request_id") for line in whole]

    return found


@pytest.mark.all
@on_sqlite
async def test_the_log_may_be_read_by_people(database_url: str, tmp_path: Path) -> None:
    async with running(tmp_path, database_url, LOG_FORMAT="console") as (program, _):
        assert "the database answers and the keys are loaded" in program.output
    assert not program.output.startswith("{")
