"""What the operating system says of this process, under the names that every collector's dashboards know."""

import os
import platform
import resource
import time
from pathlib import Path

from identity_service import __version__
from identity_service.adapters.prometheus.families import Family, counter, gauge

_OF_SELF = Path("/proc/self")
_STARTED = time.time()


def of_process() -> list[Family]:
    """What only Linux tells is left out elsewhere."""
    build = gauge("identity_build_info", "What runs here.", whole="max")
    build.add(1, version=__version__, python=platform.python_version())
    processes = gauge("identity_processes", "Processes that answer together.")
    processes.add(1)
    started = gauge(
        "process_start_time_seconds", "When the oldest process began, in seconds since 1970.", whole="min"
    )
    started.add(_STARTED)
    busy = counter("process_cpu_seconds_total", "Seconds of processor time, user and system.")
    times = os.times()
    busy.add(times.user + times.system)
    return [build, processes, started, busy, *_on_linux()]


def _on_linux() -> list[Family]:
    if not _OF_SELF.is_dir():
        return []
    memory = gauge("process_resident_memory_bytes", "Memory that is held.")
    pages = int((_OF_SELF / "statm").read_text().split()[1])
    memory.add(pages * resource.getpagesize())
    files = gauge("process_open_fds", "Open files and connections.")
    files.add(len(os.listdir(_OF_SELF / "fd")))
    most = gauge("process_max_fds", "Files and connections that may be open in one process.", whole="min")
    most.add(resource.getrlimit(resource.RLIMIT_NOFILE)[0])
    return [memory, files, most]
