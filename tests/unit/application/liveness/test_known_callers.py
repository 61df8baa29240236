"""Callers that proved themselves: remembered for some seconds, never longer than their secret lives."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from identity_service.application.authentication.client import AuthenticateClient
from identity_service.application.liveness.answers import Answers
from identity_service.application.liveness.ended_window import EndedWindow
from identity_service.application.liveness.known_callers import (
    SECONDS,
    KnownCaller,
    KnownCallers,
)
from identity_service.application.liveness.lease import Lease
from identity_service.domain.entities.client import Client, ClientSecret
from identity_service.domain.oauth.client_auth import PresentedClient
from identity_service.domain.oauth.errors import InvalidClient
from identity_service.domain.value_objects.ids import ClientId
from identity_service.domain.value_objects.scope import Scope
from identity_service.domain.value_objects.secret import Secret
from identity_service.ports.unit_of_work import StorageUnavailable
from tests.clock import Clock
from tests.entities import client
from tests.house import NOW

CLIENT = client(
    client_id=ClientId("c"), scope=Scope.parse("read"), token_endpoint_auth_method=None, resource_server=True
)


class Authentication(AuthenticateClient):
    """Knows one secret, and counts how often it was asked."""

    def __init__(self) -> None:
        self.client = CLIENT
        self.secret = "right"
        self.away = False
        self.asked = 0

    async def __call__(self, presented: PresentedClient, *, address: str | None) -> Client:
        self.asked += 1
        if self.away:
            raise StorageUnavailable("away")
        if self.client.is_public or (presented.secret and presented.secret.reveal() == self.secret):
            return self.client
        raise InvalidClient


class Scene:
    def __init__(self, *, tolerance: float = 0) -> None:
        self.clock, self.boot = Clock(), Clock()
        self.window = EndedWindow(most_tags=100)
        self.lease = Lease(self.boot, tolerance_seconds=tolerance)
        self.lease.extend(self.boot())
        self.authentication = Authentication()
        self.callers = KnownCallers(
            authenticate=self.authentication,
            answers=Answers[KnownCaller](window=self.window, lease=self.lease, most=10),
            key=bytes(32),
            clock=self.clock,
        )

    async def ask(
        self, client_id: str = "c", secret: str | None = "right", method: str = "client_secret_basic"
    ) -> Client:
        presented = PresentedClient(
            client_id,
            method,  # type: ignore[arg-type]  # one of the literals
            None if secret is None else Secret(secret),
        )
        return (await self.callers(presented, address=None)).client

    async def ask_while_away(self, secret: str) -> Client:
        presented = PresentedClient("c", "client_secret_basic", Secret(secret))
        return (await self.callers.or_while_away(presented, address=None, authorization=None)).client


async def test_a_proof_is_remembered() -> None:
    scene = Scene()

    assert [await scene.ask() for _ in range(3)] == [CLIENT] * 3
    assert scene.authentication.asked == 1


@pytest.mark.parametrize(
    ("client_id", "secret", "method"),
    [
        ("c", "wrong", "client_secret_basic"),
        ("cr", "ight", "client_secret_basic"),
        ("c", "right", "client_secret_post"),
    ],
    ids=["another secret", "the same letters cut elsewhere", "another method"],
)
async def test_only_the_very_same_proof_is_remembered(client_id: str, secret: str, method: str) -> None:
    scene = Scene()
    await scene.ask()
    scene.authentication.secret = "changed"

    with pytest.raises(InvalidClient):
        await scene.ask(client_id, secret, method)


async def test_a_failure_is_not_remembered() -> None:
    scene = Scene()
    for _ in range(2):
        with pytest.raises(InvalidClient):
            await scene.ask(secret="wrong")

    assert scene.authentication.asked == 2


async def test_a_public_client_is_not_remembered() -> None:
    scene = Scene()
    scene.authentication.client = replace(CLIENT, token_endpoint_auth_method="none")
    for _ in range(2):
        await scene.ask(secret=None, method="none")

    assert scene.authentication.asked == 2


async def test_a_proof_is_forgotten_after_some_seconds() -> None:
    scene = Scene()
    await scene.ask()
    scene.clock.now += SECONDS

    await scene.ask()
    assert scene.authentication.asked == 2


async def test_a_proof_is_forgotten_when_a_secret_of_the_client_runs_out() -> None:
    scene = Scene()
    ends = datetime.fromtimestamp(scene.clock() + 3, UTC)
    secret = ClientSecret(id="s", scheme="sha256", stored="", expires_at=ends, created_at=NOW)
    scene.authentication.client = replace(CLIENT, secrets=(secret,))
    await scene.ask()
    scene.clock.now += 2.9
    await scene.ask()
    assert scene.authentication.asked == 1
    scene.clock.now += 0.1

    await scene.ask()
    assert scene.authentication.asked == 2


@pytest.mark.parametrize("tag", ["server", "client:c"])
async def test_a_change_of_the_client_ends_its_proof(tag: str) -> None:
    scene = Scene()
    await scene.ask()
    scene.window.apply([tag])
    scene.authentication.secret = "rotated"

    with pytest.raises(InvalidClient):
        await scene.ask()


async def test_out_of_sight_of_the_feed_every_proof_is_checked() -> None:
    scene = Scene()
    await scene.ask()
    scene.boot.now += 1
    scene.authentication.secret = "rotated"

    with pytest.raises(InvalidClient):
        await scene.ask()


async def test_without_feed_and_database_nobody_is_known() -> None:
    scene = Scene()
    await scene.ask()
    scene.boot.now += 1
    scene.authentication.away = True

    with pytest.raises(StorageUnavailable):
        await scene.ask()


@pytest.mark.parametrize("secret", ["right", "wrong"])
async def test_where_it_is_tolerated_a_proof_serves_who_may_be_told_what_is_old(secret: str) -> None:
    scene = Scene(tolerance=30)
    await scene.ask()
    scene.boot.now += 1
    scene.authentication.away = True

    if secret == "right":
        assert await scene.ask_while_away(secret) == CLIENT
    else:
        with pytest.raises(StorageUnavailable):
            await scene.ask_while_away(secret)


async def test_nobody_else_is_served_by_a_proof_while_the_database_is_away() -> None:
    scene = Scene(tolerance=30)
    await scene.ask()
    scene.boot.now += 1
    scene.authentication.away = True

    with pytest.raises(StorageUnavailable):
        await scene.ask()


async def test_who_may_be_told_what_is_old_is_told_what_is_new_while_it_can_be_had() -> None:
    scene = Scene(tolerance=30)
    await scene.ask()
    scene.boot.now += 1
    scene.authentication.secret = "rotated"

    with pytest.raises(InvalidClient):
        await scene.ask_while_away("right")
