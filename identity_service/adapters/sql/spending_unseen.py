"""The statement that spends a refresh token and answers its family, which nobody has read before. Postgres only."""

import json
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Text, bindparam, cast, func, insert, literal_column, null, select, update
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.types import LargeBinary
from uuid_utils import uuid7

from identity_service.adapters.sql import spending
from identity_service.adapters.sql.at_once import PAYLOAD, event_parameters, recorded_event
from identity_service.adapters.sql.dialect import database_now, seconds_from_now, uuid_text
from identity_service.adapters.sql.families import ALIVE, to_family
from identity_service.adapters.sql.hot_statements import HotStatement
from identity_service.adapters.sql.schema.accounts import server_state, users
from identity_service.adapters.sql.schema.clients import clients
from identity_service.adapters.sql.schema.tokens import families, refresh_tokens
from identity_service.domain.entities.event import Event
from identity_service.domain.value_objects.ids import FamilyId
from identity_service.ports.repositories.tokens import Bounds, Spend, Spent


def parameters(spend: Spend, bounds: Bounds, event: Callable[[FamilyId], Event]) -> dict[str, Any]:
    """The event is written around a name that nothing else has, and the statement puts the family's in its place.

    Raises ValueError for an event that is more than a row of its own.
    """
    stand_in = FamilyId(str(uuid7()))
    given = event_parameters(event(stand_in))
    before, _, after = given["event_payload"].partition(stand_in.encode())
    if given["event_about"] or given["event_endings"]:
        raise ValueError("such an event is not recorded here")
    return {
        **spending.parameters(spend),
        **given,
        "asked": str(bounds.scope),
        "own": _listed(bounds.audience),
        "event_payload": before,
        "event_payload_rest": after,
    }


@lru_cache(maxsize=16)
def _listed(audience: frozenset[str]) -> str:
    return json.dumps(sorted(audience))


def statement_for(spend: Spend) -> HotStatement[Spent | None]:
    """With a nonce or without."""
    return REPEATABLY if spend.nonce is not None else STRICTLY


def _spend(*, repeatable: bool) -> HotStatement[Spent | None]:
    within = _tokens(families.c.scope).op("@>")(_tokens(bindparam("asked", type_=Text)))
    for_us = cast(families.c.audience, JSONB).op("<@")(cast(bindparam("own", type_=Text), JSONB))
    spent = (
        update(refresh_tokens)
        .where(refresh_tokens.c.digest == bindparam("presented"), refresh_tokens.c.spent_at.is_(None))
        .where(families.c.id == refresh_tokens.c.family_id, families.c.client_id == bindparam("owner"))
        .where(users.c.id == families.c.user_id, clients.c.client_id == families.c.client_id)
        .where(server_state.c.id == 1, ALIVE, within, for_us)
        .values(
            spent_at=database_now(),
            successor_digest=bindparam("successor"),
            nonce=bindparam("made_with") if repeatable else null(),
            grace_until=seconds_from_now(bindparam("grace")) if repeatable else null(),
        )
        .returning(*families.c, users.c.admin.label("user_is_admin"))
        .cte("spent")
    )
    made = insert(refresh_tokens).from_select(
        ["digest", "family_id", "created_at"],
        select(bindparam("successor", type_=refresh_tokens.c.digest.type), spent.c.id, database_now()),
    )
    erased = spending.ERASE_NONCE_BEFORE.where(select(spent.c.id).exists())
    name = func.convert_to(uuid_text(spent.c.id), literal_column("'UTF8'"), type_=LargeBinary)
    payload = PAYLOAD.op("||")(name).op("||")(bindparam("event_payload_rest", type_=LargeBinary))
    others = (made.cte("made"), erased.cte("erased"), recorded_event(spent, payload=payload))
    return HotStatement(select(*spent.c).add_cte(*others), _of_rows)


def _tokens(scope: ColumnElement[str]) -> ColumnElement[Any]:
    return func.string_to_array(scope, literal_column("' '"))


def _of_rows(rows: Sequence[Any]) -> Spent | None:
    return Spent(to_family(rows[0]), rows[0].user_is_admin) if rows else None


REPEATABLY = _spend(repeatable=True)
STRICTLY = _spend(repeatable=False)
