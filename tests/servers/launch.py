"""Becomes a server process that ends with the process that started it, however that one ends.

Run as `python -I -S launch.py SIGNAL PARENT UID GID COMMAND…`. A program of its own, not a `preexec_fn`:
Python code between fork and exec may deadlock where there are threads, and Python 3.12 warns about it.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def main() -> None:
    """Drop to the account, tie this process to PARENT, become COMMAND."""
    orphaned, parent, uid, gid = (int(number) for number in sys.argv[1:5])
    if os.geteuid() == 0 and uid != 0:
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)
    if sys.platform == "linux":
        # After the change of account, which clears it (prctl(2)).
        if ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, orphaned, 0, 0, 0) != 0:
            sys.exit(f"prctl: {os.strerror(ctypes.get_errno())}")
    signal.signal(signal.SIGHUP, signal.SIG_DFL)  # nohup would pass on that it is ignored
    if os.getppid() != parent:  # it ended before prctl could tell
        sys.exit("the starting process is gone")
    os.execv(sys.argv[5], sys.argv[5:])  # noqa: S606 - becoming the command is the point; no shell is wanted


main()
