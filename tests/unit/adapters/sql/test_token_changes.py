"""A change that may have been made is applied to this process as if it had been."""

from typing import Any, cast

import pytest

from identity_service.adapters.sql.database import Database
from identity_service.adapters.sql.token_changes import ChangesAtOnce
from identity_service.domain.entities.token_event import AccessTokenRevoked
from identity_service.ports.unit_of_work import StorageUnavailable


class Lost:
    """A database whose answer does not come."""

    async def change(self, statement: Any, parameters: Any) -> Any:
        raise StorageUnavailable("the connection broke", in_doubt=True)


async def test_what_a_change_ends_is_told_even_where_its_answer_is_lost() -> None:
    told: list[str] = []
    changes = ChangesAtOnce(cast(Database, Lost()), on_endings=told.extend)
    with pytest.raises(StorageUnavailable):
        await changes.revoke(
            "J", expires_at=4_000_000_000, event=AccessTokenRevoked(by="c", jti="J", client_id="c")
        )
    assert told == ["jti:J"]
