"""Where on Earth an address is."""

from typing import Protocol

from identity_service.domain.entities.origin import Place


class Places(Protocol):
    """A look-up in memory, or as quick as one."""

    def of(self, address: str | None) -> Place | None:
        """None where nobody knows."""
