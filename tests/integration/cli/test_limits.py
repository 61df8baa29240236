"""`identity-service limits …`, and what the doctor says of quotas."""

import json
import tomllib
from pathlib import Path

import pytest

from identity_service.domain.services.quota_policy import BUILT_IN, built_in_policy
from tests.integration.cli.conftest import CommandLine

POLICY = """\
without_redis = 0.5
[client]
token = { limit = 10, per = "minute" }
[tier.gold]
token = { limit = 100, per = 60, algorithm = "token_bucket", burst = 20 }
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "quotas.toml"
    file.write_text(POLICY)
    return file


def test_what_is_built_in_is_shown_and_makes_a_file(cli: CommandLine, tmp_path: Path) -> None:
    shown = cli.json("limits", "show")
    (tmp_path / "copy.toml").write_text(cli.ok("limits", "template"))
    checked = cli.json("limits", "check", str(tmp_path / "copy.toml"))

    assert (shown["source"], shown["rate_limits"]) == ("built-in", "on")
    assert cli.json("limits", "template") == tomllib.loads(BUILT_IN)
    assert len(shown["quotas"]) == len(built_in_policy().quotas)
    assert checked["quotas"] == shown["quotas"]
    assert "token_bucket" in cli.ok("limits", "show")


def test_a_file_is_shown_and_checked(cli: CommandLine, file: Path) -> None:
    checked = cli.json("limits", "check", str(file))
    cli.set(RATE_LIMIT_POLICY_FILE=str(file))
    shown = cli.json("limits", "show")

    assert checked["quotas"] == shown["quotas"]
    assert (shown["source"], shown["without_redis"]) == (str(file), 0.5)
    assert shown["quotas"][1] == {
        "level": "client",
        "tier": "gold",
        "endpoint": "token",
        "limit": 100,
        "per_seconds": 60,
        "algorithm": "token_bucket",
        "burst": 20,
    }
    assert "can be used" in cli.ok("limits", "check", str(file))


def test_a_broken_file_is_refused_in_one_line(cli: CommandLine, file: Path) -> None:
    file.write_text("[client]\ntoken = 3")
    line = cli.refused("limits", "check", str(file))
    cli.set(RATE_LIMIT_POLICY_FILE=str(file))

    assert line == f"Error: {file}: client.token: wants a table, such as [client.token]"
    assert "RATE_LIMIT_POLICY_FILE: client.token: wants a table" in cli.refused("limits", "show")
    assert "cannot read" in cli.refused("limits", "check", str(file.with_name("nothing")))
    file.write_bytes(b"\xff")
    assert "can't decode" in cli.refused("limits", "check", str(file))


def test_s8_the_doctor_says_which_quotas_hold(cli: CommandLine, file: Path) -> None:
    def finding() -> tuple[str, str]:
        found = json.loads(cli("doctor", "--json").stdout)["checks"]
        return next((each["status"], each["text"]) for each in found if each["check"] == "limits")

    assert finding() == ("ok", f"{len(built_in_policy().quotas)} quotas, built in")
    cli.set(RATE_LIMIT_POLICY_FILE=str(file))
    assert finding() == ("ok", f"2 quotas, from {file}, tiers: gold")
    cli.set(RATE_LIMITS="off")
    assert finding()[0] == "warn"
    cli.set(RATE_LIMITS="on")
    file.write_text("")
    assert finding() == ("warn", f"there are no quotas in {file}")


def test_s8_the_doctor_finds_a_broken_file(cli: CommandLine, file: Path) -> None:
    file.write_text("[client]\ntoken = 3")
    cli.set(RATE_LIMIT_POLICY_FILE=str(file))
    (found,) = json.loads(cli("doctor", "--json").stdout)["checks"]

    assert (found["check"], found["status"]) == ("configuration", "fail")
    assert found["text"].startswith("RATE_LIMIT_POLICY_FILE: client.token: wants a table")
