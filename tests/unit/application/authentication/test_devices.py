"""The cookie by which accounts know a browser."""

import os

import pytest

from identity_service.adapters.crypto.aes_gcm_sealer import HmacDigest
from identity_service.application.authentication.devices import DAY, LONGEST, MOST_ACCOUNTS, Devices
from identity_service.domain.value_objects.ids import UserId
from identity_service.domain.value_objects.secret import Secret
from tests.clock import Clock

ALICE, BOB = UserId("alice"), UserId("bob")
DAYS = 30


@pytest.fixture
def clock() -> Clock:
    return Clock()


def devices_of(clock: Clock, *, days: int = DAYS, key: bytes = bytes(32)) -> Devices:
    return Devices(digest=HmacDigest(key), random=os.urandom, clock=clock, days=days)


def signed_in(devices: Devices, *users: UserId, cookie: Secret | None = None) -> Secret:
    """The cookie of a browser in which these have signed in, one after the other."""
    for user in users:
        cookie = devices.renewed(cookie, user) or cookie
    assert cookie is not None
    return cookie


def test_a_browser_is_known_to_who_signed_in_and_to_nobody_else(clock: Clock) -> None:
    devices = devices_of(clock)
    cookie = signed_in(devices, ALICE)

    assert devices.source(cookie, ALICE) is not None
    assert devices.source(cookie, BOB) is None
    assert devices.source(None, ALICE) is None


def test_two_browsers_of_one_person_are_two_sources_and_one_stays_itself(clock: Clock) -> None:
    devices = devices_of(clock)
    one, other = signed_in(devices, ALICE), signed_in(devices, ALICE)
    clock.now += 2 * DAY
    later = signed_in(devices, ALICE, cookie=one)

    assert devices.source(one, ALICE) != devices.source(other, ALICE)
    assert later.reveal() != one.reveal()
    assert devices.source(later, ALICE) == devices.source(one, ALICE)


def test_on_the_same_day_there_is_nothing_new_to_keep(clock: Clock) -> None:
    devices = devices_of(clock)

    assert devices.renewed(signed_in(devices, ALICE), ALICE) is None


def test_it_ends_unless_it_is_renewed(clock: Clock) -> None:
    devices = devices_of(clock)
    cookie = signed_in(devices, ALICE)
    clock.now += (DAYS - 1) * DAY
    renewed = signed_in(devices, ALICE, cookie=cookie)
    assert devices.source(cookie, ALICE) is not None
    clock.now += DAY

    assert devices.source(cookie, ALICE) is None
    assert devices.source(renewed, ALICE) is not None


def test_several_people_may_use_one_browser_and_the_oldest_is_forgotten(clock: Clock) -> None:
    devices = devices_of(clock)
    everybody = [UserId(f"user {number}") for number in range(MOST_ACCOUNTS + 1)]
    cookie = signed_in(devices, *everybody)

    assert [devices.source(cookie, user) is None for user in everybody] == [True] + [False] * MOST_ACCOUNTS
    assert len(cookie.reveal()) <= LONGEST


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text[:-1] + ("A" if text[-1] != "A" else "Q"),
        lambda text: ("A" if text[0] != "A" else "B") + text[1:],
        lambda text: text + "A",
        lambda text: text[:-2],
        lambda text: text[:10] + "!" + text[11:],
        lambda text: text[:10] + "\u00e4" + text[11:],
        lambda text: "",
        lambda text: "." * 300,
        lambda text: "x." * 200 + text,
    ],
)
def test_a_cookie_that_was_changed_is_none(clock: Clock, change: object) -> None:
    devices = devices_of(clock)
    changed = Secret(change(signed_in(devices, ALICE).reveal()))  # type: ignore[operator]  # one of the above

    assert devices.source(changed, ALICE) is None
    assert devices.source(signed_in(devices, ALICE, cookie=changed), ALICE) is not None


def test_another_server_knows_nobody(clock: Clock) -> None:
    cookie = signed_in(devices_of(clock), ALICE)

    assert devices_of(clock, key=bytes([1]) * 32).source(cookie, ALICE) is None


def test_with_no_days_no_browser_is_known(clock: Clock) -> None:
    cookie = signed_in(devices_of(clock), ALICE)
    devices = devices_of(clock, days=0)

    assert devices.renewed(None, ALICE) is None
    assert devices.renewed(cookie, ALICE) is None
    assert devices.source(cookie, ALICE) is None


def test_it_does_not_say_whose_it_is(clock: Clock) -> None:
    assert "alice" not in repr(signed_in(devices_of(clock), ALICE))
