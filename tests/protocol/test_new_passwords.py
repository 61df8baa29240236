"""Passwords that somebody chooses: refused in words, at every door where one can be set, and nowhere else."""

from hashlib import sha1
from pathlib import Path
from typing import Any

import pytest

from identity_service.infrastructure.config.settings import WrongSettings, load_settings
from tests.api_caller import Caller, on_sqlite, person, program
from tests.house import PASSWORD, House, open_house, settings_for
from tests.migrated import copy_of

UNFIT = {
    "Password123": "tried first",
    "abcdefgh1": "too easy to guess",
    "alice-liddell-1": "besides names and addresses",
    "identity-service!": "besides names and addresses",
}
FIT = "vierzehn Möwen am Hafen"


def fault(answer: Any, pointer: str = "/password") -> str:
    """What is said of the password."""
    assert answer.status_code == 422, answer.text
    [found] = answer.json()["errors"]
    assert found["pointer"] == pointer
    return str(found["detail"])


async def create(admin: Caller, password: str) -> Any:
    members = {"username": "alice", "name": "Alice Liddell", "password": password}
    return await admin("POST", "/users", json=members)


@on_sqlite
@pytest.mark.parametrize("password", UNFIT)
async def test_an_unfit_password_is_refused_in_words_and_never_repeated(house: House, password: str) -> None:
    admin = await program(house)
    refused = await create(admin, password)
    assert UNFIT[password] in fault(refused)
    assert password not in refused.text
    user = await house.add_user("alice", name="Alice Liddell")
    refused = await admin("POST", f"/users/{user.id}/set-password", json={"password": password})
    assert UNFIT[password] in fault(refused)
    alice = await person(house)
    members = {"password": password, "current_password": PASSWORD}
    assert UNFIT[password] in fault(await alice("PATCH", "/users/me", json=members))
    assert await person(house), "the old one goes on"


@on_sqlite
async def test_a_fit_password_is_taken(house: House) -> None:
    admin = await program(house)
    created = await create(admin, FIT)
    assert created.status_code == 201
    assert await person(house, password=FIT)


@on_sqlite
async def test_a_new_password_is_judged_only_after_the_current_one(house: House) -> None:
    """Judging takes processor time, and what it says is nobody's business."""
    await house.add_user()
    alice = await person(house)
    members = {"password": "abcdefgh1", "current_password": "not the current one"}
    refused = await alice("PATCH", "/users/me", json=members)
    assert "is not the password of this account" in fault(refused, "/current_password")


@on_sqlite
async def test_at_sign_in_and_for_imported_hashes_no_policy_applies(house: House) -> None:
    admin = await program(house)
    stored = await house.container.hasher().hash("abc", address=None)
    await house.add_user("bob", password_hash=stored)
    assert await person(house, "bob", password="abc")
    assert (await admin("POST", "/users", json={"username": "carol"})).status_code == 201


@pytest.fixture
def url(sqlite_template: Path, tmp_path: Path) -> str:
    return copy_of(sqlite_template, tmp_path)


async def test_settings_ask_for_more_or_less(url: str, tmp_path: Path) -> None:
    blocked = tmp_path / "blocked.txt"
    blocked.write_text(FIT.upper())
    strict = settings_for(tmp_path, database_url=url, password_min_length=20, password_blocklist_file=blocked)
    async with open_house(strict) as house:
        admin = await program(house)
        assert "at least 20 characters" in fault(await create(admin, "k3vQ9x!zTw9v"))
        assert "tried first" in fault(await create(admin, FIT))
    lax = settings_for(tmp_path, database_url=url, password_least_strength=0)
    async with open_house(lax) as house:
        admin = await program(house)
        assert "tried first" in fault(await create(admin, "Password123"))
        assert (await create(admin, "abcdefgh1")).status_code == 201


async def test_breached_passwords_are_refused(url: str, tmp_path: Path) -> None:
    breached = tmp_path / "breached.txt"
    breached.write_text(f"{sha1(FIT.encode(), usedforsecurity=False).hexdigest().upper()}:12\n")
    async with open_house(settings_for(tmp_path, database_url=url, password_breaches=breached)) as house:
        admin = await program(house)
        assert "data breach" in fault(await create(admin, FIT))
        assert (await create(admin, f"{FIT}!")).status_code == 201


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("PASSWORD_BREACHES", "password", "wants a file of lines SHA1:COUNT"),
        ("PASSWORD_BREACHES", None, "cannot read"),
        ("PASSWORD_BLOCKLIST_FILE", None, "wants the path of a text file"),
        ("PASSWORD_BLOCKLIST_FILE", b"\xff\xfe", "not text in UTF-8"),
    ],
    ids=["breaches of another form", "no breaches", "no list", "no text"],
)
async def test_a_wrong_file_keeps_the_server_from_starting(
    url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    content: str | bytes | None,
    said: str,
) -> None:
    path = tmp_path / "list"
    if content is not None:
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    monkeypatch.setenv(name, str(path))
    with pytest.raises(WrongSettings, match=f"{name}: .*{said}"):
        async with open_house(load_settings(data_dir=tmp_path, database_url=url)):
            pytest.fail("it started")
