"""Which refusals the description of the API shows: each once, made by what makes them when they are answered."""

from collections.abc import Mapping
from typing import Any, Final

from identity_service.api.account_errors import fault, problem_of
from identity_service.api.errors import Problem, not_acceptable, problem_members, without_route
from identity_service.api.json_body import JSON, not_json, wrong_type
from identity_service.api.titles import title
from identity_service.domain.oauth import errors as oauth
from identity_service.domain.oauth.registration_errors import InvalidClientMetadata
from identity_service.domain.refusals import ChangedMeanwhile, NotFound, OutOfState
from identity_service.ports.unit_of_work import Conflict

_PATH: Final = "/users/0192f0c1-7a3e-7c55-9f2e-0f4b5a6c7d8e"
_REQUEST_ID: Final = "0192f0c1-9d44-7b0a-8c36-5f1e2d3c4b5a"
_REFUSALS: Final[tuple[type[oauth.OAuthError], ...]] = (
    oauth.InvalidRequest,
    oauth.PayloadTooLarge,
    oauth.UnsupportedCoding,
    oauth.InvalidBearerRequest,
    oauth.InvalidClient,
    oauth.InvalidGrant,
    oauth.UnauthorizedClient,
    oauth.UnsupportedGrantType,
    oauth.InvalidScope,
    oauth.InvalidTarget,
    oauth.InvalidRedirectUri,
    oauth.AccessDenied,
    oauth.InvalidToken,
    oauth.InsufficientScope,
    oauth.TooManyRequests,
    oauth.TemporarilyUnavailable,
    InvalidClientMetadata,
)


def _problem(error: oauth.OAuthError) -> Problem:
    return Problem(error.status, error.code, error.description)


_PROBLEMS: Final[Mapping[int, tuple[Problem, ...]]] = {
    400: (not_json(),),
    401: (_problem(oauth.InvalidToken()),),
    403: (_problem(oauth.InsufficientScope()),),
    404: (problem_of(NotFound(), place="body"),),
    409: (
        problem_of(Conflict("username"), place="body"),
        problem_of(OutOfState("a public client has no secret"), place="body"),
    ),
    412: (problem_of(ChangedMeanwhile(), place="body"),),
    413: (without_route(413),),
    415: (wrong_type((JSON,), "Accept-Post"), _problem(oauth.UnsupportedCoding())),
    422: (not_acceptable([fault("username", "must not be empty", place="body")]),),
    429: (_problem(oauth.TooManyRequests()),),
    503: (_problem(oauth.TemporarilyUnavailable()),),
}


def components() -> dict[str, Any]:
    """The examples, for the components of the description."""
    refusals = {each.__name__: _oauth_members(each.code, each.default) for each in _REFUSALS}
    problems = {
        _name(problem): problem_members(
            problem, title=title(problem.status), instance=_PATH, request_id=_REQUEST_ID
        )
        for each in _PROBLEMS.values()
        for problem in each
    }
    return {name: {"value": value} for name, value in (refusals | problems).items()}


def _oauth_members(code: str, description: str) -> dict[str, Any]:
    return {"error": code, "error_description": description}


def refused(*errors: type[oauth.OAuthError]) -> dict[str, Any]:
    """The examples of one response of an OAuth endpoint."""
    return {each.code: _ref(each.__name__) for each in errors}


def problem_examples(status: int, kind: str = "") -> dict[str, Any]:
    """The examples of one response that is a problem, of this kind or of any."""
    chosen = (problem for problem in _PROBLEMS[status] if kind in ("", problem.kind))
    return {problem.kind: _ref(_name(problem)) for problem in chosen}


def _name(problem: Problem) -> str:
    return f"Problem-{problem.status}-{problem.kind}"


def _ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/examples/{name}"}
