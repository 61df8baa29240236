"""The statement that looks at an interaction, at who is signed in with its browser, and at what they agreed to."""

from collections import namedtuple
from collections.abc import Sequence
from functools import partial
from typing import Any

from sqlalchemy import Integer, Label, Uuid, bindparam, select, true
from sqlalchemy.sql.expression import FromClause

from identity_service.adapters.sql.consents import to_consent
from identity_service.adapters.sql.dialect import database_now
from identity_service.adapters.sql.hot_statements import HotStatement
from identity_service.adapters.sql.schema.sign_in import consents, interactions, sessions
from identity_service.adapters.sql.sessions import living, seen_within, to_session
from identity_service.domain.entities.authorization_request import from_json
from identity_service.domain.entities.interaction import Interaction
from identity_service.domain.value_objects.ids import InteractionId
from identity_service.ports.repositories.sessions import InteractionSeen

_LIVING, _AGREED = "living_", "agreed_"


def parameters(
    interaction_id: str, *, browser: bytes, session: bytes | None, idle_seconds: int
) -> dict[str, Any]:
    """No session has an empty digest."""
    return {
        "interaction": interaction_id,
        "browser": browser,
        "session": session or b"",
        "seconds": -idle_seconds,
    }


def _named(prefix: str, table: FromClause) -> list[Label[Any]]:
    return [column.label(prefix + column.name) for column in table.c]


class _Part:
    """Some neighbouring columns of a row, by the names they have in their table."""

    def __init__(self, table: FromClause, *, after: int) -> None:
        names = [column.name for column in table.c]
        self._row: Any = namedtuple("Part", names)  # type: ignore[misc]  # named by the table
        self._slice = slice(after, after + len(names))
        self.end = self._slice.stop

    def of(self, row: Any) -> Any:
        """The part of this row; None where an outer join found nothing."""
        values = row[self._slice]
        return None if values[0] is None else self._row._make(values)


def _interaction(row: Any) -> Interaction:
    return Interaction(
        id=InteractionId(row.id),
        request=from_json(row.request),
        session_id=row.session_id,
        signed_in=row.signed_in,
        account_chosen=row.account_chosen,
        another_account=row.another_account,
        consented=row.consented,
        finished=row.finished_at is not None,
    )


def _seen(living: _Part, agreed: _Part, rows: Sequence[Any]) -> InteractionSeen | None:
    if not rows:
        return None
    row = rows[0]
    session, consent = living.of(row), agreed.of(row)
    return InteractionSeen(
        interaction=_interaction(row),
        session=None if session is None else to_session(session),
        consent=None if consent is None else to_consent(consent),
    )


def _statement() -> HotStatement[InteractionSeen | None]:
    session = (
        living()
        .where(
            sessions.c.digest == bindparam("session", type_=sessions.c.digest.type),
            seen_within(bindparam("seconds", type_=Integer)),
        )
        .subquery("living")
    )
    client_id = interactions.c.request["client_id"].as_string()
    agreed = (consents.c.user_id == session.c.user_id) & (consents.c.client_id == client_id)
    statement = (
        select(interactions, *_named(_LIVING, session), *_named(_AGREED, consents))
        .select_from(interactions.outerjoin(session, true()).outerjoin(consents, agreed))
        .where(
            interactions.c.id == bindparam("interaction", type_=Uuid(as_uuid=False)),
            interactions.c.browser == bindparam("browser", type_=interactions.c.browser.type),
            interactions.c.expires_at > database_now(),
        )
    )
    living_part = _Part(session, after=len(interactions.c))
    return HotStatement(statement, partial(_seen, living_part, _Part(consents, after=living_part.end)))


SEEN = _statement()
