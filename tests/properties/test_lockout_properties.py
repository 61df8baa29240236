"""However guesses at one account come, no more of them are judged than the limits say, and no kind disturbs another."""

import asyncio
from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from identity_service.adapters.memory.guesses import MemoryGuesses
from identity_service.application.authentication.doors import Door
from identity_service.application.authentication.throttle import Account, Throttle
from identity_service.domain.oauth.errors import TooManyRequests
from identity_service.domain.services.lockout import Kind, Limits, Source, Treatment
from tests.clock import Clock

LIMITS = Limits(per_source=2, source_seconds=60, per_account=4, account_seconds=240)
ALICE = Account(key="user alice")
KINDS = (Kind.STRANGER, Kind.DEVICE)
moves = st.tuples(
    st.sampled_from(KINDS), st.integers(0, 7), st.sampled_from(["alice", "a@x"]), st.integers(0, 40)
)


async def judged(
    plan: list[tuple[Kind, int, str, int]], *, only: Kind | None = None, hosts: int = 2
) -> list[tuple[int, Kind]]:
    """When guesses of this plan were judged, and of which kind; all of them are wrong. With `only`, of that kind.

    So many `hosts` are a network.
    """
    clock = Clock()
    throttle = Throttle(guesses=MemoryGuesses(clock), limits=LIMITS, known_address_seconds=0)
    found = []
    for kind, number, name, pause in plan:
        clock.now += pause
        if only not in (None, kind):
            continue
        source = Source(f"{kind} {number}", f"{kind} {number // hosts}")
        try:
            async with throttle.attempt(Door.LOGIN_PAGE, name=name, source=source, kind=kind) as made:
                if await throttle.at(made, ALICE) is Treatment.JUDGED:
                    found.append((int(clock.now), kind))
                made.outcome = "wrong"
        except TooManyRequests:
            continue
    return found


@given(st.lists(moves, max_size=60))
def test_no_hour_has_more_judged_guesses_of_a_kind_than_the_limits_allow(
    plan: list[tuple[Kind, int, str, int]],
) -> None:
    found = asyncio.run(judged(plan))
    windows = LIMITS.account_seconds // LIMITS.source_seconds
    most = 2 * LIMITS.per_account + (windows + 1) * LIMITS.per_source  # two windows may meet in any span
    for begin, kind in found:
        within = [at for at, other in found if other is kind and 0 <= at - begin < LIMITS.account_seconds]
        assert len(within) <= most


@given(st.lists(moves, max_size=60))
def test_guesses_of_strangers_change_nothing_for_a_known_browser(
    plan: list[tuple[Kind, int, str, int]],
) -> None:
    alone = asyncio.run(judged(plan, only=Kind.DEVICE))
    among_others = [each for each in asyncio.run(judged(plan)) if each[1] is Kind.DEVICE]

    assert Counter(alone) == Counter(among_others)


@given(st.integers(1, 200))
def test_a_network_that_guesses_on_leaves_room_for_another(guesses: int) -> None:
    greedy = [(Kind.STRANGER, number % 50, "alice", 0) for number in range(guesses)]
    elsewhere = (Kind.STRANGER, 50, "alice", 0)
    before = asyncio.run(judged(greedy, hosts=50))

    assert len(asyncio.run(judged([*greedy, elsewhere], hosts=50))) == len(before) + 1
