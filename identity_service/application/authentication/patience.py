"""How often a site that clients name is asked after it has failed."""

from dataclasses import dataclass

FIRST_BACK_OFF, LONGEST_BACK_OFF = 5, 300
"""Seconds after a failure in which the site is left alone; doubled by each that follows."""


@dataclass(slots=True)
class Patience:
    """With one site; times are those of the clock that never goes back."""

    tried: float = float("-inf")
    failures: int = 0

    def may_ask(self, now: float) -> bool:
        """Whether it has been left alone for long enough."""
        return now - self.tried >= self._back_off()

    def _back_off(self) -> float:
        if not self.failures:
            return 0
        return min(FIRST_BACK_OFF * 2.0 ** min(self.failures - 1, 10), LONGEST_BACK_OFF)
