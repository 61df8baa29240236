"""How much of a request body is read, whatever reads it."""

import asyncio

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from identity_service.domain.oauth.parameters import MAX_FORM_BYTES

MAX_BODY_BYTES = MAX_FORM_BYTES
PATIENCE_SECONDS = 20.0
"""So long a body may take to arrive, from when somebody begins to read it."""


class BodyLimit:
    """Raises a 413 where a body is read that is too long, a 408 where it does not come; one nobody reads does no harm.

    The error has to pass through the frameworks' own reading of JSON, which lets an HTTPException alone.
    """

    def __init__(
        self, app: ASGIApp, *, most: int = MAX_BODY_BYTES, patience_seconds: float = PATIENCE_SECONDS
    ) -> None:
        """`most` is bytes."""
        self._app = app
        self._most = most
        self._patience = patience_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        body = _Body(receive, most=self._most, patience_seconds=self._patience)
        await self._app(scope, self._refuse if self._announces_more(scope) else body, send)

    def _announces_more(self, scope: Scope) -> bool:
        """What is no number is the server's to refuse; the bytes are counted in any case."""
        announced = next((value for name, value in scope["headers"] if name == b"content-length"), b"0")
        digits = announced.strip().lstrip(b"0")
        return digits.isdigit() and (len(digits) > 9 or int(digits) > self._most)

    @staticmethod
    async def _refuse() -> Message:
        raise HTTPException(413)


class _Body:
    """`receive`, counting bytes and time."""

    def __init__(self, receive: Receive, *, most: int, patience_seconds: float) -> None:
        self._receive = receive
        self._left = most
        self._patience = patience_seconds
        self._until: float | None = None
        self._whole = False

    async def __call__(self) -> Message:
        if self._whole:  # what follows is the end of the connection, which may take its time
            return await self._receive()
        message = await self._in_time()
        self._whole = not message.get("more_body", False)
        self._left -= len(message.get("body", b""))
        if self._left < 0:
            raise HTTPException(413)
        return message

    async def _in_time(self) -> Message:
        if self._until is None:
            self._until = asyncio.get_running_loop().time() + self._patience
        try:
            async with asyncio.timeout_at(self._until):
                return await self._receive()
        except TimeoutError:
            raise HTTPException(408, headers={"Connection": "close"}) from None
