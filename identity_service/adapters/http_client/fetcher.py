"""Fetches what clients name."""

from collections.abc import Collection
from functools import partial
from typing import TYPE_CHECKING

from identity_service.adapters.http_client.guarded import GuardedWay
from identity_service.adapters.http_client.outcomes import Failed
from identity_service.ports.fetch import Fetched

if TYPE_CHECKING:
    import httpx2


class GuardedFetcher:
    """`ports.Fetcher`, on the guarded way."""

    def __init__(self, way: GuardedWay, *, kind: str) -> None:
        """`kind` is what it fetches, in a word of ours that is counted."""
        self._way = way
        self._kind = kind

    async def get(self, url: str, *, accept: Collection[str], most_bytes: int) -> Fetched:
        """The whole body. Raises Unfetchable."""
        return await self._way.ask(
            "GET",
            url,
            kind=self._kind,
            headers={"Accept": ", ".join(accept), "Accept-Encoding": "identity"},
            read=partial(_read, accept=accept, most_bytes=most_bytes),
        )


async def _read(answer: "httpx2.Response", *, accept: Collection[str], most_bytes: int) -> Fetched:
    if answer.status_code != 200:
        raise Failed("unwanted", f"status {answer.status_code}")
    media_type = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type not in accept:
        raise Failed("unwanted", f"content type {media_type[:100]!r}")
    if answer.headers.get("content-encoding", "identity").lower() != "identity":
        raise Failed("unwanted", "compressed, which was not asked for")
    body = bytearray()
    async for part in answer.aiter_raw():
        body += part
        if len(body) > most_bytes:
            raise Failed("unwanted", f"more than {most_bytes} bytes")
    return Fetched(body=bytes(body), media_type=media_type)
