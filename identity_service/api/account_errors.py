"""How refusals about users and clients look: problems that point at the member at fault (RFC 9457 §3)."""

from typing import Any

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response

from identity_service.api.errors import Problem, not_acceptable, problem_answer
from identity_service.domain.refusals import ChangedMeanwhile, NotFound, OutOfState, Unacceptable
from identity_service.ports.unit_of_work import Conflict


def install(app: FastAPI) -> None:
    """Registers the handlers."""
    for refusal in (Unacceptable, Conflict, NotFound, ChangedMeanwhile, OutOfState):
        app.add_exception_handler(refusal, _refused)


def fault(member: str, detail: str, *, place: str) -> dict[str, str]:
    """One entry of `errors`; `place` is where the member stands: `body` or `query`."""
    return {"pointer": f"/{member}", "in": place, "detail": detail}


async def _refused(request: Request, error: Any) -> Response:
    return problem_answer(request, problem_of(error, place="query" if request.method == "GET" else "body"))


def problem_of(error: Exception, *, place: str) -> Problem:
    """The problem that a refusal of a use case is; `place` as in `fault`."""
    match error:
        case Unacceptable(faults=faults):
            return not_acceptable([fault(found.member, found.description, place=place) for found in faults])
        case Conflict(member=member):
            errors = [fault(member, "is taken", place=place)]
            return Problem(409, "conflict", "another one has this already", errors=errors)
        case OutOfState(description=description):
            return Problem(409, "state", description)
        case ChangedMeanwhile():
            return Problem(412, "changed", "this is no longer the version that If-Match names")
    return Problem(404, "not-found", "there is no such thing here")
