"""The only place that renders refusals: RFC 6749 JSON at the OAuth endpoints, RFC 9457 problems everywhere else."""

import logging
from collections.abc import Sequence
from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from identity_service.api.answers import NO_STORE, json_answer
from identity_service.domain.oauth.errors import (
    InsufficientScope,
    InvalidRequest,
    OAuthError,
    TemporarilyUnavailable,
)
from identity_service.http.request_id import request_id
from identity_service.ports.security import HashingBusy
from identity_service.ports.unit_of_work import StorageUnavailable

log = logging.getLogger(__name__)

OAUTH = "/oauth2/"
RETRY_AFTER_SECONDS = 1
TITLES = {
    400: "Bad request",
    401: "Authentication needed",
    403: "Not allowed",
    404: "Not found",
    405: "Method not allowed",
    409: "Conflict",
    412: "Changed meanwhile",
    413: "Body too large",
    415: "Wrong content type",
    422: "Body not acceptable",
    428: "Condition needed",
    429: "Too many requests",
    500: "Server error",
    503: "Temporarily unavailable",
}


class Problem(Exception):
    """A refusal of the JSON API (RFC 9457). `detail` is a text of ours; `errors` name members and what each wants."""

    def __init__(
        self,
        status: int,
        kind: str,
        detail: str,
        *,
        errors: Sequence[dict[str, str]] = (),
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.kind = kind
        self.detail = detail
        self.errors = tuple(errors)
        self.headers = headers or {}


def install(app: FastAPI) -> None:
    """Registers the handlers."""
    app.add_exception_handler(OAuthError, _oauth_error)
    app.add_exception_handler(Problem, _problem)
    app.add_exception_handler(StorageUnavailable, _storage)
    app.add_exception_handler(HashingBusy, _busy)
    app.add_exception_handler(RequestValidationError, _validation)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _defect)


async def _oauth_error(request: Request, error: Any) -> Response:
    if error.detail:
        log.info("refused: %s", error.code, extra={"detail": error.detail})
    return _refusal(request, error)


def _refusal(request: Request, error: OAuthError, *, status: int | None = None) -> Response:
    headers = _headers(error)
    if request.url.path.startswith(OAUTH):
        members = {"error": error.code, "error_description": error.description}
        return json_answer(members, status=status or error.status, headers=NO_STORE | headers)
    return problem_answer(request, Problem(error.status, error.code, error.description, headers=headers))


def _headers(error: OAuthError) -> dict[str, str]:
    headers: dict[str, str] = {}
    if error.challenge is not None:
        headers["WWW-Authenticate"] = _challenge(error)
    retry_after = error.retry_after_seconds
    if retry_after is None and isinstance(error, TemporarilyUnavailable):
        retry_after = RETRY_AFTER_SECONDS
    if retry_after is not None:
        headers["Retry-After"] = str(retry_after)
    return headers


def _challenge(error: OAuthError) -> str:
    """RFC 7617 §2 and RFC 6750 §3; every text in it is ours and holds no quote."""
    parts = ['realm="identity-service"']
    if error.challenge == "Basic":
        parts.append('charset="UTF-8"')
    elif error.names_code:
        parts += [f'error="{error.code}"', f'error_description="{error.description}"']
    if isinstance(error, InsufficientScope) and error.required_scope:
        parts.append(f'scope="{error.required_scope}"')
    return f"{error.challenge} {', '.join(parts)}"


async def _problem(request: Request, problem: Any) -> Response:
    return problem_answer(request, problem)


def problem_answer(request: Request, problem: Problem) -> Response:
    """The problem as RFC 9457 §3 renders it."""
    members: dict[str, Any] = {
        "type": f"urn:identity-service:problem:{problem.kind}",
        "title": TITLES.get(problem.status, "Error"),
        "status": problem.status,
        "detail": problem.detail,
        "instance": request.scope["path"],
        "request_id": request_id(request),
    }
    if problem.errors:
        members["errors"] = list(problem.errors)
    answer = json_answer(members, status=problem.status, headers=NO_STORE | problem.headers)
    answer.headers["Content-Type"] = "application/problem+json"
    return answer


async def _storage(request: Request, error: Any) -> Response:
    log.warning("the database cannot be used: %s", error)
    return _refusal(request, TemporarilyUnavailable())


async def _busy(request: Request, error: Any) -> Response:
    return _refusal(request, TemporarilyUnavailable(retry_after_seconds=error.retry_after_seconds))


async def _validation(request: Request, error: Any) -> Response:
    """What pydantic found, without what the caller sent."""
    errors = [
        {
            "pointer": "/" + "/".join(str(part) for part in found["loc"][1:]),
            "in": str(found["loc"][0]),
            "detail": found["msg"],
        }
        for found in error.errors()
    ]
    return problem_answer(
        request, Problem(422, "validation", "the request does not have the form it needs", errors=errors)
    )


async def _http(request: Request, error: Any) -> Response:
    """What the router refuses: no such path, no such method."""
    headers = dict(error.headers or {})
    if request.url.path.startswith(OAUTH):
        members = {
            "error": InvalidRequest.code,
            "error_description": TITLES.get(error.status_code, "Error").lower(),
        }
        return json_answer(members, status=error.status_code, headers=NO_STORE | headers)
    kind = TITLES.get(error.status_code, "Error").lower().replace(" ", "-")
    return problem_answer(
        request, Problem(error.status_code, kind, TITLES.get(error.status_code, "Error"), headers=headers)
    )


async def _defect(request: Request, error: Exception) -> Response:
    """A defect of ours: the log has the trace, the caller the request id."""
    return problem_answer(request, Problem(500, "defect", "the server failed; its log names this request id"))
