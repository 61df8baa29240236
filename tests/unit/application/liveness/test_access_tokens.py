"""The judge of access tokens: what it remembers, and what it says while the database is away."""

from collections.abc import Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest

from identity_service.adapters.memory.endings_carrier import NoEndingsCarrier
from identity_service.application.liveness.access_tokens import AccessTokens
from identity_service.application.liveness.answers import Answers
from identity_service.application.liveness.ended_tokens import EndedTokens
from identity_service.application.liveness.ended_window import EndedWindow
from identity_service.application.liveness.endings import Endings
from identity_service.application.liveness.keys_in_use import KeysInUse
from identity_service.application.liveness.lease import Lease
from identity_service.application.liveness.look_ups import LookUps
from identity_service.application.liveness.standing import Principal, Standing
from identity_service.domain.entities.token import AccessClaims, AccessState, Epochs, TokenTies
from identity_service.domain.oauth.access_token import to_claims
from identity_service.domain.value_objects.ids import ClientId, FamilyId, UserId
from identity_service.domain.value_objects.scope import Scope
from identity_service.ports.tokens.signer import UnknownKey, UnverifiableToken
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

    async def access_states(self, wanted: Sequence[TokenTies]) -> list[AccessState]:
        self.asked += 1
        if self.state is None:
            raise StorageUnavailable("away")
        return [self.state] * len(wanted)


USER = "01900000-0000-7000-8000-000000000001"
FAMILY = "01900000-0000-7000-8000-000000000002"


class Keys:
    """Verifies tokens that are the name of their jti, and no others; `jti-newer` once its key is there."""

    def __init__(self, claims: AccessClaims) -> None:
        self._claims = claims
        self.newer = False

    def verify(self, token: str | bytes, *, typ: str) -> dict[str, Any]:
        if token == "jti-newer" and not self.newer:
            raise UnknownKey("not read yet")
        if not isinstance(token, str) or not token.startswith("jti-"):
            raise UnverifiableToken("another")
        return to_claims(self._claims._replace(jti=token))


class Scene:
    def __init__(self, *, tolerance: float = 0, **claims: Any) -> None:
        self.clock, self.boot = Clock(), Clock()
        self.window, self.ended = EndedWindow(most_tags=100), EndedTokens(most=100)
        self.lease = Lease(self.boot, tolerance_seconds=tolerance)
        self.lease.extend(self.boot())
        self.database = Database()
        self.endings = Endings(window=self.window, tokens=self.ended, carrier=NoEndingsCarrier())
        self.keys = KeysInUse(endings=self.endings, lease=self.lease, load_keys=self.load_keys)
        self.keys_asked = 0
        self.claims = AccessClaims(
            **{
                "iss": "https://id.example",
                "sub": USER,
                "aud": ("a",),
                "exp": int(self.clock()) + 60,
                "iat": int(self.clock()),
                "jti": "",
                "client_id": ClientId("c"),
                "scope": Scope.parse("read"),
                "epochs": Epochs(1, 1, 1),
                "user_id": UserId(USER),
                "fid": FamilyId(FAMILY),
            }
            | claims
        )
        self.verifier = Keys(self.claims)
        self.tokens = AccessTokens(
            verify=self.verifier,
            standing=Standing(
                ended=self.ended,
                clients=Answers[Principal](window=self.window, lease=self.lease, most=10),
                users=Answers[Principal](window=self.window, lease=self.lease, most=10),
                clock=self.clock,
            ),
            look_up=LookUps(self.database),  # type: ignore[arg-type]  # the one repository that is asked
            keys=self.keys,
            issuer="https://id.example",
            clock=self.clock,
        )
        self.ended.finish(self.ended.begin())

    async def load_keys(self) -> bool:
        self.keys_asked += 1
        return False

    async def alive(self, token: str = "jti-1") -> bool:
        return await self.tokens.find(token) is not None

    def alive_unasked(self, token: str = "jti-1") -> bool | None:
        judged = self.tokens.judge_unasked(token)
        return None if judged is None else judged.live is not None

    async def knows_the_principals(self) -> None:
        assert await self.alive("jti-0")
        self.database.asked = 0


async def test_the_first_token_of_a_person_is_looked_up_and_those_after_it_are_not() -> None:
    scene = Scene()

    assert scene.alive_unasked() is None
    assert [await scene.alive(f"jti-{number}") for number in range(3)] == [True] * 3
    assert scene.alive_unasked("jti-9") is True
    assert scene.database.asked == 1


async def test_a_token_that_was_not_signed_here_is_not_looked_up() -> None:
    scene = Scene()
    await scene.knows_the_principals()

    assert not await scene.alive("garbage")
    assert scene.alive_unasked("garbage") is False
    assert scene.database.asked == 0


async def test_what_is_known_of_the_person_is_shown() -> None:
    scene = Scene()
    await scene.knows_the_principals()

    judged = scene.tokens.judge_unasked("jti-1")

    assert judged is not None
    assert judged.live is not None
    assert (judged.live.username, judged.live.claims.jti) == ("alice", "jti-1")
    assert set(judged.tags) == {"server", "keys", "client:c", f"user:{USER}", f"family:{FAMILY}", "jti:jti-1"}


@pytest.mark.parametrize("tag", ["server", "client:c", f"user:{USER}", f"family:{FAMILY}", "jti:jti-1"])
async def test_attack_13_whatever_of_a_token_ended_or_changed_the_primary_is_asked(tag: str) -> None:
    scene = Scene()
    await scene.knows_the_principals()
    scene.endings.arrived([tag])
    scene.database.state = REVOKED

    assert scene.alive_unasked() is None
    assert not await scene.alive()
    assert scene.database.asked == 1


async def test_the_ending_of_another_token_leaves_it_alone() -> None:
    scene = Scene()
    await scene.knows_the_principals()
    scene.endings.arrived(["jti:jti-2", "user:another"])

    assert scene.alive_unasked() is True


async def test_an_ending_that_was_announced_and_did_not_happen_leaves_the_token_alive() -> None:
    """A commit that failed after all: the tag means "ask", it is no verdict."""
    scene = Scene()
    await scene.knows_the_principals()
    scene.endings.arrived(["jti:jti-1"])

    assert await scene.alive()


@pytest.mark.parametrize("known", [Epochs(0, 1, 1), Epochs(1, 0, 1), Epochs(1, 1, 0)], ids=str)
async def test_a_token_that_is_newer_than_what_is_known_is_looked_up(known: Epochs) -> None:
    """Another process raised an epoch and gave the token; the news is on its way."""
    scene = Scene()
    scene.database.state = ALIVE._replace(current=known)
    assert not await scene.alive("jti-0")
    scene.database.state = ALIVE

    assert scene.alive_unasked() is None
    assert await scene.alive()


@pytest.mark.parametrize("inactive", ["user_active", "client_active"])
async def test_who_is_not_active_is_asked_for_each_time(inactive: str) -> None:
    scene = Scene()
    scene.database.state = ALIVE._replace(**{inactive: False})

    assert [await scene.alive() for _ in range(2)] == [False, False]
    assert scene.database.asked == 2


async def test_before_the_ended_tokens_are_known_each_token_is_looked_up() -> None:
    scene = Scene()
    await scene.knows_the_principals()
    scene.endings.maybe_missed()

    assert [await scene.alive(f"jti-{number}") for number in range(3)] == [True] * 3
    assert scene.database.asked == 3


async def test_exp_is_honoured_to_the_second() -> None:
    scene = Scene()
    await scene.knows_the_principals()
    scene.clock.now += 59.9
    assert scene.alive_unasked() is True
    scene.clock.now += 0.1

    assert scene.alive_unasked() is False
    assert not await scene.alive()


async def test_an_ending_during_the_lookup_keeps_its_result_from_being_used_again() -> None:
    scene = Scene()
    access_states = scene.database.access_states

    async def slow(wanted: Sequence[TokenTies]) -> list[AccessState]:
        states = await access_states(wanted)
        scene.endings.arrived([f"user:{USER}"])
        return states

    scene.database.access_states = slow  # type: ignore[method-assign]  # a look-up that an ending overtakes
    await scene.alive()

    assert scene.alive_unasked() is None


async def test_out_of_sight_of_the_feed_every_request_looks_up() -> None:
    scene = Scene()
    await scene.knows_the_principals()
    scene.boot.now += 1
    scene.database.state = REVOKED

    assert scene.alive_unasked() is None
    assert not await scene.alive()


async def test_without_feed_and_database_there_is_no_answer() -> None:
    scene = Scene(tolerance=30)
    await scene.knows_the_principals()
    scene.boot.now += 1
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


async def test_a_token_of_a_key_newer_than_the_known_ones_waits_for_the_keys_of_today() -> None:
    """Who was cut off while keys were rotated does not call it dead, nor take its revocation for done."""
    scene = Scene()

    async def load_keys() -> bool:
        scene.verifier.newer = True
        return True

    scene.keys._load_keys = load_keys

    assert scene.alive_unasked("jti-newer") is None
    assert await scene.alive("jti-newer")
    assert await scene.tokens.claims_of("jti-newer") is not None


async def test_while_the_keys_are_those_of_today_an_unknown_key_costs_nothing() -> None:
    scene = Scene()
    await scene.knows_the_principals()
    read_once = scene.keys_asked

    assert scene.alive_unasked("jti-newer") is False
    assert not await scene.alive("jti-newer")
    assert await scene.tokens.claims_of("jti-newer") is None
    assert scene.keys_asked == read_once


async def test_where_the_keys_cannot_be_read_nothing_is_said_of_an_unknown_key() -> None:
    scene = Scene()

    async def away() -> bool:
        raise StorageUnavailable("gone")

    scene.keys._load_keys = away

    with pytest.raises(StorageUnavailable):
        await scene.alive("jti-newer")
    assert not await scene.alive("garbage")
