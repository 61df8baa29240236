"""Whether the server lives, and whether it can do its work."""

from starlette.requests import Request
from starlette.responses import Response

from identity_service.api.answers import json_answer
from identity_service.application.use_cases.system.check_health import Dependency, Health
from identity_service.http.services import health as service

NO_STORE = {"Cache-Control": "no-store"}
UNAVAILABLE = NO_STORE | {"Retry-After": "1"}


async def live(request: Request) -> Response:
    """The process answers. Nothing is asked of anybody else."""
    return json_answer({"status": "ok"}, headers=NO_STORE)


async def ready(request: Request) -> Response:
    """200 while requests may be sent here, 503 with the reasons while they may not."""
    reasons = (await service(request).check_health()).reasons
    if reasons:
        return json_answer({"status": "not ready", "reasons": list(reasons)}, status=503, headers=UNAVAILABLE)
    return json_answer({"status": "ready"}, headers=NO_STORE)


async def health(request: Request) -> Response:
    """Every dependency with its state and latency; 503 when one fails without which nothing works."""
    found = await service(request).check_health()
    down = found.status == "down"
    return json_answer(
        _rendered(found), status=503 if down else 200, headers=UNAVAILABLE if down else NO_STORE
    )


def _rendered(found: Health) -> dict[str, object]:
    return {
        "status": found.status,
        "version": found.version,
        "dependencies": {name: _dependency(each) for name, each in found.dependencies.items()},
    }


def _dependency(found: Dependency) -> dict[str, object]:
    if found.problem is None:
        return {"status": "ok", "milliseconds": found.milliseconds}
    status = "down" if found.vital else "degraded"
    return {"status": status, "problem": found.problem, "milliseconds": found.milliseconds}
