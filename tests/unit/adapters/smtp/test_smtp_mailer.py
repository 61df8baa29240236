"""What a mail server may answer, and what comes of it (RFC 5321 §4.2, RFC 8314 §4.1)."""

import asyncio
import ssl
from pathlib import Path
from typing import Any

import pytest

from identity_service.adapters.smtp.mailer import SmtpMailer, SmtpServer
from identity_service.domain.services.redelivery import NotDelivered, Undeliverable
from tests.contract.test_mailer import MAIL, NOW, SENDER
from tests.mail_server import MailServer, mail_server
from tests.web_site import tls_for


def mailer(server: MailServer, **members: Any) -> SmtpMailer:
    given = {"host": "127.0.0.1", "port": server.port, "tls": "off", "timeout_seconds": 5} | members
    return SmtpMailer(SmtpServer(**given), sender=SENDER, now=lambda: NOW)


@pytest.fixture
def trusted(tmp_path: Path) -> tuple[ssl.SSLContext, Path]:
    return tls_for("localhost", tmp_path)


async def test_a_grey_list_is_tried_again_and_then_takes_it() -> None:
    async with mail_server() as server:
        server.answers_rcpt = ["451 4.7.1 Greylisted, come back later"]
        with pytest.raises(NotDelivered, match=r"451 4.7.1 Greylisted"):
            await mailer(server).send(MAIL)
        await mailer(server).send(MAIL)
        assert len(server.taken) == 1


@pytest.mark.parametrize("where", ["answers_rcpt", "answers_data"])
async def test_a_lasting_refusal_is_the_last_word_and_a_passing_one_is_not(where: str) -> None:
    async with mail_server() as server:
        setattr(server, where, ["550 5.1.1 nobody of that name", "452 4.2.2 full"])
        with pytest.raises(Undeliverable, match=r"550 5.1.1 nobody of that name"):
            await mailer(server).send(MAIL)
        with pytest.raises(NotDelivered, match="452"):
            await mailer(server).send(MAIL)
        assert server.taken == []


async def test_a_server_that_does_not_answer_is_left_after_its_time() -> None:
    async with mail_server() as server:
        server.hold = asyncio.Event()
        with pytest.raises(NotDelivered, match="imed out"):
            await mailer(server, timeout_seconds=0.05).send(MAIL)


async def test_where_nobody_listens_the_mail_waits() -> None:
    async with mail_server() as server:
        pass
    with pytest.raises(NotDelivered, match="cannot be used"):
        await mailer(server).send(MAIL)


async def test_rfc8314_a_server_without_tls_gets_neither_password_nor_mail() -> None:
    async with mail_server(password=True) as server:
        to = mailer(server, tls="starttls", username="id", password="right")
        with pytest.raises(NotDelivered, match="STARTTLS"):
            await to.send(MAIL)
        assert (server.taken, server.passwords) == ([], [])


@pytest.mark.parametrize("tls", ["starttls", "tls"])
async def test_rfc8314_a_certificate_has_to_be_good(tls: str, trusted: tuple[ssl.SSLContext, Path]) -> None:
    context, authority = trusted
    async with mail_server(**{tls: context}) as server:
        with pytest.raises(NotDelivered, match=r"(?i)certificate"):
            await mailer(server, host="localhost", tls=tls).send(MAIL)
        with pytest.raises(NotDelivered, match=r"(?i)certificate"):
            await mailer(server, host="127.0.0.1", tls=tls, ca_file=authority).send(MAIL)
        assert server.taken == []
        await mailer(server, host="localhost", tls=tls, ca_file=authority).send(MAIL)
        assert server.recipients == [["ada@house.example"]]


async def test_who_signs_in_with_a_wrong_password_waits_until_it_is_mended(
    trusted: tuple[ssl.SSLContext, Path],
) -> None:
    context, authority = trusted
    how = {"host": "localhost", "tls": "starttls", "ca_file": authority, "username": "id"}
    async with mail_server(starttls=context, password=True) as server:
        for wrong in ({"password": "wrong"}, {"username": None}):
            with pytest.raises(NotDelivered) as refused:
                await mailer(server, **(how | wrong)).send(MAIL)
            assert "wrong" not in str(refused.value)
        await mailer(server, **how, password="right").send(MAIL)
        assert len(server.taken) == 1


async def test_a_check_signs_in_and_sends_nothing(trusted: tuple[ssl.SSLContext, Path]) -> None:
    context, authority = trusted
    how = {"host": "localhost", "tls": "starttls", "ca_file": authority, "username": "id"}
    async with mail_server(starttls=context, password=True) as server:
        await mailer(server, **how, password="right").check()
        with pytest.raises(NotDelivered, match="535"):
            await mailer(server, **how, password="wrong").check()
        assert server.taken == []


async def test_what_a_server_says_is_kept_on_one_short_line() -> None:
    async with mail_server() as server:
        server.answers_rcpt = ["550 " + "x" * 400]
        with pytest.raises(Undeliverable) as refused:
            await mailer(server).send(MAIL)
        assert len(str(refused.value)) < 300
