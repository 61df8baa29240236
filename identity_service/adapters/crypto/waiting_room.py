"""Decides who of those that wait for a hash is next, and who leaves for whom: by standing, then fairly by address."""

from typing import Final, Generic

from identity_service.adapters.crypto.fair_queue import Address, Entry, FairQueue
from identity_service.ports.security import Standing

_TURNS: Final = (
    *(Standing.KNOWN, Standing.FRESH, Standing.KNOWN, Standing.FRESH),
    *(Standing.KNOWN, Standing.SUSPECT, Standing.KNOWN, Standing.FRESH),
)
"""Whose turn it is, over and over; where nobody of a standing waits, the turn is that of the best who do. So a flood of
one standing takes at most its share from the others."""


class WaitingRoom(Generic[Entry]):
    """A fair queue for each standing."""

    def __init__(self) -> None:
        self._queues: dict[Standing, FairQueue[Entry]] = {standing: FairQueue() for standing in Standing}
        self._turn = 0

    def __len__(self) -> int:
        return sum(map(len, self._queues.values()))

    def waiting(self, standing: Standing) -> int:
        """How many of this standing wait."""
        return len(self._queues[standing])

    def count(self, address: Address, standing: Standing) -> int:
        """How many of this address wait with this standing."""
        return self._queues[standing].count(address)

    def add(self, address: Address, entry: Entry, standing: Standing) -> None:
        """Puts the entry last among those of its address."""
        self._queues[standing].add(address, entry)

    def take(self) -> Entry:
        """Takes the entry whose turn it is. Raises KeyError when nobody waits."""
        standing = _TURNS[self._turn]
        self._turn = (self._turn + 1) % len(_TURNS)
        queue = self._queues[standing] or next(filter(None, self._queues.values()), self._queues[standing])
        return queue.take()

    def yields(self, address: Address, standing: Standing) -> Standing | None:
        """Among whom somebody has to leave a full room for a newcomer: the worst standing that is worse; or the
        newcomer's own, where an address holds more than the newcomer's then will. None where nobody has to.
        """
        for worse in sorted((other for other in Standing if other > standing), reverse=True):
            if self._queues[worse]:
                return worse
        own = self._queues[standing]
        return standing if own and own.count(own.longest()) > own.count(address) + 1 else None

    def make_room(self, address: Address, standing: Standing) -> Entry:
        """Takes out who has to leave: the newest of the address that holds most. Raises KeyError for nobody."""
        found = self.yields(address, standing)
        if found is None:
            raise KeyError(address)
        return self._queues[found].take_newest(self._queues[found].longest())

    def suspect(self, address: Address) -> None:
        """What an address had asked for before there was anything to suspect waits with the suspects from now on."""
        for entry in self._queues[Standing.FRESH].take_all(address):
            self._queues[Standing.SUSPECT].add(address, entry)

    def discard(self, address: Address, entry: Entry) -> None:
        """Removes the entry if it still waits."""
        for queue in self._queues.values():
            queue.discard(address, entry)
