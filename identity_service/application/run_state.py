"""What a process knows about itself: whether it is prepared, and whether it was told to stop."""

from dataclasses import dataclass


@dataclass(slots=True)
class RunState:
    """Set from outside, read by health checks. `obstacle` is what keeps the keys from being loaded, for anybody."""

    prepared: bool = False
    obstacle: str | None = None
    draining: bool = False

    async def keys(self) -> str | None:
        """A probe: nothing can be signed or verified before the keys are loaded."""
        return None if self.prepared else self.obstacle or "the keys are not loaded yet"
