"""`identity-service audit …`, and what the doctor says of the log (PROTOCOL §8)."""

import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from identity_service.domain.entities.event import UserChanged
from tests.ageing import age
from tests.integration.cli.conftest import CommandLine
from tests.integration.cli.test_doctor import examined

VERIFY = ("audit", "verify", "--checkpoints", "checkpoints.jsonl", "--public-key", "audit.pem")


async def happen(container: Any) -> None:
    """Three events."""
    for number in range(3):
        async with container.begin() as uow:
            uow.events.add(UserChanged(by="cli", user_id="alice", members=(str(number),)))
            await uow.commit()


@pytest.fixture
def audited(cli: CommandLine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> CommandLine:
    """A log under a checkpoint that was brought to a file, and the public key beside it."""
    cli.within(monkeypatch, happen)
    cli.set(AUDIT_CHECKPOINT_FILE=str(tmp_path / "checkpoints.jsonl"))
    (tmp_path / "audit.pem").write_text(cli.ok("audit", "key"))
    assert cli.json("audit", "checkpoint")["delivered"] == 1
    return cli


def as_owner(cli: CommandLine, statement: str) -> None:
    """Changes the database behind the back of the server."""
    with sqlite3.connect(str(cli.env["DATABASE_URL"]).removeprefix("sqlite+aiosqlite:///")) as connection:
        connection.execute(statement)
    connection.close()


def test_s8_a_log_that_nobody_touched_is_proven_without_any_secret(audited: CommandLine) -> None:
    audited.set(MASTER_KEY=None)

    assert audited.ok(*VERIFY).startswith("PROVEN: ")
    report = audited.json(*VERIFY)
    assert (report["status"], report["covered"], report["pinned"], report["findings"]) == (
        "proven",
        3,
        True,
        [],
    )
    assert not (audited.folder / "var").exists()  # no master key was made


def test_s8_an_altered_log_is_broken_and_the_exit_status_says_so(audited: CommandLine) -> None:
    as_owner(audited, "UPDATE events SET actor = 'mallory' WHERE chain_position = 2")

    result = audited(*VERIFY)
    assert (result.exit_code, result.stdout.partition(":")[0]) == (1, "BROKEN")
    assert "entry 2" in result.stdout
    [finding] = json.loads(audited(*VERIFY, "--json").stdout)["findings"]
    assert (finding["kind"], finding["position"]) == ("altered", 2)


def test_s8_by_itself_a_log_is_called_consistent_and_no_more(audited: CommandLine) -> None:
    text = audited.ok("audit", "verify")

    assert text.startswith("CONSISTENT: ")
    assert "--public-key" in text
    assert "--checkpoints" in text


def test_s8_what_waits_is_chained_first_unless_it_is_only_read(
    audited: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    audited.within(monkeypatch, happen)

    assert audited.json(*VERIFY, "--read-only")["waiting"] == 3
    report = audited.json(*VERIFY)
    assert (report["waiting"], report["uncovered"], report["covered"]) == (0, 3, 3)
    text = audited.ok(*VERIFY)
    assert "3 entries came after it and are under no checkpoint yet." in text


@pytest.mark.parametrize(
    "content", ["", "no key", "-----BEGIN PUBLIC KEY-----\nAA==\n-----END PUBLIC KEY-----\n"]
)
def test_s8_a_public_key_that_is_none_is_refused(audited: CommandLine, content: str) -> None:
    Path("audit.pem").write_text(content)

    assert "wants a public Ed25519 key" in audited.refused(*VERIFY)


def test_s8_the_key_is_shown_as_it_is_whatever_the_database_says(audited: CommandLine) -> None:
    before = audited.json("audit", "key")
    as_owner(audited, "UPDATE audit_keys SET public = x'00' WHERE purpose = 'sign'")

    assert audited.json("audit", "key") == before
    assert before["kid"] == before["jwk"]["kid"]
    assert (before["jwk"]["kty"], before["jwk"]["crv"]) == ("OKP", "Ed25519")


def test_s8_the_audit_key_is_no_key_that_tokens_are_signed_with(audited: CommandLine) -> None:
    kid = audited.json("audit", "key")["kid"]

    assert kid not in [key["kid"] for key in audited.json("keys", "list")]


def test_s8_a_checkpoint_of_what_has_one_is_not_made_again(audited: CommandLine) -> None:
    assert audited.json("audit", "checkpoint")["size"] is None
    assert "Nothing was chained" in audited.ok("audit", "checkpoint")


def test_s8_a_checkpoint_that_stays_in_the_database_is_told_of(
    cli: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    cli.within(monkeypatch, happen)
    result = cli("audit", "checkpoint")
    assert result.exit_code == 0
    assert "AUDIT_CHECKPOINT_FILE" in result.stderr


def test_s8_another_master_key_leaves_the_log_proven(audited: CommandLine) -> None:
    audited.set(JWT_PRIVATE_KEY=None)
    audited.ok("keys", "generate")
    former = audited.env["MASTER_KEY"]
    audited.set(MASTER_KEY="MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTI=", MASTER_KEY_FORMER=former)
    key = Path("audit.pem").read_text()

    audited.ok("keys", "reseal", "--new-data-key")
    audited.set(MASTER_KEY_FORMER=None)

    assert audited.ok("audit", "key") == key
    assert audited.ok(*VERIFY).startswith("PROVEN: ")
    assert audited.json("audit", "checkpoint")["size"] > 3  # with what tells of the keys


def test_s8_the_doctor_tells_of_events_that_nobody_chains(
    cli: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def long_ago(container: Any) -> None:
        await happen(container)
        await age(container.database(), 3600)

    assert examined(cli)["audit"]["status"] == "ok"
    cli.within(monkeypatch, long_ago)
    found = examined(cli)["audit"]
    assert (found["status"], found["text"].partition(",")[0]) == ("warn", "3 events are not chained")


def test_s8_the_doctor_tells_of_entries_that_nobody_signs(
    cli: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def long_ago(container: Any) -> None:
        await happen(container)
        await age(container.database(), 3600)
        await container.audit.chain_events()()

    cli.within(monkeypatch, long_ago)
    assert "under no checkpoint" in examined(cli)["audit"]["text"]


def test_s8_the_doctor_tells_that_checkpoints_stay_in_the_database_of_a_production(cli: CommandLine) -> None:
    cli.set(ENVIRONMENT="production", ISSUER="https://id.example")
    assert "do not leave the database" in examined(cli)["audit"]["text"]
    cli.set(AUDIT_CHECKPOINT_SYSLOG="udp://logs.example:514")
    assert examined(cli)["audit"]["status"] == "ok"
