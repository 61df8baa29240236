"""Where the keys of the audit log are kept: the one that signs, and the one that subjects' keys are derived from."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol

AuditKeyUse = Literal["sign", "personal_data"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditKey:
    """A key, sealed with a data key in the context of its own id. `public` is there for who only verifies; whoever can
    open the key computes it."""

    use: AuditKeyUse
    kid: str
    public: bytes | None
    sealed: bytes = field(repr=False)


class AuditKeys(Protocol):
    """One key of each use, made once."""

    async def get(self, use: AuditKeyUse) -> AuditKey | None:
        """The key of this use, if it was made."""

    async def add(self, key: AuditKey) -> bool:
        """Keeps it; False where there is one of this use."""


class SubjectSalts(Protocol):
    """What the key of a subject is derived from besides: without it, nothing that was sealed for them can be read."""

    async def get(self, subjects: Collection[str]) -> Mapping[str, bytes]:
        """Those that are there."""

    async def add(self, salts: Mapping[str, bytes]) -> None:
        """Keeps them; one that is there stays as it is."""
