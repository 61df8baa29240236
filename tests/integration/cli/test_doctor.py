"""`identity-service doctor` finds what is wrong, says how to mend it, and changes nothing (PROTOCOL §8)."""

import json
import os
import sqlite3
import stat
import threading
from base64 import b64encode
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import time_machine

from identity_service.cli.doctor.issuer import metadata_url
from tests.integration.cli.conftest import CommandLine
from tests.servers.redis import RedisServer

OTHER_MASTER_KEY = b64encode(bytes(range(32))).decode()


def examined(cli: CommandLine, *args: str) -> dict[str, dict[str, str]]:
    """The findings by check. The exit status has to fit the worst of them."""
    result = cli("doctor", "--json", *args)
    document = json.loads(result.stdout)
    found = {check["check"]: check for check in document["checks"]}
    fails = any(check["status"] == "fail" for check in document["checks"])
    assert result.exit_code == int(fails), result.output
    assert all(check["mend"] for check in document["checks"] if check["status"] != "ok")
    return found


def only_failure(cli: CommandLine, check: str, *args: str) -> dict[str, str]:
    """The one finding that fails."""
    found = examined(cli, *args)
    assert [name for name, finding in found.items() if finding["status"] == "fail"] == [check], found
    return found[check]


def test_s8_a_house_in_order_gets_no_failure(any_cli: CommandLine) -> None:
    found = examined(any_cli)
    assert found.pop("issuer")["status"] == "warn"  # nothing is served
    assert {finding["status"] for finding in found.values()} == {"ok"}
    order = [
        *("configuration", "database", "clock", "migrations", "keys", "passwords", "outbox", "audit"),
        *("redis", "limits", "fetching", "certificate", "mail"),
    ]
    assert list(found) == order


def test_s8_as_text_each_line_begins_with_its_verdict_and_says_how_to_mend(cli: CommandLine) -> None:
    cli.set(MASTER_KEY="too short")
    result = cli("doctor")
    assert result.exit_code == 1
    lines = result.stdout.splitlines()
    failed = next(number for number, line in enumerate(lines) if line.startswith("FAIL  keys"))
    assert "MASTER_KEY" in lines[failed]
    assert lines[failed + 1].strip().startswith("-> ")
    assert any(line.startswith("OK    database") for line in lines)


def test_s8_a_wrong_setting_fails_and_nothing_else_is_looked_at(cli: CommandLine) -> None:
    cli.set(BCRYPT_COST="hundred")
    found = examined(cli)
    assert list(found) == ["configuration"]
    assert "BCRYPT_COST" in found["configuration"]["text"]


def test_s8_a_missing_key_file_fails(cli: CommandLine, tmp_path: Path) -> None:
    cli.set(JWT_PRIVATE_KEY=None, JWT_PRIVATE_KEY_FILE=str(tmp_path / "gone.pem"))
    assert "JWT_PRIVATE_KEY_FILE" in only_failure(cli, "configuration")["text"]


def test_s8_an_unreadable_key_fails(cli: CommandLine) -> None:
    cli.set(JWT_PRIVATE_KEY="bm8ga2V5")
    assert "JWT_PRIVATE_KEY" in only_failure(cli, "keys")["text"]


def test_s8_an_unreachable_database_fails_and_what_hangs_on_it_is_not_guessed(bare_cli: CommandLine) -> None:
    bare_cli.set(DATABASE_URL="postgresql://user:hunter2@127.0.0.1:1/none")
    failure = only_failure(bare_cli, "database")
    assert "DATABASE_URL" in failure["mend"]
    found = examined(bare_cli)
    assert "hunter2" not in json.dumps(found)
    assert {found[name]["status"] for name in ("clock", "migrations", "keys", "outbox", "audit")} == {"warn"}


def test_s8_a_missing_database_file_fails_and_is_not_made(bare_cli: CommandLine) -> None:
    assert "no file" in only_failure(bare_cli, "database")["text"]
    assert not (bare_cli.folder / "var").exists()


def test_s8_a_database_file_that_is_none_fails(cli: CommandLine, tmp_path: Path) -> None:
    (tmp_path / "file.sqlite3").write_text("certainly no database, for its first bytes are others")
    cli.set(DATABASE_URL=f"sqlite:///{tmp_path / 'file.sqlite3'}")
    assert "file.sqlite3" in only_failure(cli, "database")["text"]


def test_s8_a_database_without_tables_fails(bare_cli: CommandLine) -> None:
    bare_cli.ok("db", "create")
    bare_cli.ok("db", "drop", "--yes")
    assert only_failure(bare_cli, "migrations")["mend"] == "identity-service db upgrade"


@pytest.mark.parametrize("umask", [0o000, 0o077])
def test_s8_an_embedded_database_is_for_its_owner_alone_whatever_the_umask(
    bare_cli: CommandLine, umask: int
) -> None:
    bare_cli.set(DATABASE_URL=f"sqlite:///{bare_cli.folder / 'own.sqlite3'}")
    before = os.umask(umask)
    try:
        bare_cli.ok("db", "upgrade")
        with closing(sqlite3.connect(bare_cli.folder / "own.sqlite3")) as connection:
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("DELETE FROM users")
            files = list(bare_cli.folder.glob("own.*"))
            modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in files}
    finally:
        os.umask(before)
    assert modes == {f"own.sqlite3{ending}": 0o600 for ending in ("", "-wal", "-shm")}
    assert examined(bare_cli)["database"]["status"] == "ok"


def test_s8_an_embedded_database_that_others_may_read_is_warned_of_and_left_as_it_is(
    cli: CommandLine, tmp_path: Path
) -> None:
    file = tmp_path / "identity.sqlite3"
    file.chmod(0o640)
    finding = examined(cli)["database"]
    assert (finding["status"], finding["mend"].split()[:3]) == ("warn", ["chmod", "600", str(file)])
    assert "0640" in finding["text"]
    assert stat.S_IMODE(file.stat().st_mode) == 0o640


def test_s8_migrations_that_are_behind_fail(cli: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    newer = staticmethod(lambda: "9999")
    monkeypatch.setattr("identity_service.adapters.sql.migrations.Migrations.head", newer)
    assert only_failure(cli, "migrations")["mend"] == "identity-service db upgrade"


def test_s8_a_database_of_a_newer_program_fails(cli: CommandLine) -> None:
    with closing(sqlite3.connect(str(cli.env["DATABASE_URL"]).partition(":///")[2])) as database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
        database.commit()
    assert "newer" in only_failure(cli, "migrations")["text"]


def with_stored_key(cli: CommandLine) -> None:
    """Lets the server make its signing key in the database."""
    cli.set(JWT_PRIVATE_KEY=None)
    cli.ok("token", "introspect", "-", stdin="no token")


def test_s8_without_any_signing_key_it_warns_that_one_will_be_made(cli: CommandLine) -> None:
    cli.set(JWT_PRIVATE_KEY=None)
    assert examined(cli)["keys"]["status"] == "warn"


def test_s8_a_key_in_the_database_that_opens_is_in_order(cli: CommandLine) -> None:
    with_stored_key(cli)
    assert examined(cli)["keys"]["status"] == "ok"
    cli.set(SIGNING_ALGORITHM="ES256")
    assert "no ES256 key" in examined(cli)["keys"]["text"]


def test_s8_a_wrong_master_key_fails(cli: CommandLine) -> None:
    with_stored_key(cli)
    cli.set(MASTER_KEY=OTHER_MASTER_KEY)
    assert "MASTER_KEY" in only_failure(cli, "keys")["text"]


def test_s8_a_wrong_master_key_fails_where_no_key_is_sealed_too(cli: CommandLine) -> None:
    cli.ok("token", "introspect", "-", stdin="no token")
    assert examined(cli)["keys"]["status"] == "ok"
    cli.set(MASTER_KEY=OTHER_MASTER_KEY)
    failure = only_failure(cli, "keys")
    assert "not the one that this database was set up with" in failure["text"]
    assert "MASTER_KEY" in failure["mend"]


def test_s8_a_master_key_that_is_gone_fails_and_none_is_made(cli: CommandLine) -> None:
    with_stored_key(cli)
    cli.set(MASTER_KEY=None)
    assert "MASTER_KEY is missing" in only_failure(cli, "keys")["text"]
    assert not (cli.folder / "var" / "master.key").exists()


def test_s8_a_damaged_key_fails(cli: CommandLine) -> None:
    with_stored_key(cli)
    with closing(sqlite3.connect(str(cli.env["DATABASE_URL"]).partition(":///")[2])) as database:
        (sealed,) = database.execute("SELECT sealed FROM signing_keys").fetchone()
        database.execute("UPDATE signing_keys SET sealed = ?", (sealed[:-1] + bytes([sealed[-1] ^ 1]),))
        database.commit()
    assert "damaged" in only_failure(cli, "keys")["text"]


@pytest.mark.parametrize(
    ("off", "status"), [(0, "ok"), (5, "warn"), (-5, "warn"), (120, "fail"), (-120, "fail")]
)
def test_s8_a_clock_that_is_off_is_told_with_the_difference(cli: CommandLine, off: int, status: str) -> None:
    with time_machine.travel(datetime.now(UTC) + timedelta(seconds=off)):
        clock = examined(cli)["clock"]
    assert clock["status"] == status
    if off:
        assert f"{abs(off)}." in clock["text"] or f"{abs(off) - 1}." in clock["text"]
        assert ("ahead" if off > 0 else "behind") in clock["text"]


def test_s8_redis_that_answers_is_in_order(cli: CommandLine, redis_server: RedisServer) -> None:
    cli.set(REDIS_URL=redis_server.url)
    assert "answers" in examined(cli)["redis"]["text"]


def test_s8_redis_away_fails(cli: CommandLine) -> None:
    cli.set(REDIS_URL="redis://user:hunter2@127.0.0.1:1/0")
    failure = only_failure(cli, "redis")
    assert "REDIS_URL" in failure["mend"]
    assert "hunter2" not in failure["text"]


def test_s8_a_setting_that_production_refuses_fails_there(cli: CommandLine) -> None:
    cli.set(ENVIRONMENT="production", ISSUER="https://id.example", RATE_LIMITS="off")
    failures = [f for f in examined(cli).values() if f["status"] == "fail"]
    assert any("RATE_LIMITS" in failure["text"] for failure in failures)


def test_s8_a_setting_that_every_start_refuses_fails_everywhere(cli: CommandLine) -> None:
    cli.set(METRICS="guarded")
    assert "METRICS_TOKEN" in examined(cli)["configuration"]["text"]
    assert examined(cli)["configuration"]["status"] == "fail"
    cli.set(METRICS_TOKEN="m" * 32)
    assert examined(cli)["configuration"]["status"] == "ok"


class Served:
    """A web server that answers everything with `status` and `body`, and remembers what was asked for."""

    def __init__(self) -> None:
        self.status, self.body, self.location = 200, b"", ""
        self.asked: list[str] = []
        served = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                served.asked.append(self.path)
                self.send_response(served.status)
                if served.location:
                    self.send_header("Location", served.location)
                self.send_header("Content-Length", str(len(served.body)))
                self.end_headers()
                self.wfile.write(served.body)

            def log_message(self, *args: Any) -> None:
                """Says nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"


@pytest.fixture
def served() -> Iterator[Served]:
    made = Served()
    thread = threading.Thread(target=made.server.serve_forever, args=(0.01,))
    thread.start()
    yield made
    made.server.shutdown()
    thread.join()
    made.server.server_close()


def test_s8_the_issuer_that_is_served_is_compared_with_the_one_that_is_set(
    cli: CommandLine, served: Served
) -> None:
    cli.set(ISSUER=served.url)
    served.body = json.dumps({"issuer": served.url}).encode()
    assert examined(cli)["issuer"]["status"] == "ok"
    assert served.asked == ["/.well-known/oauth-authorization-server"]
    served.body = json.dumps({"issuer": f"{served.url}/"}).encode()
    assert served.url in only_failure(cli, "issuer")["text"]


def test_s8_another_address_may_be_asked(cli: CommandLine, served: Served) -> None:
    cli.set(ISSUER="https://id.example")
    served.body = b'{"issuer": "https://id.example"}'
    assert examined(cli, "--url", served.url)["issuer"]["status"] == "ok"


@pytest.mark.parametrize(
    ("status", "body", "location"),
    [(404, b"", ""), (200, b"<html>", ""), (200, b"[]", ""), (302, b"", "http://127.0.0.1:1/")],
    ids=["no such page", "no JSON", "no object", "somewhere else"],
)
def test_s8_something_else_that_is_served_at_the_issuer_fails(
    cli: CommandLine, served: Served, status: int, body: bytes, location: str
) -> None:
    cli.set(ISSUER=served.url)
    served.status, served.body, served.location = status, body, location
    only_failure(cli, "issuer")


def test_s8_a_url_of_another_scheme_is_not_opened(cli: CommandLine) -> None:
    assert "--url" in only_failure(cli, "issuer", "--url", "file:///etc/passwd")["text"]


def test_rfc8414_s3_1_the_path_of_the_issuer_follows_the_well_known_one() -> None:
    expected = "https://id.example/.well-known/oauth-authorization-server/tenant"
    assert metadata_url("https://id.example/tenant", None) == expected
