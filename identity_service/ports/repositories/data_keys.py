"""Where data keys are kept, wrapped, and the secrets that are sealed with them."""

from dataclasses import dataclass, field
from typing import Protocol

from identity_service.domain.entities.data_key import DataKey


class DataKeys(Protocol):
    """At most one current key of each purpose: the database sees to it."""

    async def all(self) -> list[DataKey]:
        """Every one, the current ones first."""

    async def add(self, key: DataKey) -> bool:
        """Stores it. False, changing nothing, when it is current and another one of its purpose is."""

    async def rewrap(self, key: DataKey, *, wrapped: bytes, wrapped_by: str) -> bool:
        """Keeps the key in another wrapping. False, changing nothing, when it is not wrapped as `key` says any more."""

    async def retire(self, key_id: str) -> bool:
        """From now on the key only opens. False, changing nothing, when it is not current."""


@dataclass(frozen=True, slots=True)
class SealedRecord:
    """A secret as the database keeps it; `id` is the context that it was sealed in."""

    id: str
    sealed: bytes = field(repr=False)


class SealedRecords(Protocol):
    """The sealed secrets of one kind, whoever looks after them otherwise."""

    @property
    def purpose(self) -> str:
        """What they are sealed for (`ports.Sealer`)."""

    async def stale(self, key_id: str, *, most: int) -> list[SealedRecord]:
        """Some of those that were sealed with another key than this one."""

    async def count_stale(self, key_id: str) -> int:
        """How many they are."""

    async def replace(self, record: SealedRecord, sealed: bytes) -> bool:
        """Keeps the secret in another sealed form.

        False, changing nothing, when it is not as `record` says any more.
        """
