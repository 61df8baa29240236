"""The promises of `ports.Mailer`: by a mail server, and by a folder of this machine."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from identity_service.adapters.maildir.folder import MaildirFolder
from identity_service.adapters.smtp.mailer import SmtpMailer, SmtpServer
from identity_service.domain.entities.mail import Mail, Written
from identity_service.domain.services.mail_message import Sender
from identity_service.domain.services.redelivery import Undeliverable
from identity_service.ports.mail import Mailer
from tests.mail_server import MailServer, mail_server

SENDER = Sender(address="no-reply@id.example", name="Ada’s house", reply_to="help@id.example")
NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
WRITTEN = Written(
    subject="Grüße 你好", text="Hello Ada,\nit is done.\n", html="<p>Hello <b>Ada</b></p>\n", language="de"
)
MAIL = Mail(id="01997d5e-7c1a-7cc3-9d6f-0b5a3a0b8c77", to="ada@house.example", written=WRITTEN)


class Kept:
    """A mailer, and what has become of its mails."""

    def __init__(self, mailer: Mailer, found: Any) -> None:
        self.mailer = mailer
        self.found = found


@pytest.fixture(params=["smtp", "maildir"])
async def kept(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Kept]:
    async with AsyncExitStack() as stack:
        if request.param == "smtp":
            server = await stack.enter_async_context(mail_server())
            mailer: Mailer = SmtpMailer(at(server), sender=SENDER, now=lambda: NOW)
            yield Kept(mailer, lambda: [dict(each.items()) | bodies(each) for each in server.taken])
        else:
            yield Kept(
                MaildirFolder(tmp_path / "mail", sender=SENDER, now=lambda: NOW),
                lambda: in_folder(tmp_path / "mail"),
            )


def at(server: MailServer) -> SmtpServer:
    return SmtpServer(host="127.0.0.1", port=server.port, tls="off", timeout_seconds=5)


def bodies(message: Any) -> dict[str, str]:
    return {kind: message.get_body((kind,)).get_content().replace("\r\n", "\n") for kind in ("plain", "html")}


def in_folder(path: Path) -> list[dict[str, str]]:
    from email import message_from_bytes
    from email.policy import SMTP

    messages = [message_from_bytes(each.read_bytes(), policy=SMTP) for each in sorted(path.glob("new/*"))]
    return [dict(each.items()) | bodies(each) for each in messages]


async def test_a_mail_arrives_as_it_was_written(kept: Kept) -> None:
    await kept.mailer.send(MAIL)

    [found] = kept.found()
    assert found["From"] == "Ada’s house <no-reply@id.example>"
    assert (found["To"], found["Reply-To"]) == ("ada@house.example", "help@id.example")
    assert (found["Subject"], found["Content-Language"]) == ("Grüße 你好", "de")
    assert found["Date"] == "Fri, 02 Jan 2026 03:04:05 +0000"
    assert (found["plain"], found["html"]) == (WRITTEN.text, WRITTEN.html)


async def test_rfc3834_s5_a_mail_says_that_nobody_wrote_it(kept: Kept) -> None:
    await kept.mailer.send(MAIL)
    assert kept.found()[0]["Auto-Submitted"] == "auto-generated"


async def test_a_mail_that_is_sent_twice_has_one_name(kept: Kept) -> None:
    await kept.mailer.send(MAIL)
    await kept.mailer.send(MAIL)

    names = [each["Message-ID"] for each in kept.found()]
    assert names == [f"<{MAIL.id}@id.example>"] * 2


@pytest.mark.parametrize(
    "address",
    ["ada@house.example\r\nBcc: eve@evil.example", "", "no address", "a@b@c", "Ada <ada@house.example>"],
)
async def test_attack_40_what_is_no_address_gets_nothing(kept: Kept, address: str) -> None:
    with pytest.raises(Undeliverable):
        await kept.mailer.send(Mail(id=MAIL.id, to=address, written=WRITTEN))
    assert kept.found() == []


async def test_attack_40_a_subject_makes_no_header(kept: Kept) -> None:
    forged = Written(subject="x\r\nBcc: eve@evil.example", text="x", html="x", language="en")
    with pytest.raises(Undeliverable):
        await kept.mailer.send(Mail(id=MAIL.id, to=MAIL.to, written=forged))
    assert kept.found() == []


async def test_rfc6531_an_address_may_have_any_letters(kept: Kept) -> None:
    await kept.mailer.send(Mail(id=MAIL.id, to="jürgen@bücher.example", written=WRITTEN))
    assert kept.found()[0]["To"] == "jürgen@bücher.example"
