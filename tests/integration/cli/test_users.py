"""`identity-service user …` (PROTOCOL §8)."""

import json
from typing import Any

import bcrypt
import pytest

from tests.integration.cli.conftest import CommandLine

ALICE = ("user", "create", "--username", "alice", "--email", "alice@example.org")
PASSWORD = "a long passphrase"


def made(cli: CommandLine, name: str = "alice", *more: str) -> str:
    command = ("user", "create", "--username", name, "--email", "", "--password-stdin", *more)
    return str(cli.json(*command, stdin=PASSWORD)["id"])


def test_s8_create_takes_the_password_from_standard_input(any_cli: CommandLine) -> None:
    user = any_cli.json(*ALICE, "--password-stdin", stdin=f"{PASSWORD}\n")
    assert user["username"] == "alice"
    assert user["email"] == "alice@example.org"
    assert user["active"] is True
    assert user["admin"] is False
    assert any_cli.json("user", "show", "alice") == user
    assert any_cli.json("user", "show", user["id"]) == user


def test_s8_create_as_administrator(cli: CommandLine) -> None:
    assert cli.json(*ALICE, "--admin", "--password-stdin", stdin=PASSWORD)["admin"] is True


def test_s8_only_the_newline_at_the_end_is_not_part_of_the_password(
    cli: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    cli.ok(*ALICE, "--password-stdin", stdin="  with spaces  \r\n")
    assert signs_in(cli, monkeypatch, "  with spaces  ")
    assert not signs_in(cli, monkeypatch, "with spaces")


def signs_in(
    cli: CommandLine, monkeypatch: pytest.MonkeyPatch, password: str, username: str = "alice"
) -> bool:
    async def work(container: Any) -> bool:
        async with container.read() as uow:
            user = await uow.users.by_username(username)
        verdict = await container.hasher().verify(password, user.password_hash, address=None)
        return bool(verdict.matches)

    return cli.within(monkeypatch, work)


def test_s8_a_username_that_is_taken_is_one_line_and_status_1(any_cli: CommandLine) -> None:
    made(any_cli)
    assert "username is taken" in any_cli.refused(*ALICE, "--password-stdin", stdin=PASSWORD)


def test_s8_every_member_at_fault_is_named(cli: CommandLine) -> None:
    line = cli.refused(
        "user", "create", "--username", "al ice", "--email", "x", "--password-stdin", stdin="short"
    )
    assert line.startswith("Error: username: has a character")
    assert "email: is not well-formed" in line
    assert "password: must have at least 8 characters" in line
    assert "short" not in line


def test_s8_without_a_terminal_nothing_is_asked(cli: CommandLine) -> None:
    assert "'--username'" in cli.refused("user", "create", status=2)
    assert "'--password-stdin'" in cli.refused(*ALICE, status=2)


def test_s8_without_a_terminal_an_address_may_be_left_out_as_over_the_api(cli: CommandLine) -> None:
    user = cli.json("user", "create", "--username", "alice", "--password-stdin", stdin=PASSWORD)
    assert user["email"] is None


def test_s8_an_empty_standard_input_is_no_password(cli: CommandLine) -> None:
    assert "nothing came from there" in cli.refused(*ALICE, "--password-stdin", status=2)


def test_s8_a_password_hash_of_another_server_is_brought_along(
    cli: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    foreign = bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(4)).decode()
    cli.ok(*ALICE, "--password-hash-stdin", stdin=foreign)
    assert signs_in(cli, monkeypatch, PASSWORD)
    assert not signs_in(cli, monkeypatch, PASSWORD + "!")


@pytest.mark.parametrize("text", ["5f4dcc3b5aa765d61d8327deb882cf99", "$2b$04$short", "$2b$31$" + "a" * 53])
def test_s8_a_hash_that_no_password_can_match_is_refused(cli: CommandLine, text: str) -> None:
    line = cli.refused(*ALICE, "--password-hash-stdin", stdin=text)
    assert line.startswith("Error: password_hash: must be a bcrypt, Argon2id or Django PBKDF2 hash")


def test_s8_password_and_hash_exclude_each_other(cli: CommandLine) -> None:
    line = cli.refused(*ALICE, "--password-stdin", "--password-hash-stdin", stdin=PASSWORD, status=2)
    assert "exclude each other" in line


def test_s8_list_goes_through_all_pages(cli: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("identity_service.cli.listing.PAGE", 2)
    ids = [made(cli, f"user{n}") for n in range(5)]
    assert [user["id"] for user in cli.json("user", "list")] == ids
    assert [user["id"] for user in cli.json("user", "list", "--limit", "3")] == ids[:3]
    assert [user["id"] for user in cli.json("user", "list", "--sort", "-username")] == ids[::-1]


def test_s8_list_filters(cli: CommandLine) -> None:
    made(cli, "alice")
    made(cli, "bob")
    cli.ok("user", "deactivate", "bob")
    assert [user["username"] for user in cli.json("user", "list", "--active")] == ["alice"]
    assert [user["username"] for user in cli.json("user", "list", "--inactive")] == ["bob"]
    assert [user["username"] for user in cli.json("user", "list", "--username", "ALICE")] == ["alice"]


def test_s8_a_list_in_a_pipe_is_a_line_each_with_tabs_and_never_cut(cli: CommandLine) -> None:
    name = "x" * 60
    made(cli, name)
    header, line = cli.ok("user", "list").splitlines()
    assert header.split("\t")[:2] == ["id", "username"]
    assert line.split("\t")[1] == name


def test_s8_a_limit_of_nothing_is_a_usage_error(cli: CommandLine) -> None:
    cli.refused("user", "list", "--limit", "0", status=2)


@pytest.mark.parametrize("command", ["show", "deactivate", "activate", "delete"])
def test_s8_an_unknown_user_is_one_line_and_status_1(cli: CommandLine, command: str) -> None:
    assert "there is no user 'nobody'" in cli.refused("user", command, "nobody")


def test_s8_set_password_replaces_the_old_one(cli: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    made(cli)
    cli.ok("user", "set-password", "alice", "--password-stdin", stdin="quite another one")
    assert signs_in(cli, monkeypatch, "quite another one")
    assert not signs_in(cli, monkeypatch, PASSWORD)


def test_s8_deactivate_and_activate(any_cli: CommandLine) -> None:
    made(any_cli)
    assert any_cli.json("user", "deactivate", "alice")["active"] is False
    assert any_cli.json("user", "activate", "alice")["active"] is True


def test_s8_delete_hides_the_user_and_keeps_the_name_taken(any_cli: CommandLine) -> None:
    id_ = made(any_cli)
    assert any_cli.json("user", "delete", "alice") == {"id": id_, "deleted": True}
    assert any_cli.json("user", "list") == []
    any_cli.refused("user", "show", id_)
    any_cli.refused(*ALICE, "--password-stdin", stdin=PASSWORD)


SAID = {
    "given_name": "Alice",
    "picture": "https://alice.example/me.png",
    "birthdate": "1852",
    "locale": "en-GB",
    "phone_number": "+441865276150",
    "phone_number_verified": True,
    "address": {
        "formatted": "1 Main Street\nOxford",
        "street_address": None,
        "locality": "Oxford",
        "region": None,
        "postal_code": None,
        "country": None,
    },
}
AS_OPTIONS = (
    *("--given-name", "Alice", "--picture", "https://alice.example/me.png", "--birthdate", "1852"),
    *("--locale", "en-GB", "--phone-number", "+441865276150", "--phone-number-verified"),
    *("--address", "1 Main Street\nOxford", "--locality", "Oxford"),
)


def test_oidc_core_s5_1_create_and_update_take_what_a_person_says(any_cli: CommandLine) -> None:
    made(any_cli)
    created = any_cli.json(
        "user", "create", "--username", "bob", *AS_OPTIONS, "--password-stdin", stdin=PASSWORD
    )
    updated = any_cli.json("user", "update", "alice", *AS_OPTIONS)

    for user in (created, updated, any_cli.json("user", "show", "alice")):
        assert {member: user[member] for member in SAID} == SAID


def test_s8_update_changes_what_is_named_and_an_empty_text_takes_away(cli: CommandLine) -> None:
    before = cli.json("user", "update", made(cli), *AS_OPTIONS, "--name", "Alice", "--email", "a@example.org")
    options = (
        "--username",
        "alicia",
        "--picture",
        "",
        "--address",
        "",
        "--name",
        "",
        "--no-phone-number-verified",
    )

    after = cli.json("user", "update", "alice", *options)

    assert {member for member in before if before[member] != after[member]} == {
        "username", "picture", "address", "name", "phone_number_verified", "updated_at",
    }  # fmt: skip
    assert (after["picture"], after["name"]) == (None, None)
    assert (after["address"]["formatted"], after["address"]["locality"]) == (None, "Oxford")


def test_s8_update_marks_addresses_and_administrators(cli: CommandLine) -> None:
    made(cli)

    marked = cli.json("user", "update", "alice", "--email", "a@example.org", "--email-verified", "--admin")
    moved = cli.json("user", "update", "alice", "--email", "b@example.org", "--no-admin")

    assert [(user["email_verified"], user["admin"]) for user in (marked, moved)] == [
        (True, True),
        (False, False),
    ]


def test_s8_update_refuses_what_is_not_acceptable_and_changes_nothing(cli: CommandLine) -> None:
    before = cli.json("user", "show", made(cli))

    assert "locale: must be a language tag" in cli.refused(
        "user", "update", "alice", "--locale", "en_GB", "--name", "A"
    )
    assert "username: must not be" in cli.refused("user", "update", "alice", "--username", "")
    assert "there is no user 'nobody'" in cli.refused("user", "update", "nobody", "--name", "x")
    cli.refused("user", "update", "alice", status=2)
    assert cli.json("user", "show", "alice") == before


def test_s8_people_are_shown_what_a_person_says_and_no_more(cli: CommandLine) -> None:
    silent = cli.ok("user", "show", made(cli))
    said = cli.ok("user", "update", "alice", *AS_OPTIONS)

    assert "nickname" not in silent
    assert "phone_number" not in silent
    shown = dict(line.split(maxsplit=1) for line in said.splitlines())
    assert (shown["given_name"], shown["phone_number_verified"]) == ("Alice", "yes")
    assert (shown["address.formatted"], shown["address.locality"]) == ("1 Main Street\\nOxford", "Oxford")
    assert "nickname" not in shown


def test_the_progress_of_hashes_is_shown_and_the_doctor_misses_a_pepper(cli: CommandLine) -> None:
    assert cli.json("user", "hashes") == []
    cli.set(PASSWORD_PEPPER="pepper of before")
    made(cli)
    [before] = cli.json("user", "hashes")
    assert (before["scheme"], before["cost"], before["standing"], before["number"]) == (
        *("bcrypt", "4", "current"),
        1,
    )
    cli.set(PASSWORD_PEPPER="pepper of today", PASSWORD_PEPPER_FORMER="pepper of before")
    [outdated] = cli.json("user", "hashes")
    assert outdated == before | {"standing": "outdated"}
    assert "outdated" in cli.ok("user", "hashes")
    assert doctor_says(cli)["status"] == "ok"
    assert "made anew at the next sign-in" in doctor_says(cli)["text"]
    cli.set(PASSWORD_PEPPER_FORMER=None)
    [unreadable] = cli.json("user", "hashes")
    assert unreadable == before | {"standing": "unreadable"}
    found = doctor_says(cli)
    assert found["status"] == "fail"
    assert f"pepper id {before['pepper']}" in found["text"]
    assert "PASSWORD_PEPPER_FORMER" in found["mend"]


def doctor_says(cli: CommandLine) -> dict[str, str]:
    """What it finds about passwords."""
    checks = json.loads(cli("doctor", "--json").stdout)["checks"]
    return next(dict(check) for check in checks if check["check"] == "passwords")
