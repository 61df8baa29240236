"""How a list of any length becomes rows of one statement: as JSON in a single parameter, on both databases."""

from typing import Any

from sqlalchemy import literal_column, types
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.sql.expression import FunctionElement


class json_elements(FunctionElement[Any]):
    """A row with one column, `value`, for each element of a JSON array."""

    inherit_cache = True
    name = "json_elements"


@compiles(json_elements, "postgresql")
def _elements_postgres(element: Any, compiler: Any, **kw: Any) -> str:
    return f"json_array_elements(CAST({compiler.process(element.clauses, **kw)} AS json))"


@compiles(json_elements, "sqlite")
def _elements_sqlite(element: Any, compiler: Any, **kw: Any) -> str:
    return f"json_each({compiler.process(element.clauses, **kw)})"


class _Member(FunctionElement[Any]):
    """A member of a JSON object; `as_type` is what it is on Postgres, SQLite takes it as it is."""

    as_type = "text"

    def __init__(self, value: ColumnElement[Any], name: str) -> None:
        super().__init__(value, literal_column(f"'{name}'"))


class member_text(_Member):
    """A text."""

    inherit_cache = True
    type = types.Text()


class member_integer(_Member):
    """A whole number."""

    inherit_cache = True
    type = types.Integer()
    as_type = "integer"


class member_uuid(_Member):
    """An identifier, written by `plain_uuid`."""

    inherit_cache = True
    type = types.Uuid(as_uuid=False)
    as_type = "uuid"


@compiles(_Member, "postgresql")
def _member_postgres(element: Any, compiler: Any, **kw: Any) -> str:
    value, name = (compiler.process(clause, **kw) for clause in element.clauses)
    return f"CAST({value} ->> {name} AS {element.as_type})"


@compiles(_Member, "sqlite")
def _member_sqlite(element: Any, compiler: Any, **kw: Any) -> str:
    value, name = (compiler.process(clause, **kw) for clause in element.clauses)
    return f"json_extract({value}, '$.' || {name})"


def plain_uuid(uuid: str | None) -> str | None:
    """An identifier as both databases can compare it: SQLite keeps 32 digits without hyphens."""
    return None if uuid is None else uuid.replace("-", "")
