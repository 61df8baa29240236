"""INSERT … ON CONFLICT DO NOTHING, which both databases know and SQLAlchemy spells twice."""

from typing import Any

from sqlalchemy import Insert, Table
from sqlalchemy.ext.compiler import compiles


class InsertUnlessThere(Insert):
    """An insert that does nothing when any uniqueness rule would refuse the row."""

    inherit_cache = False


@compiles(InsertUnlessThere)
def _compile(element: Any, compiler: Any, **kw: Any) -> str:
    return f"{compiler.visit_insert(element, **kw)} ON CONFLICT DO NOTHING"


def insert_unless_there(table: Table, values: dict[str, Any]) -> Insert:
    """The statement for one row; its rowcount is 1 for the caller that made the row."""
    return InsertUnlessThere(table).values(**values)
