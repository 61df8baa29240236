"""/outbox: what administrators see of messages on their way out, and do with them."""

import json
from typing import Any

import pytest
from sqlalchemy import select

from identity_service.adapters.sql.schema.history import events as events_table
from identity_service.domain.entities.message import NewMessage
from identity_service.infrastructure.container import new_id
from tests.api_caller import Caller, person, program
from tests.house import House

pytestmark = pytest.mark.asyncio(loop_scope="module")
KIND = "a kind that nobody delivers"
NONE = "01997d5e-7c1a-7cc3-9d6f-0b5a3a0b8c77"
MEMBERS = {
    *("id", "kind", "recipient", "status", "attempts", "created_at", "due_at", "give_up_at", "settled_at"),
    *("last_error", "payload"),
}


async def messages(house: House) -> tuple[str, list[dict[str, Any]]]:
    """For a recipient of its own: one that was delivered, one that was given up, and the newest, which waits."""
    recipient = new_id()
    for number in range(3):
        async with house.container.begin() as uow:
            kind = f"{KIND} {number}"
            await uow.outbox.add(
                [NewMessage(kind=kind, recipient=recipient, payload={"n": number}, life_seconds=600)]
            )
            if number < 2:
                [taken] = await uow.outbox.take(kinds={kind}, limit=1, hold_seconds=60)
                await (uow.outbox.bury(taken, error="refused") if number else uow.outbox.deliver(taken))
            await uow.commit()
    admin = await program(house)
    return recipient, await listed(admin, recipient=recipient)


async def listed(admin: Caller, **query: Any) -> list[dict[str, Any]]:
    answer = await admin("GET", "/outbox", params=query)
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def test_messages_are_listed_the_newest_first_by_what_they_are(shared_house: House) -> None:
    recipient, every = await messages(shared_house)
    admin = await program(shared_house)

    assert [each["status"] for each in every] == ["waiting", "dead", "delivered"]
    assert set(every[0]) == MEMBERS
    assert await listed(admin, recipient=recipient, status="dead") == every[1:2]
    assert await listed(admin, recipient=recipient, kind=every[2]["kind"]) == every[2:]
    shown = await admin("GET", f"/outbox/{every[1]['id']}")
    assert (shown.json(), shown.headers["cache-control"]) == (every[1], "no-store")
    assert (every[1]["payload"], every[1]["last_error"]) == ({"n": 1}, "refused")


async def test_rfc8288_the_next_page_is_linked(shared_house: House) -> None:
    recipient, every = await messages(shared_house)
    admin = await program(shared_house)
    first = await admin("GET", "/outbox", params={"recipient": recipient, "limit": 2})
    assert first.json()["items"] == every[:2]
    assert f"cursor={first.json()['next_cursor']}" in first.headers["link"]
    assert recipient in first.headers["link"]
    rest = await listed(admin, recipient=recipient, cursor=first.json()["next_cursor"])
    assert rest == every[2:]


async def test_one_that_was_given_up_is_sent_again_and_one_that_arrived_is_not(shared_house: House) -> None:
    _, (_, dead, delivered) = await messages(shared_house)
    admin = await program(shared_house)
    again = await admin("POST", f"/outbox/{dead['id']}/retry")
    assert (again.status_code, again.json()["status"]) == (200, "waiting")
    refused = await admin("POST", f"/outbox/{delivered['id']}/retry")
    assert (refused.status_code, refused.json()["type"].rpartition(":")[2]) == (409, "state")


async def test_what_waits_or_was_given_up_is_thrown_away_and_an_event_says_by_whom(
    shared_house: House,
) -> None:
    recipient, (waiting, dead, delivered) = await messages(shared_house)
    admin = await program(shared_house)
    for each in (waiting, dead):
        assert (await admin("DELETE", f"/outbox/{each['id']}")).status_code == 204
        assert (await admin("DELETE", f"/outbox/{each['id']}")).status_code == 404
    assert (await admin("DELETE", f"/outbox/{delivered['id']}")).status_code == 409

    assert await listed(admin, recipient=recipient) == [delivered]
    events = await recorded(shared_house, "message.discarded")
    about = [each for each in events if each["recipient"] == recipient]
    assert [each["message_id"] for each in about] == [waiting["id"], dead["id"]]


async def recorded(house: House, name: str) -> list[dict[str, Any]]:
    """The payloads of the events of this name, in their order."""
    async with house.container.database().engine.connect() as connection:
        rows = await connection.execute(
            select(events_table.c.payload).where(events_table.c.name == name).order_by(events_table.c.id)
        )
        return [json.loads(row.payload) for row in rows]


@pytest.mark.parametrize(
    ("method", "path"), [("GET", ""), ("GET", "/{id}"), ("POST", "/{id}/retry"), ("DELETE", "/{id}")]
)
async def test_attack_33_nobody_but_administrators_has_anything_to_do_with_them(
    shared_house: House, method: str, path: str
) -> None:
    _, [message, *_] = await messages(shared_house)
    url = f"/outbox{path.format(id=message['id'])}"
    assert (await shared_house.http.request(method, url)).status_code == 401
    for caller in (
        await program(shared_house, "users:write users:read clients:write clients:read"),
        await person(shared_house),
    ):
        assert (await caller(method, url)).status_code == 403
    admin = await program(shared_house)
    assert (await admin("GET", f"/outbox/{message['id']}")).json() == message


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("status=lost", 422),
        ("status=dead&status=waiting", 422),
        ("limit=0", 422),
        ("limit=201", 422),
        ("other=1", 422),
        ("cursor=x", 422),
        ("cursor=%00", 422),
        ("recipient=%00", 200),
        ("kind=%f0%9f%92%8c", 200),
    ],
)
async def test_attack_40_no_query_is_a_failure(shared_house: House, query: str, status: int) -> None:
    admin = await program(shared_house)
    assert (await admin("GET", f"/outbox?{query}")).status_code == status


@pytest.mark.parametrize("message", ["x", "%00", NONE, NONE.upper()])
async def test_a_message_that_is_not_there_is_not_found(shared_house: House, message: str) -> None:
    admin = await program(shared_house)
    for method, path in (("GET", ""), ("POST", "/retry"), ("DELETE", "")):
        assert (await admin(method, f"/outbox/{message}{path}")).status_code == 404
