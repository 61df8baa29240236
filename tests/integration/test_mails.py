"""A mail from what causes it to the mail server: by the outbox, whatever the server answers and whoever dies."""

import asyncio
import logging
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from identity_service.adapters.jinja.letters import JinjaLetters
from identity_service.adapters.smtp.mailer import SmtpMailer
from identity_service.application.use_cases.mail.letters import MAIL
from identity_service.application.use_cases.mail.send_mail import SendMail
from identity_service.application.workers.delivery import HOLD_SECONDS, Courier, Delivery
from identity_service.domain.entities.message import Message, MessageStatus, NewMessage
from identity_service.ports.repositories.outbox import OutboxQuery
from tests.ageing import A_DAY, age
from tests.contract.test_mailer import NOW, SENDER, at
from tests.mail_server import MailServer, mail_server
from tests.migrated import copy_of
from tests.storage import Storage, storage_at

LETTERS = JinjaLetters(issuer="https://id.example", site_name="Ada’s house")


@pytest.fixture
async def stored(sqlite_template: Path, tmp_path: Path) -> AsyncIterator[Storage]:
    async with storage_at(copy_of(sqlite_template, tmp_path)) as opened:
        yield opened


@pytest.fixture
async def server() -> AsyncIterator[MailServer]:
    async with mail_server() as opened:
        yield opened


def always() -> bool:
    return True


def delivery_to(stored: Storage, server: MailServer, courier: Courier | None = None) -> Delivery:
    send = SendMail(letters=LETTERS, mailer=SmtpMailer(at(server), sender=SENDER, now=lambda: NOW))
    return Delivery(begin=stored.begin, couriers={MAIL: courier or send}, chance=lambda: 0.0)


async def add(stored: Storage, *, letter: str = "password_changed", language: str | None = "de") -> None:
    payload: dict[str, Any] = {
        "letter": letter,
        "to": "ada@house.example",
        "language": language,
        "values": {"username": "ada"},
    }
    async with stored.begin() as uow:
        await uow.outbox.add([NewMessage(kind=MAIL, recipient="ada", payload=payload, life_seconds=A_DAY)])
        await uow.commit()


async def only(stored: Storage) -> Message:
    async with stored.read() as uow:
        [found] = await uow.outbox.page(OutboxQuery(limit=2))
    message: Message = found
    return message


async def test_a_mail_is_sent_once_in_the_language_of_its_person(stored: Storage, server: MailServer) -> None:
    await add(stored)
    deliver = delivery_to(stored, server)

    assert [await deliver(always), await deliver(always)] == [1, 0]
    [mail] = server.taken
    assert (mail["Subject"], mail["To"]) == ("Ihr Passwort wurde geändert", "ada@house.example")
    body = mail.get_body(("plain",))
    assert body is not None
    assert "Ihres Kontos ada bei Ada’s house" in body.get_content()
    assert "https://id.example/account/activity" in body.get_content()


async def test_a_grey_list_only_costs_time(stored: Storage, server: MailServer) -> None:
    server.answers_rcpt = ["451 4.7.1 come back later"]
    await add(stored)
    deliver = delivery_to(stored, server)

    assert await deliver(always) == 0
    waiting = await only(stored)
    assert (waiting.status, waiting.attempts) == (MessageStatus.WAITING, 1)
    assert "451 4.7.1 come back later" in str(waiting.last_error)
    await age(stored.database, 60)
    assert await deliver(always) == 1
    assert len(server.taken) == 1


async def test_a_refused_mail_is_dead_and_the_log_does_not_name_the_person(
    stored: Storage, server: MailServer, caplog: pytest.LogCaptureFixture
) -> None:
    server.answers_rcpt = ["550 5.1.1 no such person"]
    await add(stored)
    with caplog.at_level(logging.WARNING):
        assert await delivery_to(stored, server)(always) == 0

    dead = await only(stored)
    assert (dead.status, dead.attempts) == (MessageStatus.DEAD, 1)
    assert "550 5.1.1 no such person" in str(dead.last_error)
    assert "ada@house.example" not in caplog.text


async def test_a_crash_between_sending_and_noting_it_sends_the_same_mail_again(
    stored: Storage, server: MailServer
) -> None:
    await add(stored)
    send = SendMail(letters=LETTERS, mailer=SmtpMailer(at(server), sender=SENDER, now=lambda: NOW))

    async def dies(message: Message) -> None:
        await send(message)
        raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        await delivery_to(stored, server, dies)(always)
    assert await delivery_to(stored, server)(always) == 0  # it is in the dead one's hand
    await age(stored.database, HOLD_SECONDS + 1)
    assert await delivery_to(stored, server)(always) == 1

    first, second = server.taken
    assert first["Message-ID"] == second["Message-ID"]


async def test_a_letter_of_a_newer_version_waits_for_its_processes(
    stored: Storage, server: MailServer
) -> None:
    await add(stored, letter="of a newer version")
    assert await delivery_to(stored, server)(always) == 0
    assert (await only(stored)).status is MessageStatus.WAITING
    assert server.taken == []
