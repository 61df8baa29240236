"""A clock that stands still until the test moves it."""


class Clock:
    """Seconds; call it to read it."""

    def __init__(self, now: float = 1_000_000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now
