"""A key that secrets are sealed with, itself wrapped by the master key (envelope encryption)."""

from dataclasses import dataclass, field
from typing import Final, Literal

KEY_BYTES: Final = 32
DataKeyPurpose = Literal["seal", "digest"]
PURPOSES: Final[tuple[DataKeyPurpose, ...]] = ("seal", "digest")


@dataclass(frozen=True, slots=True, kw_only=True)
class DataKey:
    """`id` is a one-way digest of the key (16 hex digits), which stands in whatever it sealed. Of each purpose one is
    current: `seal` encrypts what is revealed later, `digest` keys the digests that every process makes alike. Others
    only open what was sealed before. `wrapped_by` is the id of the key that `wrapped` was made with."""

    id: str
    purpose: DataKeyPurpose
    current: bool
    wrapped: bytes = field(repr=False)
    wrapped_by: str

    @property
    def context(self) -> str:
        """What the wrapping is bound to: no row can stand in for another."""
        return f"{self.purpose}:{self.id}"
