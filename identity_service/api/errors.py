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
from identity_service.api.titles import title, title_for
from identity_service.domain.oauth.errors import (
    InsufficientScope,
    InvalidRequest,
    OAuthError,
    PayloadTooLarge,
    TemporarilyUnavailable,
    UnsupportedCoding,
)
from identity_service.http.methods import allowed_methods
from identity_service.http.request_id import request_id
from identity_service.ports.security import HashingBusy
from identity_service.ports.tokens.key_ring import KeysUnavailable
from identity_service.ports.unit_of_work import StorageUnavailable

log = logging.getLogger(__name__)

OAUTH = "/oauth2"
RETRY_AFTER_SECONDS = 1
NOT_ACCEPTABLE = {
    "query": "a parameter of the query is not acceptable",
    "path": "a part of the path is not acceptable",
    "header": "a header is not acceptable",
}
DETAILS = {
    400: "the body cannot be read",
    404: "there is nothing at this path",
    405: "the Allow header names the methods of this path",
    413: "a body may have 65536 bytes",
}
IN_JSON = {
    "model_type": "Input should be an object",
    "dict_type": "Input should be an object",
    "list_type": "Input should be an array",
}
"""What pydantic says in words of Python, by the type of its error, in those of RFC 8259."""
MOST_ERRORS = 100
MOST_OF_A_NAME = 128


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
    """Registers the handlers. A defect is nobody's refusal: `defect` answers it, from the outermost layer."""
    app.add_exception_handler(OAuthError, _oauth_error)
    app.add_exception_handler(Problem, _problem)
    app.add_exception_handler(StorageUnavailable, _storage)
    app.add_exception_handler(KeysUnavailable, _keys)
    app.add_exception_handler(HashingBusy, _busy)
    app.add_exception_handler(RequestValidationError, _validation)
    app.add_exception_handler(HTTPException, _http)


def _speaks_oauth(request: Request) -> bool:
    path: str = request.scope["path"]
    return path == OAUTH or path.startswith(f"{OAUTH}/")


async def _oauth_error(request: Request, error: Any) -> Response:
    if error.detail:
        log.info("refused: %s", error.code, extra={"detail": error.detail})
    return refusal(request, error)


def refusal(request: Request, error: OAuthError) -> Response:
    """As the endpoint tells it: RFC 6749 §5.2 or RFC 9457."""
    request.state.refusal = error.code  # which is counted
    headers = _headers(error)
    if _speaks_oauth(request):
        return _oauth_answer(error.status, error.code, error.description, headers)
    return problem_answer(request, Problem(error.status, error.code, error.description, headers=headers))


def _oauth_answer(status: int, code: str, description: str, headers: dict[str, str]) -> Response:
    """RFC 6749 §5.2."""
    members = {"error": code, "error_description": description}
    return json_answer(members, status=status, headers=NO_STORE | headers)


def _headers(error: OAuthError) -> dict[str, str]:
    headers: dict[str, str] = {}
    if error.challenge is not None:
        headers["WWW-Authenticate"] = _challenge(error)
    if isinstance(error, UnsupportedCoding):
        headers["Accept-Encoding"] = "identity"  # RFC 9110 §12.5.3
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
    """The problem as RFC 9457 §3 renders it. Its title alone is for people, and in their language: `type`, `detail` and
    `errors` are for programs and those who write them."""
    named, language = title_for(request, problem.status)
    members = problem_members(
        problem, title=named, instance=request.scope["path"], request_id=request_id(request)
    )
    answer = json_answer(members, status=problem.status, headers=NO_STORE | problem.headers)
    answer.headers["Content-Type"] = "application/problem+json"
    answer.headers["Content-Language"] = language
    answer.headers.add_vary_header("Accept-Language")
    return answer


def problem_members(problem: Problem, *, title: str, instance: str, request_id: str) -> dict[str, Any]:
    """RFC 9457 §3.1, and the id under which the log knows the request."""
    members: dict[str, Any] = {
        "type": f"urn:identity-service:problem:{problem.kind}",
        "title": title,
        "status": problem.status,
        "detail": problem.detail,
        "instance": instance,
        "request_id": request_id,
    }
    return members | ({"errors": list(problem.errors)} if problem.errors else {})


async def _storage(request: Request, error: Any) -> Response:
    log.warning("the database cannot be used: %s", error)
    return refusal(request, TemporarilyUnavailable())


async def _busy(request: Request, error: Any) -> Response:
    return refusal(request, TemporarilyUnavailable(retry_after_seconds=error.retry_after_seconds))


async def _keys(request: Request, error: Any) -> Response:
    log.warning("no signing key is held")
    return refusal(request, TemporarilyUnavailable())


async def _validation(request: Request, error: Any) -> Response:
    """What pydantic found, without the values that the caller sent."""
    errors = [
        {
            "pointer": _pointer(found["loc"][1:]),
            "in": str(found["loc"][0]),
            "detail": IN_JSON.get(found["type"]) or _encodable(found["msg"]),
        }
        for found in error.errors()[:MOST_ERRORS]
    ]
    return problem_answer(request, not_acceptable(errors))


def not_acceptable(errors: Sequence[dict[str, str]]) -> Problem:
    """What was sent has no fault but these; each says where it stands: `body`, `query`, `path` or `header`."""
    detail = NOT_ACCEPTABLE.get(errors[0]["in"], "a member of the body is not acceptable")
    return Problem(422, "validation", detail, errors=errors)


def _pointer(parts: Sequence[str | int]) -> str:
    """RFC 6901 §3. A member's name may be the caller's: it is cut short."""
    texts = (str(part)[:MOST_OF_A_NAME].replace("~", "~0").replace("/", "~1") for part in parts)
    return _encodable("".join(f"/{text}" for text in texts))


def _encodable(text: str) -> str:
    """JSON can smuggle in half a surrogate pair, which UTF-8 cannot carry."""
    return text.encode("utf-8", "replace").decode("utf-8")


async def _http(request: Request, error: Any) -> Response:
    """What is refused before a route: no such path or method, too large a body, a body that is no JSON."""
    status, headers = error.status_code, dict(error.headers or {})
    if status == 405:
        headers["Allow"] = allowed_methods(request)
        if request.method == "OPTIONS":  # RFC 9110 §9.3.7
            return Response(status_code=204, headers=NO_STORE | headers)
    if status == PayloadTooLarge.status and _speaks_oauth(request):
        return refusal(request, PayloadTooLarge())
    if _speaks_oauth(request):
        request.state.refusal = InvalidRequest.code
        return _oauth_answer(status, InvalidRequest.code, title(status).lower(), headers)
    return problem_answer(request, without_route(status, headers))


def misdirected(request: Request) -> Response:
    """RFC 9110 §15.5.20."""
    detail = "this server is not asked under that name: ISSUER and ALLOWED_HOSTS say under which"
    if _speaks_oauth(request):
        request.state.refusal = InvalidRequest.code
        return _oauth_answer(421, InvalidRequest.code, detail, {})
    return problem_answer(request, Problem(421, "misdirected-request", detail))


def without_route(status: int, headers: dict[str, str] | None = None) -> Problem:
    """What is told where no route has a say."""
    name = title(status)
    return Problem(status, name.lower().replace(" ", "-"), DETAILS.get(status, name), headers=headers)


def defect(request: Request) -> Response:
    """A defect of ours: the log has the trace, the caller the request id."""
    return problem_answer(request, Problem(500, "defect", "the server failed; its log names this request id"))
