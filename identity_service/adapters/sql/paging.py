"""Keyset paging: rows after a known one, in the order asked for."""

from datetime import datetime
from typing import Any

from sqlalchemy import Column, Select, literal, tuple_
from sqlalchemy.sql.elements import ColumnElement

from identity_service.adapters.sql.dialect import UtcDateTime


def page(
    statement: Select[Any],
    *,
    sort: str,
    columns: dict[str, Column[Any]],
    key: Column[Any],
    after: tuple[str, str] | None,
    limit: int,
) -> Select[Any]:
    """`statement` ordered by one of `columns` (a leading `-` turns round), then by `key`, from behind `after` on."""
    descending, column = sort.startswith("-"), columns[sort.removeprefix("-")]
    if after is not None:
        here, there = tuple_(column, key), tuple_(_value(column, after[0]), _value(key, after[1]))
        statement = statement.where(here < there if descending else here > there)
    order: list[ColumnElement[Any]] = [c.desc() if descending else c.asc() for c in (column, key)]
    return statement.order_by(*order).limit(limit)


def _value(column: Column[Any], text: str) -> ColumnElement[Any]:
    value = datetime.fromisoformat(text) if isinstance(column.type, UtcDateTime) else text
    return literal(value, column.type)
