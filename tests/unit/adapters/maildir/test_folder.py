"""Mails that are kept on this machine, because there is no mail server."""

import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from identity_service.adapters.maildir import folder as module
from identity_service.adapters.maildir.folder import MaildirFolder
from identity_service.domain.entities.mail import Mail
from identity_service.domain.services.redelivery import NotDelivered
from tests.contract.test_mailer import NOW, SENDER, WRITTEN


def folder(path: Path, shown: list[str] | None = None) -> MaildirFolder:
    return MaildirFolder(
        path / "var" / "mail", sender=SENDER, now=lambda: NOW, shown=None if shown is None else shown.append
    )


async def kept(into: MaildirFolder, number: int) -> list[str]:
    ids = [f"01997d5e-7c1a-7cc3-9d6f-0b5a3a0b8c{at:02}" for at in range(number)]
    for each in ids:
        await into.send(Mail(id=each, to="ada@house.example", written=WRITTEN))
    return ids


async def test_what_was_kept_is_read_again_the_newest_first(tmp_path: Path) -> None:
    into = folder(tmp_path)
    ids = await kept(into, 3)

    assert [each.id for each in await into.newest(2)] == ids[:0:-1]
    found = await into.get(ids[0])
    assert found is not None
    assert (found.to, found.subject) == ("ada@house.example", WRITTEN.subject)
    assert (found.text.replace("\r\n", "\n"), found.html.replace("\r\n", "\n")) == (
        WRITTEN.text,
        WRITTEN.html,
    )
    assert abs(found.kept_at - datetime.now(UTC)) < timedelta(hours=1)


async def test_nothing_is_there_before_the_first_mail(tmp_path: Path) -> None:
    assert (await folder(tmp_path).newest(5), await folder(tmp_path).get("x")) == ([], None)
    assert list(tmp_path.iterdir()) == []


async def test_nobody_else_on_the_machine_reads_them(tmp_path: Path) -> None:
    await kept(folder(tmp_path), 1)
    for path in (tmp_path / "var").rglob("*"):
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path
    assert stat.S_IMODE((tmp_path / "var").stat().st_mode) == 0o700


async def test_the_oldest_make_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_KEPT", 3)
    ids = await kept(folder(tmp_path), 5)
    assert {each.id for each in await folder(tmp_path).newest(9)} == set(ids[2:])


async def test_a_folder_that_cannot_be_written_lets_the_mail_wait(tmp_path: Path) -> None:
    (tmp_path / "var").write_text("a file")
    with pytest.raises(NotDelivered, match="cannot be written"):
        await kept(folder(tmp_path), 1)


async def test_the_text_is_shown_to_whoever_is_there(tmp_path: Path) -> None:
    shown: list[str] = []
    await kept(folder(tmp_path, shown), 1)
    assert shown == [f"To: ada@house.example\nSubject: {WRITTEN.subject}\n\n{WRITTEN.text}"]
