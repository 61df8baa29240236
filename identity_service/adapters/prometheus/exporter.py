"""Decides what a collector is told: what this process has counted, or all that serve together with it."""

import asyncio
import logging
from collections.abc import Callable
from typing import Final

from identity_service.adapters.prometheus.board import Board
from identity_service.adapters.prometheus.families import Family, text

log = logging.getLogger(__name__)

PUBLISH_SECONDS: Final = 1.0


class Exporter:
    """With a board, what is told is written there first, and then the whole is read from there."""

    def __init__(self, measure: Callable[[], list[Family]], board: Board | None) -> None:
        """`measure` reads what this process has counted."""
        self._measure = measure
        self._board = board
        self._failed = False

    def text(self) -> bytes:
        """In Prometheus's text format. Raises OSError when the board cannot be written or read."""
        families = self._measure()
        if self._board is not None:
            self._board.publish(families)
            families = self._board.total()
        return text(families)

    async def run(self) -> None:
        """Writes to the board every second until cancelled, and once more then; without one there is nothing to do."""
        try:
            while self._board is not None:
                self._publish(self._board)
                await asyncio.sleep(PUBLISH_SECONDS)
        finally:
            if self._board is not None:
                self._publish(self._board)

    def _publish(self, board: Board) -> None:
        try:
            board.publish(self._measure())
        except OSError as error:
            if not self._failed:
                log.warning("what this process has counted cannot be handed on: %s", error)
            self._failed = True
        else:
            self._failed = False
