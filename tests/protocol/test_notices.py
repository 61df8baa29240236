"""People are told by mail when somebody changes what they sign in by."""

from typing import Any

import pytest

from identity_service.application.use_cases.mail.letters import MAIL
from identity_service.ports.repositories.outbox import OutboxQuery
from tests.api_caller import person, program
from tests.house import PASSWORD, House

NEW = "another long password"


async def mails(house: House) -> list[tuple[str, str]]:
    """Letter and address of all that wait, the oldest first."""
    async with house.container.read() as uow:
        found = await uow.outbox.page(OutboxQuery(limit=10, kind=MAIL))
    return [(each.payload["letter"], each.payload["to"]) for each in reversed(found)]


async def test_a_new_password_is_told_to_its_person(house: House) -> None:
    user = await house.add_user()
    alice, admin = await person(house), await program(house)

    await alice("PATCH", "/users/me", json={"password": NEW, "current_password": PASSWORD})
    await admin("POST", f"/users/{user.id}/set-password", json={"password": PASSWORD})

    assert await mails(house) == [("password_changed", "alice@example.org")] * 2


@pytest.mark.parametrize("to", ["new@example.org", None])
async def test_another_address_is_told_to_the_one_before(house: House, to: str | None) -> None:
    user = await house.add_user()
    bob = await house.add_user("bob")
    alice, admin = await person(house), await program(house)

    await alice("PATCH", "/users/me", json={"email": to, "current_password": PASSWORD})
    await admin("PATCH", f"/users/{bob.id}", json={"email": to})
    await admin("PATCH", f"/users/{user.id}", json={"name": "Alice"})

    assert await mails(house) == [
        ("email_changed", "alice@example.org"),
        ("email_changed", "bob@example.org"),
    ]


@pytest.mark.parametrize(
    "members",
    [{"email_verified": False}, {"email": None, "email_verified": False}],
    ids=["unverified", "none"],
)
async def test_attack_30_an_address_that_nobody_verified_gets_no_mail(
    house: House, members: dict[str, Any]
) -> None:
    await house.add_user(**members)
    alice = await person(house)

    changed = await alice(
        "PATCH",
        "/users/me",
        json={"password": NEW, "current_password": PASSWORD, "email": "mallory@example.org"},
    )

    assert changed.status_code == 200
    assert await mails(house) == []


async def test_what_was_refused_is_told_to_nobody(house: House) -> None:
    await house.add_user()
    alice = await person(house)

    refused = await alice("PATCH", "/users/me", json={"password": NEW, "current_password": "wrong"})

    assert refused.status_code == 422
    assert await mails(house) == []


async def test_a_name_in_a_domain_of_any_script_is_written_to_in_ascii(house: House) -> None:
    await house.add_user(email="alice@bücher.example")
    alice = await person(house)

    await alice("PATCH", "/users/me", json={"password": NEW, "current_password": PASSWORD})

    assert await mails(house) == [("password_changed", "alice@xn--bcher-kva.example")]


async def test_without_a_mail_server_the_mail_is_kept(house: House) -> None:
    await house.add_user()
    alice = await person(house)
    await alice("PATCH", "/users/me", json={"password": NEW, "current_password": PASSWORD})

    await house.container.delivery()(lambda: True)
    async with house.container.read() as uow:
        [message] = await uow.outbox.page(OutboxQuery(limit=10, kind=MAIL))
    kept = await house.container.mail.folder().get(message.id)

    assert message.status == "delivered"
    assert (kept.to, kept.subject) == ("alice@example.org", "Your password has been changed")
