"""`python -m benchmarks.peers`: installs the peers in a folder outside the repository.

Packages come from npm, PyPI and Debian by those registries' ordinary clients. Deleting the folder removes everything.
"""

import argparse
import sys
from pathlib import Path

from benchmarks.peers import django_oauth_toolkit, glewlwyd, oidc_provider
from benchmarks.peers.installing import default_folder
from benchmarks.processes import Missing

PEERS = {peer.NAME: peer for peer in (oidc_provider, django_oauth_toolkit, glewlwyd)}


def main() -> int:
    """Returns the exit status: 1 when a peer could not be installed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.peers", description=__doc__)
    parser.add_argument("peers", nargs="*", metavar="PEER", help=f"which: {', '.join(PEERS)} (default: all)")
    parser.add_argument(
        "--into", type=Path, default=default_folder(), help="the folder (default: %(default)s)"
    )
    chosen = parser.parse_args()
    if unknown := set(chosen.peers) - set(PEERS):
        parser.error(f"no such peer: {', '.join(sorted(unknown))}")
    failed = False
    for name in chosen.peers or PEERS:
        print(f"{name}: installing …", flush=True)
        try:
            PEERS[name].install(chosen.into)
        except Missing as missing:
            failed = True
            print(f"{name}: {missing}")
        else:
            print(f"{name}: {PEERS[name].installed(chosen.into)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
