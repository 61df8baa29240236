"""How the parent of several workers tells a collector what all of them have counted."""

import asyncio
import shutil
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from identity_service.adapters.prometheus.board import Board
from identity_service.adapters.prometheus.exporter import Exporter
from identity_service.adapters.prometheus.families import Family, counter, gauge
from identity_service.infrastructure.config.inherited import hand_down
from identity_service.infrastructure.config.settings import Settings
from identity_service.infrastructure.config.sources import WrongSettings
from identity_service.infrastructure.metrics.exporter import BOARD, exporting
from identity_service.server.workers import Workers


@contextmanager
def metrics_of_all(settings: Settings, workers: Workers) -> Iterator[None]:
    """Makes the board before the workers start, and takes it away after they ended. Raises WrongSettings."""
    if settings.metrics == "off":
        yield
        return
    folder = _folder()
    board = Board(folder)
    hand_down(**{BOARD: str(folder)})
    workers.on_end = board.ended
    exporter = Exporter(lambda: _of_workers(workers), board)
    teller = _Teller(settings, exporter)
    teller.start()
    try:
        yield
    finally:
        teller.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _folder() -> Path:
    try:
        return Path(tempfile.mkdtemp(prefix="identity-service-"))
    except OSError as error:
        raise WrongSettings(
            f"METRICS: several workers want a folder for temporary files (TMPDIR): {error}"
        ) from None


def _of_workers(workers: Workers) -> list[Family]:
    wanted = gauge("identity_workers", "Worker processes that there should be.")
    wanted.add(workers.number)
    died = counter("identity_workers_died_total", "Worker processes that ended without being told to.")
    died.add(workers.deaths)
    return [wanted, died]


class _Teller(threading.Thread):
    """An event loop beside the parent's own work, which waits for processes and signals."""

    def __init__(self, settings: Settings, exporter: Exporter) -> None:
        super().__init__(name="metrics", daemon=True)
        self._settings = settings
        self._exporter = exporter
        self._loop = asyncio.new_event_loop()
        self._end = asyncio.Event()

    def run(self) -> None:
        self._loop.run_until_complete(self._tell())
        self._loop.close()

    async def _tell(self) -> None:
        async with exporting(self._settings, self._exporter, None):
            await self._end.wait()

    def stop(self) -> None:
        """Waits until it has ended."""
        with suppress(RuntimeError):  # it has ended by itself
            self._loop.call_soon_threadsafe(self._end.set)
        self.join()
