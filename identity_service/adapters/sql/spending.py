"""The statements that spend a refresh token: step by step in a transaction, and all in one for Postgres."""

from typing import Any

from sqlalchemy import Integer, bindparam, insert, null, select, update
from sqlalchemy.sql.dml import ReturningUpdate

from identity_service.adapters.sql.at_once import at_once
from identity_service.adapters.sql.dialect import database_now, seconds_from_now
from identity_service.adapters.sql.families import ALIVE, with_owners
from identity_service.adapters.sql.hot_statements import HotStatement
from identity_service.adapters.sql.schema.tokens import families, refresh_tokens
from identity_service.ports.repositories.tokens import Spend


def parameters(spend: Spend) -> dict[str, Any]:
    """For either way of spending."""
    return {
        "presented": spend.digest,
        "owner": spend.client_id,
        "successor": spend.successor,
        "made_with": spend.nonce,
        "grace": spend.grace_seconds,
    }


def at_once_for(spend: Spend) -> HotStatement[Any]:
    """The one statement; it answers the family's expiry."""
    return REPEATABLY_AT_ONCE if spend.nonce is not None else STRICTLY_AT_ONCE


def _spend(*, repeatable: bool) -> ReturningUpdate[Any]:
    """The atomic spend: it finds nothing unless the token is unspent, the client's, and its family alive."""
    family = families.c.id == refresh_tokens.c.family_id
    alive = (
        with_owners(select(families.c.id).select_from(families))
        .where(family, families.c.client_id == bindparam("owner"), ALIVE)
        .correlate(refresh_tokens)
        .exists()
    )
    expiry = select(families.c.expires_at).where(family).correlate(refresh_tokens).scalar_subquery()
    return (
        update(refresh_tokens)
        .where(refresh_tokens.c.digest == bindparam("presented"), refresh_tokens.c.spent_at.is_(None), alive)
        .values(
            spent_at=database_now(),
            successor_digest=bindparam("successor"),
            nonce=bindparam("made_with") if repeatable else null(),
            grace_until=seconds_from_now(bindparam("grace", type_=Integer)) if repeatable else null(),
        )
        .returning(refresh_tokens.c.family_id, expiry.label("expires_at"))
    )


def _at_once(spend: ReturningUpdate[Any]) -> HotStatement[Any]:
    """The spend, its successor, and the nonce of the token before. No part touches a row of another."""
    spent = spend.cte("spent")
    made = insert(refresh_tokens).from_select(
        ["digest", "family_id", "created_at"],
        select(bindparam("successor", type_=refresh_tokens.c.digest.type), spent.c.family_id, database_now()),
    )
    erased = ERASE_NONCE_BEFORE.where(select(spent.c.family_id).exists())
    return at_once(spent, made.cte("made"), erased.cte("erased"), answer=spent.c.expires_at)


REPEATABLY = _spend(repeatable=True)
STRICTLY = _spend(repeatable=False)
INSERT = insert(refresh_tokens).values(
    digest=bindparam("digest"), family_id=bindparam("family_id"), created_at=database_now()
)
ERASE_NONCE_BEFORE = (
    update(refresh_tokens)
    .where(refresh_tokens.c.successor_digest == bindparam("presented"))
    .values(nonce=null())
)
REPEATABLY_AT_ONCE = _at_once(REPEATABLY)
STRICTLY_AT_ONCE = _at_once(STRICTLY)
