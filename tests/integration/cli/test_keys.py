"""`identity-service keys …`, `db purge` and `token revoke --everything` (PROTOCOL §8)."""

import json
from base64 import b64decode, b64encode

import pytest

from identity_service.adapters.jwt.jwk import generate_private_key, to_pem
from tests.api_caller import on_sqlite
from tests.house import private_key
from tests.integration.cli.conftest import CommandLine

OTHER_MASTER_KEY = "22" * 32
PEM = b64decode(private_key()).decode()


@pytest.fixture
def keys_cli(any_cli: CommandLine) -> CommandLine:
    """A server whose keys are in the database, none of them made yet."""
    any_cli.set(JWT_PRIVATE_KEY=None)
    return any_cli


def statuses(cli: CommandLine) -> dict[str, str]:
    return {key["kid"]: key["status"] for key in cli.json("keys", "list")}


def test_s8_without_keys_the_list_is_empty(keys_cli: CommandLine) -> None:
    assert keys_cli.json("keys", "list") == []


def test_s8_generate_publishes_a_next_key_beside_the_current_one(keys_cli: CommandLine) -> None:
    made = keys_cli.json("keys", "generate")
    assert made["status"] == "next"
    assert sorted(statuses(keys_cli).values()) == ["current", "next"]
    assert "keys rotate" in keys_cli.refused("keys", "generate")


def test_s3_rotate_waits_until_others_have_seen_the_next_key(keys_cli: CommandLine) -> None:
    waiting = keys_cli.json("keys", "rotate")
    assert waiting["status"] == "next"
    assert waiting["usable_from"].endswith("Z")
    assert keys_cli.json("keys", "rotate")["kid"] == waiting["kid"]
    assert statuses(keys_cli)[waiting["kid"]] == "next"
    assert "run this again after" in keys_cli.ok("keys", "rotate")


def test_s3_rotate_now_does_not_wait_and_the_key_before_still_verifies(keys_cli: CommandLine) -> None:
    next_ = keys_cli.json("keys", "generate")["kid"]
    assert keys_cli.json("keys", "rotate", "--now")["status"] == "current"
    found = statuses(keys_cli)
    assert found.pop(next_) == "current"
    assert list(found.values()) == ["retired"]


def test_s3_rotate_distrust_drops_the_key_before(keys_cli: CommandLine) -> None:
    made = keys_cli.json("keys", "rotate", "--distrust")
    assert statuses(keys_cli) == {made["kid"]: "current"}


def test_s3_each_algorithm_has_a_key_of_its_own(keys_cli: CommandLine) -> None:
    made = keys_cli.json("keys", "generate", "--algorithm", "ES256")
    assert (made["alg"], made["status"]) == ("ES256", "next")
    assert keys_cli.json("keys", "rotate", "--algorithm", "ES256", "--now")["kid"] == made["kid"]
    found = {key["alg"]: key["status"] for key in keys_cli.json("keys", "list")}
    assert found == {"ES256": "current", "RS256": "current"}
    keys_cli.refused("keys", "generate", "--algorithm", "HS256", status=2)


def test_s8_an_imported_key_is_for_the_algorithm_of_its_type_unless_told_otherwise(
    keys_cli: CommandLine,
) -> None:
    ec = to_pem(generate_private_key("ES256"))
    assert keys_cli.json("keys", "import", stdin=ec)["alg"] == "ES256"
    assert keys_cli.json("keys", "import", "--algorithm", "PS256", stdin=PEM)["alg"] == "PS256"
    assert "'PS256'" in keys_cli.refused("keys", "import", "--algorithm", "PS256", stdin=ec)


def test_rfc7517_s4_4_a_key_has_one_algorithm_wherever_it_is_kept(any_cli: CommandLine) -> None:
    import_for = ("keys", "import", "--status", "retired", "--algorithm")
    assert "signs RS256: take another for PS256" in any_cli.refused(*import_for, "PS256", stdin=PEM)
    assert any_cli.json(*import_for, "RS256", stdin=PEM)["alg"] == "RS256"
    any_cli.set(JWT_PRIVATE_KEY=None)
    assert "this very key" in any_cli.refused(*import_for, "PS256", stdin=PEM)


@on_sqlite
@pytest.mark.parametrize("status", ["next", "current", "retired"])
@pytest.mark.parametrize("text", [PEM, private_key()], ids=["PEM", "base64 of PEM"])
def test_s8_import_takes_a_key_from_standard_input(keys_cli: CommandLine, status: str, text: str) -> None:
    made = keys_cli.json("keys", "import", "--status", status, stdin=text)
    assert made["status"] == status
    assert statuses(keys_cli)[made["kid"]] == status


@on_sqlite
def test_s8_import_takes_a_file(keys_cli: CommandLine) -> None:
    (keys_cli.folder / "key.pem").write_text(PEM)
    assert keys_cli.json("keys", "import", "key.pem")["status"] == "next"
    keys_cli.refused("keys", "import", "other.pem", status=2)


@on_sqlite
def test_s8_what_is_no_private_key_is_one_line_and_shows_nothing_of_it(keys_cli: CommandLine) -> None:
    line = keys_cli.refused("keys", "import", stdin="-----BEGIN PRIVATE KEY-----\nhunter2\n")
    assert line.startswith("Error: ")
    assert "hunter2" not in line


def test_s3_a_key_from_the_settings_is_rotated_where_it_is_set(any_cli: CommandLine) -> None:
    assert [key["source"] for key in any_cli.json("keys", "list")] == ["settings"]
    assert "JWT_PRIVATE_KEY" in any_cli.refused("keys", "rotate")


def test_s8_no_key_is_ever_shown(keys_cli: CommandLine) -> None:
    shown = (
        keys_cli.ok("keys", "generate") + keys_cli.ok("keys", "list") + keys_cli.ok("keys", "list", "--json")
    )
    assert "PRIVATE" not in shown
    assert '"d"' not in shown


def test_s8_a_wrong_master_key_is_one_line(keys_cli: CommandLine) -> None:
    keys_cli.ok("keys", "generate")
    keys_cli.set(MASTER_KEY="B" * 43 + "=")
    assert "MASTER_KEY" in keys_cli.refused("keys", "rotate")


def test_s8_purge_says_what_it_deleted(any_cli: CommandLine) -> None:
    create = ("user", "create", "--username", "alice", "--email", "", "--password-stdin")
    any_cli.ok(*create, stdin="a long passphrase")
    any_cli.ok("user", "delete", "alice")
    assert set(any_cli.json("db", "purge").values()) == {0}
    any_cli.set(DELETED_RETENTION_DAYS="0")
    assert any_cli.json("db", "purge")["users"] == 1
    assert any_cli.ok("db", "purge") == "Nothing to delete.\n"
    any_cli.ok(*create, stdin="a long passphrase")


@on_sqlite
def test_s3_revoke_everything_needs_yes_where_nobody_can_be_asked(any_cli: CommandLine) -> None:
    assert "'--yes'" in any_cli.refused("token", "revoke", "--everything", status=2)
    first = any_cli.json("token", "revoke", "--everything", "--yes")["epoch"]
    assert any_cli.json("token", "revoke", "--everything", "--yes")["epoch"] == first + 1000


def doctor_says(cli: CommandLine) -> dict[str, str]:
    """What it finds about keys."""
    checks = json.loads(cli("doctor", "--json").stdout)["checks"]
    return next(dict(check) for check in checks if check["check"] == "keys")


def test_s8_reseal_changes_the_master_key_while_the_former_one_is_named(keys_cli: CommandLine) -> None:
    keys_cli.json("keys", "generate")
    before, former = statuses(keys_cli), str(keys_cli.env["MASTER_KEY"])
    keys_cli.set(MASTER_KEY=OTHER_MASTER_KEY)
    assert "not the one that this database was set up with" in keys_cli.refused("keys", "generate")
    assert "not the one that this database was set up with" in keys_cli.refused("keys", "reseal")
    assert doctor_says(keys_cli)["status"] == "fail"
    keys_cli.set(MASTER_KEY_FORMER=f"{former}\n")
    found = doctor_says(keys_cli)
    assert (found["status"], "2 of 2 data keys and 0 secrets" in found["text"]) == ("warn", True)
    done = keys_cli.json("keys", "reseal")
    assert (done["changed"], done["data_keys_left"], done["secrets_left"]) == (2, 0, 0)
    assert keys_cli.json("keys", "reseal") == done | {"changed": 0}
    assert "nothing needs MASTER_KEY_FORMER any more" in doctor_says(keys_cli)["text"]
    keys_cli.set(MASTER_KEY_FORMER=None)
    assert statuses(keys_cli) == before
    keys_cli.ok("keys", "rotate", "--now")
    keys_cli.set(MASTER_KEY=former)
    assert "not the one that this database was set up with" in keys_cli.refused("keys", "rotate")


def test_s8_a_new_data_key_seals_what_was_sealed_with_the_one_before(keys_cli: CommandLine) -> None:
    keys_cli.json("keys", "generate")
    before = statuses(keys_cli)
    done = keys_cli.json("keys", "reseal", "--new-data-key")
    assert (done["changed"], done["secrets_left"]) == (len(before), 0)
    assert statuses(keys_cli) == before
    assert keys_cli.json("keys", "rotate", "--now")["status"] == "current"


@pytest.mark.parametrize("former", [OTHER_MASTER_KEY, "no key"], ids=["another one", "none"])
def test_s8_a_wrong_former_master_key_changes_nothing(keys_cli: CommandLine, former: str) -> None:
    keys_cli.json("keys", "generate")
    before, current = statuses(keys_cli), str(keys_cli.env["MASTER_KEY"])
    keys_cli.set(MASTER_KEY=b64encode(bytes(range(1, 33))).decode(), MASTER_KEY_FORMER=former)
    keys_cli.refused("keys", "reseal")
    keys_cli.set(MASTER_KEY=current, MASTER_KEY_FORMER=None)
    assert statuses(keys_cli) == before
    assert keys_cli.json("keys", "rotate", "--now")["status"] == "current"
