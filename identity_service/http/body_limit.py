"""How much of a request body is read, whatever reads it."""

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from identity_service.domain.oauth.parameters import MAX_FORM_BYTES

MAX_BODY_BYTES = MAX_FORM_BYTES


class BodyLimit:
    """Raises a 413 where a body is read that is too long; one that nobody reads does no harm.

    The error has to pass through the frameworks' own reading of JSON, which lets an HTTPException alone.
    """

    def __init__(self, app: ASGIApp, *, most: int = MAX_BODY_BYTES) -> None:
        """`most` is bytes."""
        self._app = app
        self._most = most

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        left = self._most

        async def counted() -> Message:
            nonlocal left
            message = await receive()
            if message["type"] == "http.request":
                left -= len(message.get("body", b""))
                if left < 0:
                    raise HTTPException(413)
            return message

        await self._app(scope, self._refuse if self._announces_more(scope) else counted, send)

    def _announces_more(self, scope: Scope) -> bool:
        """What is no number is the server's to refuse; the bytes are counted in any case."""
        announced = next((value for name, value in scope["headers"] if name == b"content-length"), b"0")
        digits = announced.strip().lstrip(b"0")
        return digits.isdigit() and (len(digits) > 9 or int(digits) > self._most)

    @staticmethod
    async def _refuse() -> Message:
        raise HTTPException(413)
