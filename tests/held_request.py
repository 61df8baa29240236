"""A request that a server has begun to serve and cannot finish yet: it waits for the body."""

import asyncio
from base64 import b64encode
from urllib.parse import urlencode

from tests.house import Registered
from tests.running import Program


class HeldRequest:
    """A POST of a form over a connection of its own. The server's `100 Continue` proves that it is being served."""

    def __init__(self, program: Program, path: str, client: Registered, **form: str) -> None:
        self._program = program
        self._body = urlencode(form).encode()
        credentials = b64encode(f"{client.id}:{client.secret}".encode()).decode()
        self._head = (
            f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Basic {credentials}\r\n"
            "Content-Type: application/x-www-form-urlencoded\r\n"
            f"Content-Length: {len(self._body)}\r\nExpect: 100-continue\r\n\r\n"
        ).encode()

    async def begin(self) -> "HeldRequest":
        """Send the head and wait until the server asks for the body."""
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._program.port)
        self._writer.write(self._head)
        assert (await self._reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 100 ")
        return self

    def finish(self) -> None:
        """Send the body."""
        self._writer.write(self._body)

    async def answer(self) -> bytes:
        """All that the server sends until it closes the connection; nothing if the request was broken off."""
        try:
            return await self._reader.read()
        except ConnectionError:
            return b""
        finally:
            self._writer.close()
