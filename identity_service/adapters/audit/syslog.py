"""Statements about the log, as messages to a syslog server (RFC 5424)."""

import asyncio
import os
import socket
from contextlib import closing
from datetime import UTC, datetime
from urllib.parse import urlsplit

from identity_service.ports.audit import DestinationFailed

LOG_AUDIT_NOTICE = 13 * 8 + 5
"""Facility "log audit", severity "notice" (RFC 5424 §6.2.1)."""
TIMEOUT_SECONDS = 3.0
PORT = 514


class SyslogDestination:
    """`ports.Destination` over UDP (RFC 5426), TCP (octet counting, RFC 6587 §3.4.1) or the socket of this machine.

    Syslog answers nothing: that a message was sent is all that can be known. Over UDP and a local socket not even a
    server that is away is noticed for certain.
    """

    name = "syslog"

    def __init__(self, address: str) -> None:
        """`udp://host:514`, `tcp://host:514` or `unix:///dev/log`."""
        self._address = urlsplit(address)

    async def put(self, name: str, line: str) -> None:
        moment = datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
        host, process = socket.gethostname() or "-", os.getpid()
        message = f"<{LOG_AUDIT_NOTICE}>1 {moment} {host} identity-service {process} audit - {line}"
        try:
            await asyncio.to_thread(self._send, message.encode())
        except OSError as error:
            raise DestinationFailed(f"{self._address.geturl()}: {error.strerror or error}") from error

    def _send(self, message: bytes) -> None:
        if self._address.scheme == "unix":
            with closing(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)) as local:
                local.settimeout(TIMEOUT_SECONDS)
                local.connect(self._address.path)
                local.send(message)
            return
        place = (self._address.hostname or "", self._address.port or PORT)
        if self._address.scheme == "tcp":
            with closing(socket.create_connection(place, TIMEOUT_SECONDS)) as stream:
                stream.sendall(b"%d %b" % (len(message), message))
            return
        family, kind, protocol, _, found = socket.getaddrinfo(*place, type=socket.SOCK_DGRAM)[0]
        with closing(socket.socket(family, kind, protocol)) as datagram:
            datagram.sendto(message, found)
