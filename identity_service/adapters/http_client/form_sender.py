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

    def __init__(self, way: GuardedWay) -> None:
        self._way = way

    async def post(self, url: str, form: Mapping[str, str]) -> int:
        """The status. Raises Unsent."""
        try:
            return await self._way.ask("POST", url, headers={"Connection": "close"}, form=form, read=_status)
        except Unfetchable as error:
            raise Unsent(str(error)) from None


async def _status(answer: "httpx2.Response") -> int:
    return answer.status_code
