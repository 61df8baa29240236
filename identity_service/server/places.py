"""How many connections a process may hold: what was asked for, and what the system lets it open."""

import logging
import sys

log = logging.getLogger(__name__)

OTHER_FILES = 256
"""Left for the database, Redis, logs and libraries."""


def places(wanted: int) -> int:
    """Raises the limit on open files as far as it may go and is needed; answers how many connections fit under it."""
    if sys.platform == "win32":
        return wanted
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = wanted + OTHER_FILES
    if soft != resource.RLIM_INFINITY and soft < needed:
        soft = needed if hard == resource.RLIM_INFINITY else min(needed, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        if soft < needed:
            log.warning(
                "the limit on open files leaves place for %d connections, not for MAX_CONNECTIONS (%d)",
                fitting(soft, wanted),
                wanted,
            )
            return fitting(soft, wanted)
    return wanted


def fitting(files: int, wanted: int) -> int:
    """Connections that leave enough of so many files for everything else."""
    return min(wanted, max(files - OTHER_FILES, files // 2))
