"""What a process knows about itself: whether it is prepared, and whether it was told to stop."""

from dataclasses import dataclass


@dataclass(slots=True)
class RunState:
    """Set from outside, read by health checks."""

    prepared: bool = False
    draining: bool = False

    async def keys(self) -> str | None:
        """A probe: nothing can be signed or verified before the keys are loaded."""
        return None if self.prepared else "the keys are not loaded yet"
