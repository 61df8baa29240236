"""`identity-service audit search|export|tail` (PROTOCOL §8)."""

import json
from datetime import datetime
from typing import Any

import pytest

from identity_service.cli.audit_events import following
from identity_service.domain.entities.event import SignInFailed, UserChanged
from identity_service.domain.entities.token_event import FamilyEnded
from identity_service.ports.origin import ORIGIN, Origin
from tests.integration.cli.conftest import CommandLine

FAMILY = "01997d5e-7c1a-7cc3-9d6f-0b5a3a0b8c77"
EVENTS = (
    UserChanged(by="cli", user_id="alice", members=("name",)),
    SignInFailed(
        by="shop",
        reason="wrong_password",
        client_id="shop",
        user_id="alice",
        username="a|b=c\nd\x1b",
        address="192.0.2.7",
    ),
    FamilyEnded(by="shop", family_id=FAMILY, client_id="shop", reason="replay"),
)


async def happen(container: Any, *, chained: bool = True) -> None:
    """The events above, the last of them for a request."""
    await container.signing_keys.load_data_keys()()
    for event in EVENTS:
        token = ORIGIN.set(Origin("request-7", "192.0.2.7") if event is EVENTS[-1] else None)
        async with container.begin() as uow:
            uow.events.add(event)
            await uow.commit()
        ORIGIN.reset(token)
    while chained and await waiting(container):
        await container.audit.chain_events()()


async def waiting(container: Any) -> int:
    async with container.read() as uow:
        return int((await uow.audit_log.lag()).waiting)


@pytest.fixture
def log(any_cli: CommandLine, monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    any_cli.within(monkeypatch, happen)
    return any_cli


def names(found: list[dict[str, Any]]) -> list[str]:
    return [event["name"] for event in found]


NEWEST_FIRST = ["family.ended", "user.sign_in_failed", "user.changed"]
FILTERS = {
    ("--name", "user.changed"): ["user.changed"],
    ("--name", "user.changed", "--name", "family.ended"): ["family.ended", "user.changed"],
    ("--actor", "cli"): ["user.changed"],
    ("--subject", "alice"): ["user.sign_in_failed", "user.changed"],
    ("--client", "shop"): ["family.ended", "user.sign_in_failed"],
    ("--address", "192.0.2.7"): ["user.sign_in_failed"],
    ("--address", "192.0.2.8"): [],
    ("--request-id", "request-7"): ["family.ended"],
    ("--since", "1h"): NEWEST_FIRST,
    ("--since", "2999-01-01"): [],
    ("--until", "2999-01-01"): NEWEST_FIRST,
    ("--until", "1h"): [],
    ("--client", "shop", "--subject", "alice"): ["user.sign_in_failed"],
    ("--limit", "2"): NEWEST_FIRST[:2],
    (): NEWEST_FIRST,
}


def test_s8_events_are_found_by_each_filter(log: CommandLine) -> None:
    found = {chosen: names(log.json("audit", "search", *chosen)) for chosen in FILTERS}

    assert found == FILTERS


def test_s8_what_was_sealed_is_shown_and_control_characters_are_not_obeyed(log: CommandLine) -> None:
    [event] = log.json("audit", "search", "--name", "user.sign_in_failed")
    assert (event["address"], event["members"]["username"]) == ("192.0.2.7", "a|b=c\nd\x1b")
    text = log.ok("audit", "search") + log.ok("audit", "tail")
    assert "\x1b" not in text
    assert "192.0.2.7" in text


def test_s8_an_export_is_in_the_order_of_the_chain_a_line_each(log: CommandLine) -> None:
    lines = [json.loads(line) for line in log.ok("audit", "export").splitlines()]

    assert names(lines) == NEWEST_FIRST[::-1]
    assert [line["position"] for line in lines] == [1, 2, 3]


def test_s8_an_export_in_the_elastic_common_schema(log: CommandLine) -> None:
    changed, failed, ended = [
        json.loads(line) for line in log.ok("audit", "export", "--format", "ecs").splitlines()
    ]

    assert (failed["event"]["action"], failed["event"]["outcome"]) == ("user.sign_in_failed", "failure")
    assert failed["event"]["category"] == ["authentication"]
    assert failed["event"]["reason"] == "wrong_password"
    assert (failed["source"]["ip"], failed["user"]["id"]) == ("192.0.2.7", "alice")
    assert "source" not in changed
    assert ended["http"]["request"]["id"] == "request-7"
    assert datetime.fromisoformat(ended["@timestamp"]).tzinfo is not None


def test_s8_an_export_in_cef_escapes_what_others_typed(log: CommandLine) -> None:
    _, failed, ended = log.ok("audit", "export", "--format", "cef").splitlines()

    assert failed.startswith("CEF:0|identity-service|identity-service|")
    assert "|user.sign_in_failed|user.sign_in_failed|6|rt=" in failed
    assert " duser=a|b\\=c\\nd " in failed
    assert " src=192.0.2.7 " in failed
    assert " cs2=request-7 " in ended
    assert "\x1b" not in failed


def test_s8_the_tail_is_the_newest_in_their_order(log: CommandLine) -> None:
    tail = [json.loads(line) for line in log.ok("audit", "tail", "-n", "2", "--format", "jsonl").splitlines()]

    assert names(tail) == ["user.sign_in_failed", "family.ended"]
    assert log.ok("audit", "tail", "-n", "0") == ""
    assert log.ok("audit", "tail", "-n", "1").count("\n") == 1


def test_s8_whoever_follows_sees_each_event_once_when_it_is_chained(
    any_cli: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def follow(container: Any) -> list[str]:
        await happen(container)
        seen = following(container, 1)
        found = [await anext(seen), await anext(seen)]
        await happen(container)
        found += [await anext(seen) for _ in EVENTS]
        await seen.aclose()  # type: ignore[attr-defined]  # of the generator that it is
        return [f"{event['position']} {event['name']}" for event in found]

    assert any_cli.within(monkeypatch, follow) == [
        "2 user.sign_in_failed", "3 family.ended", "4 user.changed", "5 user.sign_in_failed", "6 family.ended",
    ]  # fmt: skip


def test_s8_nothing_is_shown_before_it_is_chained(cli: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    async def unchained(container: Any) -> None:
        await happen(container, chained=False)

    cli.within(monkeypatch, unchained)
    assert cli.json("audit", "search") == []
    assert cli.ok("audit", "export") == ""


@pytest.mark.parametrize("moment", ["yesterday", "5y", "", "2026-13-01"])
def test_s8_a_time_that_is_none_is_refused(cli: CommandLine, moment: str) -> None:
    assert "is no time such as" in cli.refused("audit", "search", "--since", moment, status=2)


def test_s8_an_erased_person_has_left_the_log(log: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    async def erase(container: Any) -> None:
        from sqlalchemy import text

        async with container.database().engine.begin() as connection:
            await connection.execute(text("DELETE FROM subject_salts"))

    log.within(monkeypatch, erase)
    [event] = log.json("audit", "search", "--name", "user.sign_in_failed")
    assert (event["address"], "username" in event["members"]) == (None, False)
    assert event["members"]["reason"] == "wrong_password"
