"""Sends forms to clients' servers."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from identity_service.adapters.http_client.guarded import GuardedWay
from identity_service.ports.fetch import Unfetchable
from identity_service.ports.form_sender import Unsent

if TYPE_CHECKING:
    import httpx2


class GuardedFormSender:
    """`ports.FormSender`, on the guarded way. No body is read."""

    def __init__(self, way: GuardedWay, *, kind: str) -> None:
        """`kind` is what it sends, in a word of ours that is counted."""
        self._way = way
        self._kind = kind

    async def post(self, url: str, form: Mapping[str, str]) -> int:
        """The status. Raises Unsent."""
        try:
            headers = {"Connection": "close"}
            return await self._way.ask("POST", url, kind=self._kind, headers=headers, form=form, read=_status)
        except Unfetchable as error:
            raise Unsent(str(error)) from None


async def _status(answer: "httpx2.Response") -> int:
    return answer.status_code
