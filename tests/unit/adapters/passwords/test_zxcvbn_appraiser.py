"""How soon a password is guessed."""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from identity_service.adapters.zxcvbn.appraiser import PIECE, ZxcvbnAppraiser
from identity_service.ports.passwords import Appraisal


async def run(job: Callable[[], Any], *, address: str | None) -> Any:
    return job()


def appraiser(blocklist: Path | None = None, *, scoring: bool = True) -> ZxcvbnAppraiser:
    return ZxcvbnAppraiser(run=run, blocklist=blocklist, scoring=scoring)


async def appraised(password: str, *words: str, **options: Any) -> Appraisal:
    return await appraiser(**options)(password, words=words, address=None)


@pytest.mark.parametrize("password", ["password1", "PASSWORD1", "ｐａｓｓｗｏｒｄ１", "iloveyou1"])
async def test_the_commonest_passwords_are_known_however_they_are_written(password: str) -> None:
    assert (await appraised(password)).common
    assert (await appraised(password, scoring=False)).common


async def test_a_file_adds_to_them(tmp_path: Path) -> None:
    path = tmp_path / "blocked.txt"
    path.write_text("Unser Garten\r\n\nStraße 17 Süd\n", encoding="utf-8")
    assert (await appraised("UNSER garten", blocklist=path)).common
    assert (await appraised("STRASSE 17 SÜD", blocklist=path)).common
    assert not (await appraised("unser garten", blocklist=None)).common
    assert not (await appraised("unser gartenzaun", blocklist=path)).common


@pytest.mark.parametrize(
    ("password", "least", "most"),
    [
        ("abcdefgh1", 0, 2),
        ("p4ssw0rdp4ssw0rd", 0, 2),
        ("qwertyuiop12", 0, 2),
        ("k3vQ9x!zT", 3, 4),
        ("correct horse battery staple", 4, 4),
    ],
)
async def test_what_is_like_words_and_rows_of_keys_scores_low(password: str, least: int, most: int) -> None:
    assert least <= (await appraised(password)).score <= most


async def test_words_that_are_known_count_as_none() -> None:
    password = "brzęczyszczykiewicz"
    assert (await appraised(password)).score >= 3
    assert (await appraised(password, password)).score == 0


async def test_without_scoring_only_the_lists_speak() -> None:
    assert await appraised("abcdefgh1", scoring=False) == Appraisal(common=False, score=4)


async def test_a_long_password_is_scored_by_the_better_of_its_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    assert (await appraised("a" * 1024)).score < 3
    assert (await appraised("a" * 1000 + "k3vQ9x!zTw")).score >= 3
    assert (await appraised("k3vQ9x!zTw" + "a" * 1000)).score >= 3
    given: list[str] = []
    import zxcvbn

    real = zxcvbn.zxcvbn
    monkeypatch.setattr(zxcvbn, "zxcvbn", lambda text, **rest: (given.append(text), real(text, **rest))[1])
    await appraised("x1" * 512)
    assert [len(text) for text in given] == [PIECE, PIECE]


async def test_words_of_one_call_are_not_those_of_another(monkeypatch: pytest.MonkeyPatch) -> None:
    """zxcvbn keeps them in one place for all threads."""
    import zxcvbn

    real, inside, most = zxcvbn.zxcvbn, 0, 0

    def counted(text: str, **rest: Any) -> Any:
        nonlocal inside, most
        inside += 1
        most = max(most, inside)
        try:
            return real(text, **rest)
        finally:
            inside -= 1

    monkeypatch.setattr(zxcvbn, "zxcvbn", counted)
    one = appraiser()
    jobs = [
        threading.Thread(target=one._appraise, args=(f"brzęczyszczykiewicz{number}", ["brzęczyszczykiewicz"]))
        for number in range(8)
    ]
    for job in jobs:
        job.start()
    for job in jobs:
        job.join()
    assert most == 1
