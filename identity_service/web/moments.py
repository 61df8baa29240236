"""When something was, on the clock of the person who reads it."""

from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Self
from zoneinfo import ZoneInfo

from identity_service.web.account_views import MomentShown


@dataclass(frozen=True, slots=True)
class Clock:
    """That of a time zone; `name` is what the zone is called."""

    name: str
    zone: tzinfo

    @classmethod
    def of(cls, zoneinfo: str | None) -> Self:
        """The zone that a person has named in their profile, else UTC."""
        try:
            return cls("UTC", UTC) if zoneinfo is None else cls(zoneinfo, ZoneInfo(zoneinfo))
        except (KeyError, ValueError, OSError):  # it is gone from the database of zones
            return cls("UTC", UTC)

    def shows(self, at: datetime) -> MomentShown:
        """The moment in parts, for each language to put in order."""
        local = at.astimezone(self.zone)
        return MomentShown(
            iso=at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            day=local.day,
            month=local.month,
            year=local.year,
            time=local.strftime("%H:%M"),
        )
