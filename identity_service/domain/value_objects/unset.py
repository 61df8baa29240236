"""What stands in a new entity where the database sets the time."""

from datetime import UTC, datetime

UNSET_TIME = datetime.min.replace(tzinfo=UTC)
