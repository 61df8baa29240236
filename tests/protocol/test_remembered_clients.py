"""A client that proved itself lately gets its own tokens without a look-up, and every change of it is the end of that
(PROTOCOL §2, §5)."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from identity_service.adapters.sql.unit_of_work import SqlUnitOfWork
from identity_service.application.liveness.known_callers import SECONDS
from identity_service.domain.entities.event import ClientChanged
from identity_service.infrastructure.hearing import boottime
from tests.api_caller import on_sqlite, program
from tests.clock import Clock
from tests.feed import caught_up
from tests.heard import heard
from tests.house import House, Registered, open_house, settings_for

ASKED = {"grant_type": "client_credentials"}


@pytest.fixture
async def client(house: House) -> Registered:
    """Which has had a token already."""
    made = await house.add_client()
    await caught_up(house)
    await token_of(house, made)
    return made


async def token_of(house: House, client: Registered, **form: str) -> str:
    answer = await house.token(client, **ASKED, **form)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["access_token"])


@contextmanager
def statements(house: House) -> Iterator[list[str]]:
    """What requests ask the database meanwhile."""
    sent: list[str] = []
    with heard(house.container.database(), lambda text, parameters: sent.append(text)):
        yield sent


async def test_a_remembered_client_gets_tokens_without_a_look_up(house: House, client: Registered) -> None:
    with statements(house) as sent:
        tokens = {await token_of(house, client) for _ in range(3)}

    assert sent == []
    assert len(tokens) == 3, "each is a token of its own"
    assert [await house.is_active(client, token) for token in tokens] == [True] * 3


@pytest.mark.parametrize(
    "said",
    [
        {"client_id": "another"},
        {"client_secret": "a secret"},
        {"client_assertion": "a.b.c"},
        {"client_assertion_type": "x"},
    ],
    ids=" ".join,
)
async def test_s2_3_a_header_that_is_remembered_beside_another_claim_is_refused_as_ever(
    house: House, client: Registered, said: dict[str, str]
) -> None:
    answer = await house.token(client, **ASKED, **said)

    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


async def test_s2_3_a_header_that_is_remembered_is_refused_when_it_is_there_twice(
    house: House, client: Registered
) -> None:
    header = ("Authorization", client.basic._auth_header)
    answer = await house.http.post("/oauth2/token", data=ASKED, headers=[header, header])

    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


async def test_so_does_one_that_shows_its_secret_in_the_form(house: House) -> None:
    client = await house.add_client()
    form = {**ASKED, "client_id": client.id, "client_secret": client.secret}
    await caught_up(house)
    assert (await house.post("/oauth2/token", **form)).status_code == 200
    with statements(house) as sent:
        assert (await house.post("/oauth2/token", **form)).status_code == 200

    assert sent == []


async def test_a_client_that_is_not_remembered_is_looked_up(house: House, client: Registered) -> None:
    other = await house.add_client()
    with statements(house) as sent:
        await token_of(house, other)

    assert len(sent) == 1


async def test_out_of_sight_of_the_feed_the_row_is_read(house: House, client: Registered) -> None:
    lease = house.container.hearing.lease()
    lease._start, lease.extend = float("-inf"), lambda start: None
    with statements(house) as sent:
        await token_of(house, client)

    assert len([text for text in sent if "client_secrets" in text]) == 1


@on_sqlite
async def test_what_begins_a_family_reads_the_client_as_it_is_now(house: House, client: Registered) -> None:
    await house.add_user()
    with statements(house) as sent:
        await house.sign_in(client)

    assert len([text for text in sent if "client_secrets" in text]) == 1


@on_sqlite
async def test_where_every_token_is_on_record_so_are_those_of_a_remembered_client(
    database_url: str, tmp_path: Path
) -> None:
    settings = settings_for(tmp_path, database_url=database_url, audit_token_issue="on")
    async with open_house(settings) as house:
        client = await house.add_client()
        await caught_up(house)
        with statements(house) as sent:
            for _ in range(3):
                await token_of(house, client)

    assert len([text for text in sent if "INSERT INTO events" in text]) == 3


# What an administrator does to the client, and what the next request gets at the process that did it.
CHANGES = [
    pytest.param("POST", "/deactivate", None, 401, "invalid_client", id="deactivated"),
    pytest.param("DELETE", "", None, 401, "invalid_client", id="deleted"),
    pytest.param("POST", "/rotate-secret", {"overlap_seconds": 0}, 401, "invalid_client", id="secret ended"),
    pytest.param(
        "PATCH", "", {"grant_types": ["password"]}, 400, "unauthorized_client", id="grant taken away"
    ),
    pytest.param("PATCH", "", {"scope": "write"}, 400, "invalid_scope", id="scope taken away"),
    pytest.param("PATCH", "", {"client_name": "New"}, 200, None, id="renamed"),
    pytest.param("POST", "/rotate-secret", {"overlap_seconds": 60}, 200, None, id="secret overlaps"),
]


@pytest.mark.parametrize(("method", "path", "members", "status", "error"), CHANGES)
async def test_s5_the_process_that_served_a_change_knows_it_before_it_answers(
    house: House, client: Registered, method: str, path: str, members: Any, status: int, error: str | None
) -> None:
    admin = await program(house)
    await token_of(house, client, scope="read")
    changed = await admin(method, f"/clients/{client.id}{path}", json=members)
    answer = await house.token(client, **ASKED, scope="read")

    assert changed.status_code in (200, 204)
    assert (answer.status_code, answer.json().get("error")) == (status, error)


@on_sqlite
@pytest.mark.parametrize("path", ["/deactivate", "/revoke-everything"])
async def test_s3_a_token_that_is_made_after_everything_changed_twice_is_alive(
    house: House, client: Registered, path: str
) -> None:
    """It carries today's epochs, not those that were remembered."""
    admin = await program(house)
    if path == "/deactivate":
        await admin.made(f"/clients/{client.id}/deactivate")
        await admin.made(f"/clients/{client.id}/activate")
    else:
        await house.container.services().system.revoke_everything(by="test")

    assert await house.is_active(client, await token_of(house, client))


class Elsewhere:
    """Another server on the same database, which hears nothing and believes that it would."""

    def __init__(self, house: House) -> None:
        self.house = house
        self._feed = house.container.hearing.feed()
        self._read = self._feed.read

    async def hear_nothing(self) -> None:
        async def silence(cursor: str | None) -> Any:
            await asyncio.Event().wait()

        await caught_up(self.house)
        self._feed.read = silence
        await asyncio.sleep(0.3)  # a read that was under way
        self.house.container.hearing.lease().extend(boottime() + 600)


@pytest.fixture
async def elsewhere(
    house: House, client: Registered, database_url: str, tmp_path: Path
) -> AsyncIterator[Elsewhere]:
    """It remembers the client."""
    async with open_house(settings_for(tmp_path, database_url=database_url)) as other:
        await caught_up(other)
        await token_of(other, client)
        made = Elsewhere(other)
        await made.hear_nothing()
        yield made


ENDINGS = CHANGES[:3]


@pytest.mark.parametrize(("method", "path", "members", "status", "error"), ENDINGS)
async def test_s3_a_token_made_where_an_ending_is_not_known_yet_is_dead_on_arrival(
    house: House,
    client: Registered,
    elsewhere: Elsewhere,
    method: str,
    path: str,
    members: Any,
    status: int,
    error: str,
) -> None:
    admin, reader = await program(house), await house.add_client()
    alive = await token_of(elsewhere.house, client)
    assert await house.is_active(client, alive)
    await admin(method, f"/clients/{client.id}{path}", json=members)
    token = await token_of(elsewhere.house, client)
    if path == "/deactivate":
        await admin.made(f"/clients/{client.id}/activate")

    assert house.container.tokens.access_tokens().parse(token) is not None, "it was signed all the same"
    assert await house.container.tokens.access_tokens().find(token) is None
    assert reader.id != client.id


async def test_s5_what_the_feed_tells_is_the_end_of_what_was_remembered(
    house: House, client: Registered, database_url: str
) -> None:
    async with SqlUnitOfWork(house.container.database(), writing=True, on_endings=lambda tags: None) as uow:
        await uow.clients.change(client.client.client_id, {"active": False}, version=None, raise_epoch=True)
        uow.events.add(ClientChanged(by="test", client_id=client.id, members=("active",)))
        await uow.commit()
    await caught_up(house)

    assert (await house.token(client, **ASKED)).status_code == 401


@on_sqlite
async def test_a_refresh_by_a_remembered_client_is_refused_where_its_ending_is_not_known_yet(
    house: House, client: Registered, elsewhere: Elsewhere
) -> None:
    """The statement that spends compares the epochs, whatever is remembered."""
    await house.add_user()
    tokens, admin = await house.sign_in(client), await program(house)
    await admin.made(f"/clients/{client.id}/deactivate")
    refused = await elsewhere.house.token(
        client, grant_type="refresh_token", refresh_token=tokens["refresh_token"]
    )

    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_grant")


@on_sqlite
async def test_a_refresh_by_a_remembered_client_succeeds_where_nothing_ended(
    house: House, client: Registered, elsewhere: Elsewhere
) -> None:
    await house.add_user()
    tokens = await house.sign_in(client)
    answer = await elsewhere.house.token(
        client, grant_type="refresh_token", refresh_token=tokens["refresh_token"]
    )

    assert await house.is_active(client, answer.json()["access_token"])


@on_sqlite
@pytest.mark.parametrize(("seconds", "status"), [(SECONDS - 1, 200), (SECONDS + 1, 401)])
async def test_a_proof_is_forgotten_after_some_seconds_whatever_is_heard(
    house: House,
    client: Registered,
    elsewhere: Elsewhere,
    monkeypatch: pytest.MonkeyPatch,
    seconds: int,
    status: int,
) -> None:
    admin = await program(house)
    await admin.made(f"/clients/{client.id}/deactivate")
    callers = elsewhere.house.container.tokens.known_callers()
    clock = Clock()
    clock.now = callers._clock() + seconds
    monkeypatch.setattr(callers, "_clock", clock)

    assert (await elsewhere.house.token(client, **ASKED)).status_code == status


async def test_without_a_key_that_signs_nothing_is_spent(house: House, client: Registered) -> None:
    await house.add_user()
    tokens, ring = await house.sign_in(client), house.container.key_ring()
    form = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
    held, ring._signers = ring._signers, {}
    assert (await house.token(client, **form)).status_code == 503
    ring._signers = held

    assert await house.is_active(client, tokens["refresh_token"]), "a spent one is not"
    assert (await house.token(client, **form)).status_code == 200
