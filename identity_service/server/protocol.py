"""How much head a request may have."""

from typing import Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

LONGEST_HEAD: Final = 65_536
"""Bytes of request line and headers; a token in a header has at most 16 KiB."""
TOO_LARGE: Final = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\n"
    b"content-type: text/plain; charset=utf-8\r\ncontent-length: 25\r\nconnection: close\r\n\r\n"
    b"the head is over 64 KiB.\n"
)


class BoundedHeads(HttpToolsProtocol):
    """uvicorn's protocol, which alone would keep a head of any size in memory (RFC 6585 §5)."""

    _head = 0
    _in_head = True

    def data_received(self, data: bytes) -> None:
        """Counts what arrives before a head is complete; a head that one read completes is let through."""
        if self._in_head:
            self._head += len(data)
        super().data_received(data)
        if self._in_head and self._head > LONGEST_HEAD and not self.transport.is_closing():
            self.transport.write(TOO_LARGE)
            self.transport.close()

    def on_message_begin(self) -> None:
        """The next request of the connection."""
        self._in_head = True
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """What follows is body, which the application counts."""
        self._head, self._in_head = 0, False
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """Whatever follows belongs to the next head."""
        self._in_head = True
        super().on_message_complete()
