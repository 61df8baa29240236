"""Any history of refreshes, repetitions, thefts and endings leaves one live head or none, and a replay leaves none."""

import asyncio
import shutil
import tempfile
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    precondition,
    rule,
)
from sqlalchemy import text

from identity_service.domain.entities.event import PasswordChanged
from tests.house import House, Registered, open_house, settings_for
from tests.migrated import copy_of, migrate_sqlite


class Rotation(RuleBasedStateMachine):
    """A model of one family beside the server: which token is the head, which were spent, whether it is over."""

    tokens = Bundle("tokens")

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.folder = Path(tempfile.mkdtemp(prefix="rotation-"))
        self.stack = AsyncExitStack()

    def run(self, awaitable: Any) -> Any:
        return self.loop.run_until_complete(awaitable)

    @initialize(target=tokens)
    def sign_in(self) -> str:
        url = copy_of(template(), self.folder)
        self.house: House = self.run(
            self.stack.enter_async_context(open_house(settings_for(self.folder, database_url=url)))
        )
        self.user = self.run(self.house.add_user())
        self.client: Registered = self.run(self.house.add_client())
        self.other: Registered = self.run(self.house.add_client())
        answer = self.run(self.house.sign_in(self.client))
        self.head = answer["refresh_token"]
        self.spent: list[str] = []
        self.repeatable: str | None = None
        self.over = False
        self.access = [answer["access_token"]]
        return str(self.head)

    def expected(self, token: str) -> bool:
        """Whether the model says that this token is answered."""
        return not self.over and (token == self.head or token == self.repeatable)

    def after(self, token: str, answer: dict[str, Any]) -> str:
        """Move the model on by one refresh; answer the token that the client now holds."""
        if self.over or not self.expected(token):
            assert answer["error"] == "invalid_grant"
            self.over = True  # a replay ends the family; where it was over, it stays so
            return token
        if token == self.head:
            self.spent.append(token)
            self.repeatable, self.head = token, answer["refresh_token"]
        assert answer["refresh_token"] == self.head
        self.access.append(answer["access_token"])
        return str(self.head)

    @rule(target=tokens, token=tokens)
    def refresh(self, token: str) -> str:
        return self.after(token, self.ask(self.client, token))

    @rule(target=tokens, token=tokens, callers=st.integers(2, 5))
    def race(self, token: str, callers: int) -> str:
        """Concurrent calls with one token: all answered alike, as one call would be."""

        async def all_at_once() -> list[Any]:
            return await asyncio.gather(*(self.asking(self.client, token) for _ in range(callers)))

        answers = self.run(all_at_once())
        assert len({answer.get("refresh_token") for answer in answers}) == 1
        return self.after(token, answers[0])

    @rule(token=tokens)
    def another_client_tries(self, token: str) -> None:
        assert self.ask(self.other, token)["error"] == "invalid_grant"

    @rule(token=tokens)
    def a_scope_too_wide(self, token: str) -> None:
        """Refused before anything is spent or judged a replay."""
        assert self.ask(self.client, token, scope="read admin")["error"] == "invalid_scope"

    @rule()
    def the_grace_closes(self) -> None:
        self.run(self.sql("UPDATE refresh_tokens SET grace_until = spent_at WHERE spent_at IS NOT NULL"))
        self.repeatable = None

    @precondition(lambda self: not self.over)
    @rule(token=consumes(tokens), by_owner=st.booleans())
    def revoke(self, token: str, by_owner: bool) -> None:
        caller = self.client if by_owner else self.other
        answer = self.run(self.house.post("/oauth2/revoke", caller, token=token))
        assert answer.status_code == 200
        self.over = self.over or by_owner

    @rule()
    def the_epoch_is_raised(self) -> None:
        self.run(self.change_password())
        self.over = True

    @invariant()
    def access_tokens_live_as_long_as_the_family(self) -> None:
        if hasattr(self, "house"):
            active = self.run(self.house.is_active(self.client, self.access[-1]))
            assert active is not self.over

    @invariant()
    def at_most_one_token_is_unspent(self) -> None:
        if hasattr(self, "house"):
            rows = self.run(self.sql("SELECT count(*) FROM refresh_tokens WHERE spent_at IS NULL"))
            assert rows.scalar() == 1

    @invariant()
    def at_most_one_nonce_is_kept(self) -> None:
        if hasattr(self, "house"):
            rows = self.run(self.sql("SELECT count(*) FROM refresh_tokens WHERE nonce IS NOT NULL"))
            assert rows.scalar() <= 1

    async def change_password(self) -> None:
        async with self.house.container.begin() as uow:
            await uow.users.change(self.user.id, {}, version=None, raise_epoch=True)
            uow.events.add(PasswordChanged(by="test", user_id=self.user.id))
            await uow.commit()

    async def asking(self, client: Registered, token: str, **form: Any) -> dict[str, Any]:
        answer = await self.house.token(client, grant_type="refresh_token", refresh_token=token, **form)
        assert answer.status_code in (200, 400)
        return dict(answer.json())

    def ask(self, client: Registered, token: str, **form: Any) -> dict[str, Any]:
        return dict(self.run(self.asking(client, token, **form)))

    async def sql(self, statement: str) -> Any:
        async with self.house.container.database().engine.begin() as connection:
            return await connection.execute(text(statement))

    def teardown(self) -> None:
        self.run(self.stack.aclose())
        self.loop.close()
        shutil.rmtree(self.folder)


def template() -> Path:
    """One migrated database for all runs of this process."""
    if not _TEMPLATES:
        folder = Path(tempfile.mkdtemp(prefix="rotation-template-"))
        migrate_sqlite(folder / "template.sqlite3")
        _TEMPLATES.append(folder / "template.sqlite3")
    return _TEMPLATES[0]


_TEMPLATES: list[Path] = []


def histories(number: int) -> settings:
    """So many, of twenty steps each."""
    return settings(
        max_examples=number,
        stateful_step_count=20,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )


class TestRotation(Rotation.TestCase):
    settings = histories(12)


@pytest.mark.all
class TestRotationAtLength(Rotation.TestCase):
    settings = histories(200)
