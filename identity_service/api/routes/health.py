"""Whether the server lives, and whether it can do its work."""

from starlette.requests import Request
from starlette.responses import Response

from identity_service.api.answers import json_answer


async def live(request: Request) -> Response:
    """The process answers. Nothing is asked of anybody else."""
    return json_answer({"status": "ok"}, headers={"Cache-Control": "no-store"})
