"""What stands in the way of work that is tried again and again, said once."""

import logging


class Trouble:
    """Logs why something fails: once, until the reason changes or it succeeds again, which is logged too."""

    def __init__(self, log: logging.Logger, *, failing: str, well: str) -> None:
        """`failing` is said with the reason after it, `well` at the recovery."""
        self._log = log
        self._failing = failing
        self._well = well
        self._reason: str | None = None

    def failed(self, error: Exception) -> None:
        """It failed, perhaps once more."""
        reason = str(error) or type(error).__name__
        if reason != self._reason:
            self._log.warning("%s: %s", self._failing, reason)
        self._reason = reason

    def over(self) -> None:
        """It succeeded."""
        if self._reason is not None:
            self._log.info("%s", self._well)
        self._reason = None
