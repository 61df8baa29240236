"""`identity-service quickstart --no-serve`: what it makes, reuses and refuses (PROTOCOL §8)."""

import json
import socket
import stat
from pathlib import Path
from typing import Any

import pytest

from identity_service.cli.quickstart import _settings
from identity_service.demo.own_key import public, read_key
from tests.integration.cli.conftest import CommandLine


@pytest.fixture
def demo_cli(bare_cli: CommandLine) -> CommandLine:
    """A newcomer's command line: no key is set."""
    bare_cli.set(DATA_DIR=None, JWT_PRIVATE_KEY=None, MASTER_KEY=None)
    return bare_cli


def prepared(cli: CommandLine, *options: str) -> dict[str, Any]:
    """What `--json` prints."""
    return dict(cli.json("quickstart", "--no-serve", *options))


def test_s8_a_second_run_reuses_what_is_there(demo_cli: CommandLine) -> None:
    assert prepared(demo_cli) == prepared(demo_cli)


def test_s8_the_text_says_what_was_made_and_where_the_secrets_are(demo_cli: CommandLine) -> None:
    first = demo_cli.ok("quickstart", "--no-serve")
    assert first.startswith(
        "Made a demo user and demo clients in the embedded database var/identity.sqlite3."
    )
    assert "var/demo.json (mode 0600)" in first
    assert demo_cli.ok("quickstart", "--no-serve") == first.replace("Made", "Using", 1)


def test_s8_the_secrets_are_for_their_owner_alone(demo_cli: CommandLine) -> None:
    prepared(demo_cli)
    folder = demo_cli.folder / "var"
    names = ("demo.json", "demo.key.json", "master.key", ".")
    modes = {name: stat.S_IMODE((folder / name).stat().st_mode) for name in names}
    assert modes == {"demo.json": 0o600, "demo.key.json": 0o600, "master.key": 0o600, ".": 0o700}


@pytest.mark.parametrize("content", [None, "", "{}", '{"username": 1}', "[]"])
def test_s8_lost_secrets_of_the_demo_are_made_anew(demo_cli: CommandLine, content: str | None) -> None:
    first = prepared(demo_cli)
    path = demo_cli.folder / "var" / "demo.json"
    path.unlink() if content is None else path.write_text(content)
    second = prepared(demo_cli)
    assert second["username"] == first["username"]
    assert second["client_secret"] != first["client_secret"]
    assert second == prepared(demo_cli)


@pytest.mark.parametrize("change", ["set-password", "deactivate"])
def test_s8_a_demo_user_who_cannot_sign_in_any_more_is_mended(demo_cli: CommandLine, change: str) -> None:
    first = prepared(demo_cli)
    more = ("--password-stdin",) if change == "set-password" else ()
    demo_cli.ok("user", change, "demo", *more, stdin="another passphrase" if more else "")
    second = prepared(demo_cli)
    assert second["username"] == "demo"
    assert second["password"] != first["password"]
    assert demo_cli.json("user", "show", "demo")["active"] is True


def test_s8_a_deleted_demo_user_is_followed_by_one_of_another_name(demo_cli: CommandLine) -> None:
    prepared(demo_cli)
    demo_cli.ok("user", "delete", "demo")
    assert prepared(demo_cli)["username"].startswith("demo-")


def test_s8_a_demo_client_that_is_gone_or_has_another_secret_is_made_anew(demo_cli: CommandLine) -> None:
    first = prepared(demo_cli)
    demo_cli.ok("client", "rotate-secret", first["client_id"], "--overlap", "0")
    second = prepared(demo_cli)
    demo_cli.ok("client", "delete", second["client_id"])
    assert len({first["client_id"], second["client_id"], prepared(demo_cli)["client_id"]}) == 3


@pytest.mark.parametrize("where", ["environment", ".env"])
def test_s8_no_demo_in_production(demo_cli: CommandLine, where: str) -> None:
    if where == ".env":
        (demo_cli.folder / where).write_text("ENVIRONMENT=production\n")
    else:
        demo_cli.set(ENVIRONMENT="production")
    assert "ENVIRONMENT" in demo_cli.refused("quickstart", "--no-serve")
    assert not (demo_cli.folder / "var").exists()


def test_s8_the_demo_is_made_of_its_own_folder_whatever_the_settings_say(demo_cli: CommandLine) -> None:
    foreign = {
        "DATABASE_URL": "postgresql://127.0.0.1:1/none",
        "REDIS_URL": "redis://127.0.0.1:1",
        "MASTER_KEY": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
        "JWT_PRIVATE_KEY_FILE": "nowhere",
        "PASSWORD_PEPPER": "pepper",
        "ISSUER": "https://id.example",
        "SIDE": "query",
        "HASHING_THREADS": "many",
    }
    (demo_cli.folder / ".env").write_text("".join(f"{name}={value}\n" for name, value in foreign.items()))
    made = prepared(demo_cli)
    (demo_cli.folder / ".env").unlink()
    demo_cli.set(**foreign)
    assert prepared(demo_cli) == made
    assert {path.name for path in (demo_cli.folder / "var").iterdir()} >= {"identity.sqlite3", "master.key"}
    assert made["issuer"] != "https://id.example"


def test_s8_what_the_demo_does_take_must_be_right(demo_cli: CommandLine) -> None:
    demo_cli.set(BCRYPT_COST="3")
    assert demo_cli.refused("quickstart", "--no-serve").startswith("Error: BCRYPT_COST: wants")


def test_s8_a_folder_that_cannot_be_made_is_one_line(demo_cli: CommandLine) -> None:
    (demo_cli.folder / "file").write_text("")
    assert "'file' is a file" in demo_cli.refused("quickstart", "--no-serve", "--data", "file", status=2)
    result = demo_cli("quickstart", "--no-serve", "--data", "file/var")
    assert result.exit_code == 1
    assert result.stderr.splitlines()[-1].endswith("file/var: Not a directory")


def test_s8_a_master_key_that_is_not_the_former_one_is_one_line(demo_cli: CommandLine) -> None:
    prepared(demo_cli)
    (demo_cli.folder / "var" / "master.key").write_text("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")
    result = demo_cli("quickstart", "--no-serve")
    assert result.exit_code == 1
    assert "MASTER_KEY" in result.stderr.splitlines()[-1]
    assert json.loads((demo_cli.folder / "var" / "demo.json").read_text())["username"] == "demo"


def test_s8_the_printed_issuer_is_the_one_of_host_and_port(demo_cli: CommandLine) -> None:
    made = prepared(demo_cli, "--host", "::1", "--port", "8123")
    assert made["issuer"] == "http://[::1]:8123"
    assert all("http://[::1]:8123/oauth2/" in command for command in made["commands"][-4:])


PARTY_OF_8001 = {
    "redirect_uris": ["http://127.0.0.1:8001/callback"],
    "post_logout_redirect_uris": ["http://127.0.0.1:8001/signed-out"],
    "token_endpoint_auth_method": "private_key_jwt",
    "backchannel_logout_uri": "http://127.0.0.1:8001/backchannel-logout",
    "grant_types": ["authorization_code", "refresh_token"],
    "first_party": False,
}


def party(cli: CommandLine, client_id: str) -> dict[str, Any]:
    return dict(cli.json("client", "show", client_id))


def test_s8_the_page_to_sign_in_at_is_registered_as_a_client_of_its_own(demo_cli: CommandLine) -> None:
    made = prepared(demo_cli)
    registered = party(demo_cli, made["party_id"])
    assert made["party_id"] != made["client_id"]
    assert {member: registered[member] for member in PARTY_OF_8001} == PARTY_OF_8001
    assert registered["jwks"] == public(read_key(demo_cli.folder / "var" / "demo.key.json"))


def test_rfc7591_it_has_registered_itself_by_a_token_that_is_used_up(demo_cli: CommandLine) -> None:
    made = prepared(demo_cli)
    [token] = demo_cli.json("client", "initial-access-token", "list")
    assert (token["uses"], token["uses_left"]) == (1, 0)
    assert party(demo_cli, made["party_id"])["registered_by"] == token["id"]


def test_s8_a_folder_from_before_there_was_a_page_gets_it_and_keeps_the_rest(demo_cli: CommandLine) -> None:
    before = prepared(demo_cli, "--no-demo")
    assert before["party_id"] is None
    path = demo_cli.folder / "var" / "demo.json"
    former = {name: value for name, value in json.loads(path.read_text()).items() if name != "party_id"}
    path.write_text(json.dumps(former))

    after = prepared(demo_cli)

    assert after["party_id"] is not None
    assert after == before | {"party_id": after["party_id"]}
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_s8_without_the_page_its_client_is_kept(demo_cli: CommandLine) -> None:
    first = prepared(demo_cli)
    assert prepared(demo_cli, "--no-demo") == first == prepared(demo_cli)


def test_s8_a_page_from_before_it_had_a_key_gets_one_and_stays_the_same_client(demo_cli: CommandLine) -> None:
    first = prepared(demo_cli)
    demo_cli.ok(
        *("client", "update", first["party_id"], "--auth-method", "none"),
        *("--auth-signing-alg", "default", "--jwks", "default"),
        *("--backchannel-logout-uri", "default"),
    )
    (demo_cli.folder / "var" / "demo.key.json").unlink()
    assert party(demo_cli, first["party_id"])["token_endpoint_auth_method"] == "none"

    assert prepared(demo_cli) == first

    registered = party(demo_cli, first["party_id"])
    assert {member: registered[member] for member in PARTY_OF_8001} == PARTY_OF_8001
    assert registered["jwks"] == public(read_key(demo_cli.folder / "var" / "demo.key.json"))


def test_s8_a_key_that_was_lost_or_is_none_is_made_anew_and_told_to_the_server(demo_cli: CommandLine) -> None:
    first = prepared(demo_cli)
    path = demo_cli.folder / "var" / "demo.key.json"
    before = read_key(path).kid
    path.write_text("{}")

    assert prepared(demo_cli) == first

    assert read_key(path).kid != before
    assert party(demo_cli, first["party_id"])["jwks"] == public(read_key(path))


def test_s8_on_another_port_people_come_back_there_and_where_they_did_before(demo_cli: CommandLine) -> None:
    first = prepared(demo_cli)
    second = prepared(demo_cli, "--demo-port", "8123")
    assert second["party_id"] == first["party_id"]
    assert party(demo_cli, first["party_id"])["post_logout_redirect_uris"] == [
        "http://127.0.0.1:8001/signed-out",
        "http://127.0.0.1:8123/signed-out",
    ]


def test_s8_it_is_told_of_a_sign_out_where_it_is_in_this_run_and_the_server_asks_nobody_else(
    demo_cli: CommandLine,
) -> None:
    made = prepared(demo_cli, "--demo-port", "8123")
    told = "http://127.0.0.1:8123/backchannel-logout"
    assert party(demo_cli, made["party_id"])["backchannel_logout_uri"] == told
    assert _settings(Path("var"), made["issuer"], "http://127.0.0.1:8123").fetch_exceptions == (
        "127.0.0.1:8123",
    )
    assert _settings(Path("var"), made["issuer"], None).fetch_exceptions == ()


@pytest.mark.parametrize("change", ["deactivate", "delete"])
def test_s8_a_client_of_the_page_that_is_no_more_is_made_anew(demo_cli: CommandLine, change: str) -> None:
    first = prepared(demo_cli)
    demo_cli.ok("client", change, first["party_id"])
    second = prepared(demo_cli)
    assert second["party_id"] != first["party_id"]
    assert second | {"party_id": first["party_id"]} == first


@pytest.mark.parametrize("missing", ["--issuer", "--client-id"])
def test_s8_the_demo_alone_has_to_know_whom_it_trusts_and_who_it_is(
    demo_cli: CommandLine, missing: str
) -> None:
    options = {"--issuer": "https://id.example", "--client-id": "me"}
    given = [part for name, value in options.items() if name != missing for part in (name, value)]
    assert missing in demo_cli.refused("demo", *given, status=2)


def test_s8_an_empty_secret_is_none(demo_cli: CommandLine) -> None:
    line = demo_cli.refused(
        "demo", "--issuer", "https://id.example", "--client-id", "me", "--client-secret-stdin", status=2
    )
    assert "there is nothing on standard input" in line


def test_s8_who_is_registered_needs_nothing_to_register_itself_by(demo_cli: CommandLine) -> None:
    me = ("demo", "--issuer", "https://id.example", "--client-id", "me", "--initial-access-token-stdin")
    assert "is registered already" in demo_cli.refused(*me, stdin="x\n", status=2)


def test_s8_a_demo_that_cannot_register_itself_says_why(demo_cli: CommandLine) -> None:
    me = ("demo", "--issuer", "http://127.0.0.1:1", "--client-key-file", "key.json", "--port", "0")
    assert "did not register the demo: no_answer" in demo_cli.refused(*me)


def test_s8_a_client_has_a_secret_or_a_key_and_no_file_that_is_no_key_is_touched(
    demo_cli: CommandLine,
) -> None:
    me = ("demo", "--issuer", "https://id.example", "--client-id", "me")
    secret = ("--client-secret-stdin", "--client-key-file", "key.json")
    assert "has no secret" in demo_cli.refused(*me, *secret, stdin="x\n", status=2)
    (demo_cli.folder / "notes").write_text("mine")
    refused = demo_cli.refused(*me, "--port", "0", "--client-key-file", "notes")
    assert "notes holds no key of the demo" in refused
    assert (demo_cli.folder / "notes").read_text() == "mine"


def test_s8_the_demo_alone_names_a_port_that_is_in_use(demo_cli: CommandLine) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        line = demo_cli.refused("demo", "--issuer", "https://id.example", "--client-id", "me", "--port", port)
    assert line == f"Error: cannot listen on 127.0.0.1 port {port}: Address already in use"
