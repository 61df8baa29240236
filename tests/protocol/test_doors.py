"""Attack 28: every door where something can be guessed is walked, and lets nobody guess on."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any

import httpx2
import pytest

from identity_service.application.authentication.doors import Door
from tests.doors import ELSEWHERE, HERE, KNOCKERS, Knocker, at, login_page, password_grant
from tests.house import PASSWORD, House
from tests.visitor import app_of

OpenHouse = Callable[..., AbstractAsyncContextManager[House]]
LIMIT = 3
SEEN = ("content-type", "retry-after", "www-authenticate", "cache-control", "set-cookie")


@dataclass(frozen=True)
class Doorway:
    """One door of a house, with what is behind it."""

    house: House
    knocker: Knocker
    prepared: Any

    async def knocks(self, *secrets: str, address: str = HERE) -> list[int]:
        """The statuses of these secrets, one after the other."""
        knock = self.knocker.knock
        async with at(self.house, address) as http:
            answers = [await knock(self.house, http, self.prepared, secret) for secret in secrets]
        return [answer.status_code for answer in answers]


async def doorway_of(house: House, door: Door) -> Doorway:
    """Whoever has the secret is there."""
    return Doorway(house, KNOCKERS[door], await KNOCKERS[door].prepare(house))


@pytest.fixture
async def strict(house_with: OpenHouse) -> AsyncIterator[House]:
    """A server where three guesses are enough."""
    async with house_with(guess_limit=LIMIT) as opened:
        yield opened


@pytest.fixture(params=Door)
async def doorway(strict: House, request: pytest.FixtureRequest) -> Doorway:
    """Each door in turn."""
    return await doorway_of(strict, request.param)


def test_attack_28_every_door_of_the_table_is_walked() -> None:
    assert set(KNOCKERS) == set(Door)


async def test_attack_28_a_door_turns_away_who_guessed_so_often_and_nobody_else(doorway: Doorway) -> None:
    right, wrong = doorway.knocker.right, doorway.knocker.wrong

    assert await doorway.knocks(*["wrong"] * LIMIT) == [wrong] * LIMIT
    assert await doorway.knocks("wrong", PASSWORD) == [429, 429]
    elsewhere = right if doorway.knocker.by_address else 429
    assert await doorway.knocks(PASSWORD, address=ELSEWHERE) == [elsewhere]


async def test_attack_28_who_guessed_less_often_is_let_in_as_often_as_they_like(doorway: Doorway) -> None:
    right, wrong = doorway.knocker.right, doorway.knocker.wrong

    assert await doorway.knocks(*["wrong"] * (LIMIT - 1)) == [wrong] * (LIMIT - 1)
    assert await doorway.knocks(*[PASSWORD] * (LIMIT + 1)) == [right] * (LIMIT + 1)


async def test_attack_28_of_sixteen_guesses_at_once_no_more_are_hashed_than_may_be(doorway: Doorway) -> None:
    pool = doorway.house.container.hashing_pool()
    before = pool.started

    statuses = await asyncio.gather(*(doorway.knocks(f"wrong {number}") for number in range(16)))

    assert pool.started - before == LIMIT
    expected = [doorway.knocker.wrong] * LIMIT + [429] * (16 - LIMIT)
    assert sorted(status for [status] in statuses) == sorted(expected)


async def test_attack_28_of_many_right_ones_at_once_none_is_turned_away(doorway: Doorway) -> None:
    statuses = await asyncio.gather(*(doorway.knocks(PASSWORD) for _ in range(3 * LIMIT)))

    assert [status for [status] in statuses] == [doorway.knocker.right] * 3 * LIMIT


async def test_attack_34_a_made_up_address_in_a_header_gives_nobody_more_guesses(doorway: Doorway) -> None:
    async with at(doorway.house) as http:
        for number in range(LIMIT + 1):
            made_up = f"203.0.113.{number}"
            http.headers.update({"X-Forwarded-For": made_up, "Forwarded": f"for={made_up}"})
            answer = await doorway.knocker.knock(doorway.house, http, doorway.prepared, "wrong")

    assert answer.status_code == 429


async def test_rate_limits_off_turns_it_off(house_with: OpenHouse) -> None:
    async with house_with(guess_limit=LIMIT, guess_account_limit=LIMIT, rate_limits="off") as house:
        doorway = await doorway_of(house, Door.PASSWORD_GRANT)
        assert await doorway.knocks(*["wrong"] * (LIMIT + 2), PASSWORD) == [400] * (LIMIT + 2) + [200]


async def test_attack_28_the_grant_and_the_page_are_doors_to_one_password(strict: House) -> None:
    await (await doorway_of(strict, Door.PASSWORD_GRANT)).knocks(*["wrong"] * LIMIT)
    app = await app_of(strict)
    async with at(strict) as http:
        answer = await (await login_page(strict, http, app)).submit(username="alice", password=PASSWORD)

    assert answer.status_code == 429


@pytest.mark.parametrize(
    "spelling", ["ALICE", "Alice", "\uff41lice"], ids=["upper case", "mixed case", "full width"]
)
async def test_attack_28_spellings_of_a_name_share_their_guesses(strict: House, spelling: str) -> None:
    await strict.add_user()
    client = await strict.add_client()
    async with at(strict) as http:
        for name in ("alice", spelling, spelling):
            assert (await password_grant(http, client, name, "wrong")).status_code == 400
        assert (await password_grant(http, client, "alice", PASSWORD)).status_code == 429


async def test_attack_28_the_address_of_an_account_gives_no_more_guesses_than_its_name(strict: House) -> None:
    """And attack 27: it is not told that both are one account's, the answers are those for names that nobody has."""
    await strict.add_user(email="alice@example.org")
    client = await strict.add_client()
    async with at(strict) as http:
        for name in ("alice", "Alice@Example.org"), ("nobody", "Nobody@Example.org"):
            statuses = [
                (await password_grant(http, client, each, "wrong")).status_code
                for each in (name[0],) * (LIMIT + 1) + (name[1],) * (LIMIT + 1)
            ]
            assert statuses == ([400] * LIMIT + [429]) * 2
        await strict.add_user("bob", email="bob@example.org")
        for _ in range(LIMIT):
            await password_grant(http, client, "bob", "wrong")
        assert (await password_grant(http, client, "bob@example.org", PASSWORD)).status_code == 400
    async with at(strict, ELSEWHERE) as http:
        assert (await password_grant(http, client, "bob@example.org", PASSWORD)).status_code == 200


async def test_attack_27_names_that_nobody_has_are_answered_alike_to_the_header(strict: House) -> None:
    await strict.add_user()
    client, app = await strict.add_client(), await app_of(strict)
    seen = {}
    async with at(strict) as http:
        for name in ("alice", "nobody", "nobody@example.org", "no\u200bbody", "x" * 1000):
            answers = [await password_grant(http, client, name, "wrong") for _ in range(LIMIT + 1)]
            seen[name] = [(a.status_code, a.text, *map(a.headers.get, SEEN)) for a in answers]
            page = await login_page(strict, http, app)
            shown = await page.submit(username=name, password="wrong")
            seen[name].append((shown.status_code, *map(shown.headers.get, SEEN[:2])))

    assert len(set(map(repr, seen.values()))) == 1


@pytest.mark.parametrize(
    ("other", "status"), [("2001:db8:0:1::2", 429), ("2001:db8:0:2::1", 200)], ids=["one /64", "another"]
)
async def test_attack_28_ipv6_addresses_count_by_their_64(strict: House, other: str, status: int) -> None:
    doorway = await doorway_of(strict, Door.PASSWORD_GRANT)
    assert await doorway.knocks(*["wrong"] * LIMIT, address="2001:db8:0:1::1") == [400] * LIMIT

    assert await doorway.knocks(PASSWORD, address=other) == [status]


async def test_attack_28_callers_without_an_address_are_one_source(strict: House) -> None:
    await strict.add_user()
    client = await strict.add_client()
    answers: list[httpx2.Response] = []
    for _ in range(LIMIT + 1):
        async with at(strict, None) as http:
            answers.append(await password_grant(http, client, "alice", "wrong"))

    assert [answer.status_code for answer in answers] == [400] * LIMIT + [429]
    async with at(strict) as http:
        assert (await password_grant(http, client, "alice", PASSWORD)).status_code == 200


async def test_what_was_never_judged_does_not_count(strict: House) -> None:
    doorway = await doorway_of(strict, Door.PASSWORD_GRANT)
    await strict.container.hashing_pool().close()

    assert await doorway.knocks(*["wrong"] * (LIMIT + 1)) == [503] * (LIMIT + 1)
