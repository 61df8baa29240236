"""Hears every statement that the application sends to its database; the feed has a connection of its own."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from identity_service.adapters.sql.database import Database

Hear = Callable[[str, Any], None]


class HearingDriver:
    """A driver that tells what it is asked."""

    def __init__(self, driver: Any, hear: Hear) -> None:
        self._driver = driver
        self._hear = hear

    async def rows(self, text: str, arguments: Sequence[Any]) -> Any:
        self._hear(text, arguments)
        return await self._driver.rows(text, arguments)

    async def close(self) -> None:
        await self._driver.close()


@contextmanager
def heard(database: Database, hear: Hear) -> Iterator[None]:
    """`hear(text, parameters)` is called with each statement, whether Core or a driver runs it."""

    def by_core(connection: Any, cursor: Any, text: str, parameters: Any, context: Any, many: bool) -> None:
        hear(text, parameters)

    engines = {database.engine.sync_engine, database.reading.sync_engine}
    driver = database.driver
    for engine in engines:
        event.listen(engine, "before_cursor_execute", by_core)
    database.driver = HearingDriver(driver, hear)
    yield
    database.driver = driver
    for engine in engines:
        event.remove(engine, "before_cursor_execute", by_core)
