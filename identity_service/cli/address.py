"""Where a server on this machine listens, and under which URL it is reached there."""

import socket
from errno import EADDRINUSE

DEFAULT_PORT = 8000
LAST_PORT = 8019
"""Up to here a default port that is taken is passed over."""

EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}  # noqa: S104  # names them, binds nothing
"""Addresses that mean every interface, and how to reach such a server from its own machine."""


def listening(host: str, port: int | None) -> socket.socket:
    """A socket bound to the port, or to the first free one from 8000 on where none was named.

    Raises OSError with a text that says what to do.
    """
    if port is not None:
        return _bound(host, port)
    for candidate in range(DEFAULT_PORT, LAST_PORT):
        try:
            return _bound(host, candidate)
        except OSError as error:
            if error.errno != EADDRINUSE:
                raise
    return _bound(host, LAST_PORT)


def url(host: str, port: int) -> str:
    """The URL under which a server that listens there is reached from this machine."""
    name = EVERYWHERE.get(host, host)
    return f"http://[{name}]:{port}" if ":" in name else f"http://{name}:{port}"


def _bound(host: str, port: int) -> socket.socket:
    try:
        # Names the first address of the host, as the server does that gets this socket.
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except socket.gaierror as error:
        raise OSError(error.errno, f"--host {host}: {error.strerror}") from None
    made = socket.socket(family, kind, protocol)
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind(address)
        made.listen(2048)  # now, or two servers could have the same port until one of them listens
    except OSError as error:
        made.close()
        raise OSError(error.errno, _reason(error, host, port)) from None
    return made


def _reason(error: OSError, host: str, port: int) -> str:
    if error.errno == EADDRINUSE:
        return f"port {port} of {host} is in use: stop what listens there, or choose another with --port"
    return f"cannot listen on {host} port {port}: {error.strerror}"
