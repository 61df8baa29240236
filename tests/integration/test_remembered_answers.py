"""Remembered answers in the running application: they spare the database, and every ending is their end."""

import asyncio
import dataclasses
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from identity_service.adapters.sql.unit_of_work import SqlUnitOfWork
from identity_service.domain.entities import event as events
from identity_service.domain.entities import token_event
from identity_service.domain.entities.event import Event
from tests.feed import caught_up
from tests.heard import heard
from tests.house import House, Registered

# What each event ends, or nothing. A class that is missing here fails the test: think about it when you add one.
ENDS: dict[str, tuple[str, ...]] = {
    "UserCreated": (),
    "UserChanged": ("user:U",),
    "PasswordChanged": ("user:U",),
    "UserDeactivated": ("user:U",),
    "UserActivated": ("user:U",),
    "UserDeleted": ("user:U",),
    "SignedOutEverywhere": ("user:U",),
    "SignInFailed": (),
    "CurrentPasswordRefused": (),
    "ClientCreated": (),
    "ClientChanged": ("client:C",),
    "ClientSecretRotated": ("client:C",),
    "ClientDeactivated": ("client:C",),
    "ClientActivated": ("client:C",),
    "ClientDeleted": ("client:C",),
    "FamilyStarted": (),
    "RefreshTokenRotated": (),
    "RefreshTokenRepeated": (),
    "RefreshSuspected": (),
    "FamilyEnded": ("family:F",),
    "AccessTokenIssued": (),
    "AccessTokenRevoked": ("jti:J",),
    "KeysChanged": ("keys",),
    "MasterKeyChanged": (),
    "EverythingRevoked": ("server", "keys"),
}
CLASSES = [
    found
    for name, found in sorted((vars(events) | vars(token_event)).items())
    if isinstance(found, type)
    and issubclass(found, Event)
    and not name.startswith("_")
    and found is not Event
]


def example(kind: type[Event], **ids: str) -> Event:
    """An event of this class about the ids given; every other member is some text."""
    ids = {"user_id": "U", "client_id": "C", "family_id": "F", "jti": "J"} | ids
    values: dict[str, Any] = {}
    for field in dataclasses.fields(kind):
        values[field.name] = ids.get(field.name, () if field.name == "members" else "some text")
    return kind(**values)


@contextmanager
def statements(house: House) -> Iterator[list[str]]:
    """The statements that requests send to the database meanwhile; the feed has a connection of its own."""
    sent: list[str] = []
    with heard(house.container.database(), lambda text, parameters: sent.append(text)):
        yield sent


@pytest.fixture
async def client(house: House) -> Registered:
    await house.add_user()
    return await house.add_client()


async def test_a_remembered_token_and_a_remembered_caller_need_no_database(
    house: House, client: Registered
) -> None:
    token = (await house.sign_in(client))["access_token"]
    await caught_up(house)
    first = await house.introspect(client, token)
    with statements(house) as sent:
        assert [await house.introspect(client, token) for _ in range(3)] == [first] * 3

    assert sent == []


async def test_nothing_is_remembered_where_the_feed_is_out_of_sight(house: House, client: Registered) -> None:
    token = (await house.sign_in(client))["access_token"]
    await house.introspect(client, token)
    house.container.hearing.lease()._start = float("-inf")
    house.container.hearing.lease().extend = lambda start: None
    with statements(house) as sent:
        assert await house.is_active(client, token)

    asked = [text for text in sent if text.startswith("SELECT")]
    assert len(asked) == 5, "the caller, the data keys, whose master key it is, the keys and the token"


async def test_a_wrong_secret_is_refused_while_the_right_one_is_remembered(
    house: House, client: Registered
) -> None:
    token = (await house.sign_in(client))["access_token"]
    await house.introspect(client, token)
    answer = await house.http.post(
        "/oauth2/introspect", data={"token": token}, auth=(client.id, client.secret[:-1] + "!")
    )

    assert answer.status_code == 401


async def test_another_client_is_told_nothing_of_a_remembered_token(house: House, client: Registered) -> None:
    other = await house.add_client()
    token = (await house.sign_in(client))["access_token"]
    await house.introspect(client, token)

    assert await house.introspect(other, token) == {"active": False}


async def test_attack_37_every_event_class_ends_what_it_should() -> None:
    assert {kind.__name__: example(kind).endings() for kind in CLASSES} == ENDS


@pytest.mark.parametrize(
    "way", [pytest.param("its own commit", marks=pytest.mark.all), "the feed", "the carrier"]
)
async def test_attack_13_every_ending_voids_the_remembered_answers_however_it_comes(
    house: House, client: Registered, way: str
) -> None:
    token = (await house.sign_in(client))["access_token"]
    claims = house.container.tokens.access_tokens().parse(token)
    ids = {"client_id": claims.client_id, "user_id": claims.user_id, "family_id": claims.fid}
    kept: list[str] = []
    # Changed keys are read in the background, and then end answers once more: they come last.
    for kind in sorted(CLASSES, key=lambda kind: kind is events.KeysChanged):
        await caught_up(house)
        await house.introspect(client, token)
        with statements(house) as sent:
            await house.introspect(client, token)
            assert not _token_looked_up(sent), kind.__name__
        await WAYS[way](house, example(kind, jti=claims.jti, **ids))
        with statements(house) as sent:
            await house.introspect(client, token)
        if not _token_looked_up(sent):
            kept.append(kind.__name__)

    assert set(kept) == {name for name, tags in ENDS.items() if not tags}


def _token_looked_up(sent: list[str]) -> bool:
    return any("revoked_tokens" in text for text in sent)


async def _own_commit(house: House, about: Event) -> None:
    async with house.container.begin() as uow:
        uow.events.add(about)
        await uow.commit()


async def _feed(house: House, about: Event) -> None:
    async with SqlUnitOfWork(house.container.database(), writing=True, on_endings=lambda tags: None) as uow:
        uow.events.add(about)
        await uow.commit()
    await caught_up(house)


async def _carrier(house: House, about: Event) -> None:
    house.container.hearing.endings().arrived(about.endings())


WAYS: dict[str, Callable[[House, Event], Any]] = {
    "its own commit": _own_commit,
    "the feed": _feed,
    "the carrier": _carrier,
}


async def test_a_name_that_changed_is_shown_at_once(house: House, client: Registered) -> None:
    token = (await house.sign_in(client))["access_token"]
    assert (await house.introspect(client, token))["username"] == "alice"
    user_id = house.container.tokens.access_tokens().parse(token).user_id
    async with house.container.begin() as uow:
        await uow.users.change(
            user_id, {"username": house.container.names().username("alicia")}, version=None
        )
        uow.events.add(events.UserChanged(by="test", user_id=user_id, members=("username",)))
        await uow.commit()

    assert (await house.introspect(client, token))["username"] == "alicia"


async def test_changed_keys_are_read_again_by_the_process_itself(house: House, client: Registered) -> None:
    token = (await house.sign_in(client))["access_token"]
    ring = house.container.key_ring()
    held = {key["kid"] for key in ring.public_jwks()}

    made = await house.container.services().keys.generate_key(by="test")
    async with asyncio.timeout(10):
        while made.kid not in {key["kid"] for key in ring.public_jwks()}:
            await asyncio.sleep(0.01)

    assert {key["kid"] for key in ring.public_jwks()} == held | {made.kid}
    assert await house.is_active(client, token)


async def test_its_state_is_there_to_be_shown(house: House) -> None:
    await caught_up(house)
    state = house.container.liveness().state

    assert (state.in_sight, state.carrier) == (True, "none")
    assert state.feed_age is not None
