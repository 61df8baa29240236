"""/events: what administrators see of the log."""

import asyncio
from typing import Any

import pytest

from identity_service.domain.entities.event import SignInFailed, UserChanged
from identity_service.infrastructure.container import new_id
from tests.api_caller import Caller, person, program
from tests.house import House

pytestmark = pytest.mark.asyncio(loop_scope="module")
MEMBERS = {
    *("position", "id", "name", "at", "actor", "subject", "client_id", "address", "request_id", "members"),
}


async def happened(house: House) -> str:
    """A wrong password and two changes, of a client of its own."""
    client = new_id()
    async with house.container.begin() as uow:
        uow.events.add(
            SignInFailed(
                by=client, reason="wrong_password", client_id=client, username="alice", address="198.51.100.7"
            )
        )
        uow.events.add(UserChanged(by=client, user_id=client, members=("name",)))
        uow.events.add(UserChanged(by=client, user_id=client, members=("email",)))
        await uow.commit()
    await chained(house)
    return client


async def chained(house: House) -> None:
    """Nothing waits: a leading process may have the batch in hand."""
    async with asyncio.timeout(60):
        while await waiting(house):
            await house.container.audit.chain_events()()


async def waiting(house: House) -> int:
    async with house.container.read() as uow:
        return int((await uow.audit_log.lag()).waiting)


async def listed(admin: Caller, **query: Any) -> list[dict[str, Any]]:
    answer = await admin("GET", "/events", params=query)
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def test_events_are_listed_the_newest_first_with_what_was_sealed(shared_house: House) -> None:
    client = await happened(shared_house)
    admin = await program(shared_house)

    every = await listed(admin, actor=client)

    assert [each["name"] for each in every] == ["user.changed", "user.changed", "user.sign_in_failed"]
    assert set(every[0]) == MEMBERS
    assert (every[2]["address"], every[2]["members"]["username"]) == ("198.51.100.7", "alice")
    assert await listed(admin, actor=client, sort="position") == every[::-1]
    assert await listed(admin, client_id=client) == every[2:]
    assert await listed(admin, subject=client) == every[:2]
    assert await listed(admin, actor=client, name="user.changed") == every[:2]
    assert await listed(admin, actor=client, address="198.51.100.7") == every[2:]
    assert await listed(admin, actor=client, since=every[2]["at"], until=every[2]["at"]) == []
    assert await listed(admin, actor=client, since=every[2]["at"]) == every
    assert await listed(admin, request_id="nobody's") == []


async def test_pages_follow_each_other(shared_house: House) -> None:
    client = await happened(shared_house)
    admin = await program(shared_house)

    first = await admin("GET", "/events", params={"actor": client, "limit": 2})
    assert 'rel="next"' in first.headers["link"]
    cursor = first.json()["next_cursor"]
    rest = await admin("GET", "/events", params={"actor": client, "limit": 2, "cursor": cursor})

    assert [*first.json()["items"], *rest.json()["items"]] == await listed(admin, actor=client)
    assert rest.json()["next_cursor"] is None


async def test_an_event_bears_the_id_of_its_request(shared_house: House) -> None:
    client = await shared_house.add_client()
    answer = await shared_house.token(client, grant_type="password", username="nobody", password="wrong")
    await chained(shared_house)
    admin = await program(shared_house)

    [event] = await listed(admin, request_id=answer.headers["x-request-id"])

    assert (event["name"], event["client_id"]) == ("user.sign_in_failed", client.id)
    assert event["address"] == "192.0.2.7"


async def test_attack_33_nobody_but_administrators_reads_the_log(shared_house: House) -> None:
    assert (await shared_house.http.get("/events")).status_code == 401
    for caller in (
        await program(shared_house, "users:write users:read clients:write clients:read"),
        await person(shared_house),
    ):
        assert (await caller("GET", "/events")).status_code == 403


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("limit=0", 422),
        ("limit=201", 422),
        ("other=1", 422),
        ("name=a&name=b", 422),
        ("cursor=x", 422),
        ("cursor=%00", 422),
        ("cursor=-1", 422),
        ("cursor=99999999999999999999", 422),
        ("since=yesterday", 422),
        ("since=1767225600", 422),
        ("until=0.5", 422),
        ("since=2026-01-01T00:00:00", 422),
        ("since=2026-01-01T00:00:00Z", 200),
        ("until=0001-01-01T00:00:00%2B14:00", 422),
        ("since=0001-01-01T00:00:00Z", 200),
        ("until=9999-12-31T23:59:59Z", 200),
        ("sort=name", 422),
        ("actor=%00", 200),
        ("address=%f0%9f%92%8c", 200),
        ("name=%27%3B--", 200),
    ],
)
async def test_attack_40_no_query_is_a_failure(shared_house: House, query: str, status: int) -> None:
    admin = await program(shared_house)
    assert (await admin("GET", f"/events?{query}")).status_code == status
