"""Where a server on this machine listens, and under which URL it is reached there."""

import socket
from errno import EADDRINUSE

DEFAULT_PORT = 8000
PASSED_OVER = 20
"""So many ports from a default one on are tried, if those before are taken."""

EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}  # noqa: S104  # names them, binds nothing
"""Addresses that mean every interface, and how to reach such a server from its own machine."""


def listening(
    host: str, port: int | None, *, first: int = DEFAULT_PORT, option: str = "--port"
) -> socket.socket:
    """A socket bound to the port, or to the first free one from `first` on where none was named.

    Raises OSError with a text that says what to do; `option` is what names the port.
    """
    if port is not None:
        return _bound(host, port, option)
    *most, last = range(first, first + PASSED_OVER)
    for candidate in most:
        try:
            return _bound(host, candidate, option)
        except OSError as error:
            if error.errno != EADDRINUSE:
                raise
    return _bound(host, last, option)


def url(host: str, port: int) -> str:
    """The URL under which a server that listens there is reached from this machine."""
    name = EVERYWHERE.get(host, host)
    return f"http://[{name}]:{port}" if ":" in name else f"http://{name}:{port}"


def _bound(host: str, port: int, option: str) -> socket.socket:
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
        raise OSError(error.errno, _reason(error, host, port, option)) from None
    return made


def _reason(error: OSError, host: str, port: int, option: str) -> str:
    if error.errno == EADDRINUSE:
        return f"port {port} of {host} is in use: stop what listens there, or choose another with {option}"
    return f"cannot listen on {host} port {port}: {error.strerror}"
