"""Statements of Postgres that decide, change and record in one: data-modifying WITH queries.

All parts of such a statement see the database as it was when it began, and none sees another's changes: what a part has
to know of another it takes from what that returns. A part nobody asks for rows is run all the same.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import CTE, Text, Uuid, bindparam, column, func, insert, select, true
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.types import LargeBinary
from uuid_utils import uuid7

from identity_service.adapters.sql.dialect import database_now, transaction_id
from identity_service.adapters.sql.events import canonical, request_id
from identity_service.adapters.sql.hot_statements import HotStatement
from identity_service.adapters.sql.schema import history
from identity_service.domain.entities.event import Event

ID = bindparam("event_id", type_=Uuid(as_uuid=False))
SUBJECT = bindparam("event_subject", type_=Text)
PAYLOAD = bindparam("event_payload", type_=LargeBinary)


def at_once(change: CTE, *others: CTE, answer: ColumnElement[Any]) -> HotStatement[Any]:
    """A statement that makes `change`, which returns one row or none, the others, and records an event if it did.

    `answer` is a column of the change; None where nothing was changed. See `event_parameters`.
    """
    return HotStatement(select(answer).select_from(change).add_cte(*others, *_recorded(change)), _first)


def _first(rows: Sequence[Any]) -> Any:
    return rows[0][0] if rows else None


def event_parameters(event: Event | None) -> dict[str, Any]:
    """What is recorded with the change; of None, nothing."""
    about = event and event.payload(of_person=True)
    return {
        "event_id": event and str(uuid7()),
        "event_name": event and event.name,
        "event_actor": event and event.by,
        "event_subject": event and event.subject,
        "event_payload": event and canonical(event.payload(of_person=False)),
        "event_client": event and event.client,
        "event_request_id": event and request_id(),
        "event_about": canonical(about) if about else None,
        "event_endings": list(dict.fromkeys(event.endings())) if event else [],
    }


def recorded_event(change: CTE, *, payload: ColumnElement[Any] = PAYLOAD) -> CTE:
    """The row of the event. All that there is to one that ends nothing and has nothing personal about it."""
    event = select(
        ID,
        bindparam("event_name", type_=Text),
        bindparam("event_actor", type_=Text),
        SUBJECT,
        database_now(),
        payload,
        bindparam("event_client", type_=Text),
        bindparam("event_request_id", type_=Text),
        transaction_id(),
    )
    names = [
        "id",
        "name",
        "actor",
        "subject",
        "occurred_at",
        "payload",
        "client_id",
        "request_id",
        "transaction_id",
    ]
    rows = event.select_from(change).where(ID.is_not(None))
    return insert(history.events).from_select(names, rows).cte("recorded")


def _recorded(change: CTE) -> list[CTE]:
    """As `SqlEvents.write`: the event, what is personal about it, and the rows of the feed."""
    about = bindparam("event_about", type_=LargeBinary)
    tag = (
        func.unnest(bindparam("event_endings", type_=ARRAY(Text)))
        .table_valued(column("tag", Text))
        .render_derived()
    )
    ended = select(tag.c.tag, transaction_id(), database_now()).select_from(change.join(tag, true()))
    return [
        recorded_event(change),
        insert(history.event_personal_data)
        .from_select(
            ["event_id", "subject", "data"],
            select(ID, SUBJECT, about).select_from(change).where(about.is_not(None)),
        )
        .cte("recorded_apart"),
        insert(history.endings).from_select(["tag", "transaction_id", "created_at"], ended).cte("ended"),
    ]
