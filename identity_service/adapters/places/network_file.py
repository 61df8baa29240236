"""Places of networks, read from a file: the narrowest network that an address is in says where it is."""

import csv
from collections.abc import Iterable, Mapping
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from pathlib import Path
from typing import Final

from identity_service.domain.entities.origin import Place

COLUMNS: Final = ("network", "latitude", "longitude")
MOST_NETWORKS: Final = 500_000


class UnusablePlaces(ValueError):
    """The file is none of networks and their places; the text names the line."""


class NetworkFile:
    """`ports.Places` from a table of networks."""

    def __init__(self, places: Mapping[IPv4Network | IPv6Network, Place]) -> None:
        self._tables: dict[tuple[int, int], dict[int, Place]] = {}
        for network, place in places.items():
            table = self._tables.setdefault((network.version, network.prefixlen), {})
            table[int(network.network_address)] = place
        self._narrowest_first = sorted(self._tables, reverse=True)
        self.of = lru_cache(maxsize=4096)(self._of)

    @classmethod
    def read(cls, path: Path) -> "NetworkFile":
        """From a CSV file in UTF-8 with a line of column names; of others than `network`, `latitude` and `longitude`
        nothing is read. Raises OSError, UnusablePlaces."""
        try:
            with path.open(encoding="utf-8-sig", newline="") as lines:
                return cls(_places(csv.DictReader(lines)))
        except (UnicodeDecodeError, csv.Error) as error:
            raise UnusablePlaces("it is no CSV file in UTF-8") from error

    def _of(self, address: str | None) -> Place | None:
        try:
            found = ip_address(address or "")
        except ValueError:
            return None
        found = getattr(found, "ipv4_mapped", None) or found
        for version, length in self._narrowest_first:
            if version == found.version:
                spare = found.max_prefixlen - length
                place = self._tables[version, length].get(int(found) >> spare << spare)
                if place is not None:
                    return place
        return None


def _places(rows: "csv.DictReader[str]") -> dict[IPv4Network | IPv6Network, Place]:
    missing = [name for name in COLUMNS if name not in (rows.fieldnames or ())]
    if missing:
        raise UnusablePlaces(f"its first line names no column {missing[0]!r}")
    places = dict(_numbered(rows))
    if len(places) > MOST_NETWORKS:
        raise UnusablePlaces(f"it has more than {MOST_NETWORKS:,} networks, which would fill the memory")
    return places


def _numbered(rows: "csv.DictReader[str]") -> Iterable[tuple[IPv4Network | IPv6Network, Place]]:
    """Networks whose place nobody knows are left out."""
    for row in rows:
        if not row["latitude"] and not row["longitude"]:
            continue
        try:
            place = Place(float(row["latitude"]), float(row["longitude"]))
            network = ip_network(row["network"])
        except (TypeError, ValueError) as error:
            raise UnusablePlaces(f"line {rows.line_num} has no network with its place") from error
        if not (-90 <= place.latitude <= 90 and -180 <= place.longitude <= 180):
            raise UnusablePlaces(f"line {rows.line_num} names no place on Earth")
        yield network, place
