"""The judge of access tokens: what it remembers, and what it says while the database is away."""

from contextlib import asynccontextmanager
from typing import Any

import pytest

from identity_service.adapters.memory.endings_carrier import NoEndingsCarrier
from identity_service.application.liveness.access_tokens import AccessTokens, LiveToken
from identity_service.application.liveness.answers import Answers
from identity_service.application.liveness.ended_window import EndedWindow
from identity_service.application.liveness.endings import Endings
from identity_service.application.liveness.keys_in_use import KeysInUse
from identity_service.application.liveness.lease import Lease
from identity_service.domain.entities.token import AccessClaims, AccessState, Epochs
from identity_service.domain.oauth.access_token import to_claims
from identity_service.domain.value_objects.ids import ClientId, FamilyId, UserId
from identity_service.domain.value_objects.scope import Scope
from identity_service.ports.tokens.signer import UnverifiableToken
from identity_service.ports.unit_of_work import StorageUnavailable
from tests.clock import Clock

ALIVE = AccessState(
    current=Epochs(1, 1, 1),
    user_active=True,
    client_active=True,
    family_ended=False,
    jti_revoked=False,
    username="alice",
)
REVOKED = AccessState(
    current=Epochs(1, 1, 1),
    user_active=True,
    client_active=True,
    family_ended=False,
    jti_revoked=True,
    username="alice",
)


class Database:
    """Says what the test put in, and counts how often it was asked."""

    def __init__(self) -> None:
        self.state: AccessState | None = ALIVE
        self.asked = 0

    @asynccontextmanager
    async def __call__(self) -> Any:
        yield self

    @property
    def revoked_tokens(self) -> "Database":
        return self

    async def access_state(self, **_: object) -> AccessState:
        self.asked += 1
        if self.state is None:
            raise StorageUnavailable("away")
        return self.state


USER = "01900000-0000-7000-8000-000000000001"
FAMILY = "01900000-0000-7000-8000-000000000002"


class Keys:
    """Verifies the one token there is."""

    def __init__(self, claims: AccessClaims) -> None:
        self._claims = claims

    def verify(self, token: str | bytes, *, typ: str) -> dict[str, Any]:
        if token != "token":
            raise UnverifiableToken("another")
        return to_claims(self._claims)


class Scene:
    def __init__(self, *, tolerance: float = 0) -> None:
        self.clock, self.boot = Clock(), Clock()
        self.window = EndedWindow(most_tags=100)
        self.lease = Lease(self.boot, tolerance_seconds=tolerance)
        self.lease.extend(self.boot())
        self.database = Database()
        self.endings = Endings(window=self.window, carrier=NoEndingsCarrier())
        self.keys = KeysInUse(endings=self.endings, lease=self.lease, load_keys=self.load_keys)
        self.keys_asked = 0
        claims = AccessClaims(
            iss="https://id.example",
            sub=USER,
            aud=("a",),
            exp=int(self.clock()) + 60,
            iat=int(self.clock()),
            jti="j",
            client_id=ClientId("c"),
            scope=Scope.parse("read"),
            epochs=Epochs(1, 1, 1),
            user_id=UserId(USER),
            fid=FamilyId(FAMILY),
        )
        self.tokens = AccessTokens(
            verify=Keys(claims),
            read=self.database,  # type: ignore[arg-type]  # the one repository that is asked
            answers=Answers[LiveToken](window=self.window, lease=self.lease, most=10),
            keys=self.keys,
            issuer="https://id.example",
            clock=self.clock,
        )

    async def load_keys(self) -> bool:
        self.keys_asked += 1
        return False

    async def alive(self, token: str = "token") -> bool:
        return await self.tokens.find(token) is not None


async def test_a_live_token_is_looked_up_once() -> None:
    scene = Scene()

    assert [await scene.alive() for _ in range(3)] == [True] * 3
    assert scene.database.asked == 1


async def test_a_token_that_was_not_signed_here_is_not_looked_up() -> None:
    scene = Scene()

    assert not await scene.alive("garbage")
    assert scene.database.asked == 0


async def test_a_dead_token_is_not_remembered() -> None:
    scene = Scene()
    scene.database.state = REVOKED

    assert not await scene.alive()
    assert not await scene.alive()
    assert scene.database.asked == 2


@pytest.mark.parametrize("tag", ["server", "keys", "client:c", f"user:{USER}", f"family:{FAMILY}", "jti:j"])
async def test_every_tag_of_a_token_ends_what_is_remembered_of_it(tag: str) -> None:
    scene = Scene()
    await scene.alive()
    scene.window.apply([tag])
    scene.database.state = REVOKED

    assert not await scene.alive()


async def test_exp_is_honoured_to_the_second_by_what_is_remembered() -> None:
    scene = Scene()
    await scene.alive()
    scene.clock.now += 59.9
    assert await scene.alive()
    scene.clock.now += 0.1

    assert not await scene.alive()
    assert scene.database.asked == 1


async def test_an_ending_during_the_lookup_keeps_its_result_from_being_remembered() -> None:
    scene = Scene()
    access_state = scene.database.access_state

    async def slow(**ids: object) -> AccessState:
        state = await access_state(**ids)
        scene.window.apply(["jti:j"])
        return state

    scene.database.access_state = slow  # type: ignore[method-assign]  # a look-up that an ending overtakes
    await scene.alive()
    scene.database.state = REVOKED

    assert not await scene.alive()


async def test_out_of_sight_of_the_feed_every_request_looks_up() -> None:
    scene = Scene()
    await scene.alive()
    scene.boot.now += 1
    scene.database.state = REVOKED

    assert not await scene.alive()


async def test_without_feed_and_database_there_is_no_answer() -> None:
    scene = Scene()
    await scene.alive()
    scene.boot.now += 1
    scene.database.state = None

    with pytest.raises(StorageUnavailable):
        await scene.alive()


async def test_where_it_is_tolerated_a_remembered_answer_serves_while_the_database_is_away() -> None:
    scene = Scene(tolerance=30)
    await scene.alive()
    scene.boot.now += 30
    scene.database.state = None

    assert await scene.alive()


async def test_what_a_lookup_found_dead_is_not_tolerated_afterwards() -> None:
    scene = Scene(tolerance=30)
    await scene.alive()
    scene.boot.now += 5
    scene.database.state = REVOKED
    assert not await scene.alive()
    scene.database.state = None

    with pytest.raises(StorageUnavailable):
        await scene.alive()


async def test_keys_are_read_before_a_signature_counts_where_the_feed_is_out_of_sight() -> None:
    scene = Scene()
    assert await scene.alive()
    read_once = scene.keys_asked
    assert await scene.alive()
    assert scene.keys_asked == read_once

    scene.boot.now += 2
    assert await scene.alive()

    assert scene.keys_asked == read_once + 1


async def test_keys_are_read_before_a_signature_counts_once_they_changed() -> None:
    scene = Scene()
    assert await scene.alive()
    read_once = scene.keys_asked

    scene.endings.arrived(("keys",))

    assert [await scene.alive() for _ in range(2)] == [True, True]
    assert scene.keys_asked == read_once + 1


async def test_where_the_keys_cannot_be_read_no_answer_is_given() -> None:
    scene = Scene()
    assert await scene.alive()

    async def away() -> bool:
        raise StorageUnavailable("gone")

    scene.keys._load_keys = away
    scene.boot.now += 2

    with pytest.raises(StorageUnavailable):
        await scene.alive()
