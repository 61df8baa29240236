"""Decides who is next among waiting callers: one entry of each address in turn, whoever sent more."""

from collections import OrderedDict, deque
from typing import Generic, TypeVar

Entry = TypeVar("Entry")
Address = str | None


class FairQueue(Generic[Entry]):
    """Waiting entries by address, taken round robin; within an address first come, first served."""

    def __init__(self) -> None:
        self._waiting: OrderedDict[Address, deque[Entry]] = OrderedDict()
        self._size = 0

    def __bool__(self) -> bool:
        return bool(self._size)

    def __len__(self) -> int:
        return self._size

    def count(self, address: Address) -> int:
        """How many entries of this address wait."""
        return len(self._waiting.get(address, ()))

    def longest(self) -> Address:
        """The address with the most entries. Raises ValueError when nobody waits."""
        return max(self._waiting, key=self.count)

    def add(self, address: Address, entry: Entry) -> None:
        """Puts the entry last among those of its address."""
        self._waiting.setdefault(address, deque()).append(entry)
        self._size += 1

    def take(self) -> Entry:
        """Takes the first entry of the address whose turn it is. Raises KeyError when nobody waits."""
        address, entries = self._waiting.popitem(last=False)
        entry = entries.popleft()
        if entries:
            self._waiting[address] = entries
        self._size -= 1
        return entry

    def take_newest(self, address: Address) -> Entry:
        """Takes the entry of this address that has waited least. Raises KeyError when it has none."""
        entry = self._waiting[address].pop()
        self._forget_one(address)
        return entry

    def take_all(self, address: Address) -> list[Entry]:
        """Takes every entry of this address, the one that has waited longest first."""
        entries = self._waiting.pop(address, deque())
        self._size -= len(entries)
        return list(entries)

    def discard(self, address: Address, entry: Entry) -> None:
        """Removes the entry if it still waits."""
        entries = self._waiting.get(address, ())
        if isinstance(entries, deque) and entry in entries:
            entries.remove(entry)
            self._forget_one(address)

    def _forget_one(self, address: Address) -> None:
        self._size -= 1
        if not self._waiting[address]:
            del self._waiting[address]
