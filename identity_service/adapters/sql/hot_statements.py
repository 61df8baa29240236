"""Statements of the token path, run on the driver's own connection: Core writes them once, and is not asked again.

Running a statement through Core costs several times what the driver and the database need for it together, and each
request for a token or about one runs at least one (docs/decisions/0023).
"""

from collections import namedtuple
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Generic, TypeVar

import orjson
from sqlalchemy import JSON, Dialect, Select
from sqlalchemy.types import TypeEngine

T = TypeVar("T")
Process = Callable[[Any], Any]


class HotStatement(Generic[T]):
    """A Core statement, and what is made of all its rows.

    `make` is a pure function. So many of its results are remembered, by the arguments they were asked with, and given
    again while the rows are the same: rows are read each time, and parsed when they have changed.
    """

    def __init__(self, core: Select[Any], make: Callable[[Sequence[Any]], T], *, remembered: int = 0) -> None:
        self.core = core
        self.make = make
        self.remembered = remembered
        self._compiled: dict[str, Compiled[T]] = {}

    def compiled(self, dialect: Dialect) -> "Compiled[T]":
        """The statement as this database's driver gets it."""
        found = self._compiled.get(dialect.name)
        if found is None:
            found = self._compiled[dialect.name] = Compiled(self, dialect)
        return found


class Compiled(Generic[T]):
    """SQL text, the order of its parameters, and how values change on their way in and out."""

    def __init__(self, statement: HotStatement[T], dialect: Dialect) -> None:
        made = statement.core.compile(dialect=dialect)
        names = getattr(made, "positiontup", None) or ()
        binds: Mapping[str, Any] = getattr(made, "binds", {})
        self.text = str(made)
        self._binds = [
            (name, made.params[name], binds[name].type.dialect_impl(dialect).bind_processor(dialect))
            for name in names
        ]
        columns = statement.core.selected_columns
        processes = [_result_processor(column.type, dialect) for column in columns]
        self._processes = [(place, process) for place, process in enumerate(processes) if process is not None]
        self._row: Any = namedtuple("Row", [column.key for column in columns])  # type: ignore[misc]  # named by Core
        self._of_rows = statement.make
        self._most = statement.remembered
        self._known: dict[tuple[Any, ...], tuple[Any, T]] = {}

    def arguments(self, parameters: Mapping[str, Any]) -> tuple[Any, ...]:
        """In the order of the text; what Core put into the statement itself is there too."""
        given = parameters.get
        return tuple(
            [
                process(given(name, constant)) if process else given(name, constant)
                for name, constant, process in self._binds
            ]
        )

    def make(self, arguments: tuple[Any, ...], rows: Sequence[Any]) -> T:
        """What the driver's rows mean."""
        if not self._most:
            return self._parsed(rows)
        known = self._known.get(arguments)
        if known is not None and known[0] == rows:
            return known[1]
        made = self._parsed(rows)
        if rows:  # what is not there can be asked for under any number of names
            self._remember(arguments, rows, made)
        return made

    def _parsed(self, rows: Sequence[Any]) -> T:
        return self._of_rows([self._processed(row) for row in rows])

    def _remember(self, arguments: tuple[Any, ...], rows: Sequence[Any], made: T) -> None:
        if len(self._known) >= self._most and arguments not in self._known:
            self._known.pop(next(iter(self._known)))
        self._known[arguments] = (rows, made)

    def _processed(self, row: Any) -> Any:
        values = list(row)
        for place, process in self._processes:
            values[place] = process(values[place])
        return self._row._make(values)


def _result_processor(type_: TypeEngine[Any], dialect: Dialect) -> Process | None:
    if dialect.driver == "asyncpg" and isinstance(
        type_, JSON
    ):  # which gives its text; Core's connections parse it
        return _loaded
    return type_.dialect_impl(dialect).result_processor(dialect, None)


def _loaded(text: str | None) -> Any:
    """NULL where an outer join found nothing."""
    return None if text is None else orjson.loads(text)
