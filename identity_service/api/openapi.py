"""What the description of the API says beyond the routes: who we are, how callers authenticate, how refusals look."""

from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from identity_service.api.openapi_examples import components as shared_examples
from identity_service.api.openapi_examples import problem_examples
from identity_service.domain.value_objects.scope import RESERVED
from identity_service.http.site import Site

PROBLEM_TYPE = "application/problem+json"
MEANINGS = {
    "admin": "Everything that an administrator may do.",
    "users:read": "Read users.",
    "users:write": "Create, change and delete users.",
    "users:revoke": "End all that an account gave out, and nothing else.",
    "clients:read": "Read clients.",
    "clients:write": "Create, change and delete clients.",
    "account": "Read and change the profile, the sessions and the consents of the person the token stands for.",
}
TAGS = [
    {
        "name": "OAuth 2",
        "description": "Tokens: to get them, to ask about them, to end them. Bodies are forms.",
    },
    {
        "name": "OpenID Connect",
        "description": "Who signed in, and where people are sent to do so.",
    },
    {"name": "Discovery", "description": "What programs need to know of this server. Anybody may ask."},
    {"name": "Users", "description": "People who can sign in."},
    {"name": "Clients", "description": "Programs that ask for tokens, or check them."},
    {
        "name": "Token families",
        "description": "What sign-ins gave to clients. For whoever reads or writes users.",
    },
    {
        "name": "Outbox",
        "description": "Messages on their way to clients, such as logout tokens. For administrators.",
    },
    {"name": "Events", "description": "What happened, along the chain of the log. For administrators."},
    {"name": "Operation", "description": "Whether the server lives and can work."},
]
PROBLEM = {
    "type": "object",
    "title": "Problem",
    "description": "A refusal (RFC 9457).",
    "required": ["type", "title", "status", "detail", "instance", "request_id"],
    "properties": {
        "type": {"type": "string", "format": "uri", "description": "Names the kind of problem."},
        "title": {
            "type": "string",
            "description": "What such problems are called, in the first language of `Accept-Language` that there is.",
        },
        "status": {"type": "integer", "minimum": 400, "maximum": 599},
        "detail": {"type": "string", "description": "A fixed text: what to do about it."},
        "instance": {"type": "string", "description": "The path that was asked for."},
        "request_id": {"type": "string", "description": "Names the request in the log of the server."},
        "errors": {
            "type": "array",
            "description": "What is wrong with which member.",
            "items": {
                "type": "object",
                "required": ["detail"],
                "properties": {
                    "pointer": {"type": "string", "description": "A JSON pointer (RFC 6901)."},
                    "in": {"type": "string", "description": "body, query, path or header"},
                    "detail": {"type": "string"},
                },
            },
        },
    },
}
OAUTH_ERROR = {
    "type": "object",
    "title": "OAuthError",
    "description": "A refusal of an OAuth endpoint (RFC 6749 §5.2).",
    "required": ["error", "error_description"],
    "properties": {
        "error": {"type": "string", "pattern": "^[a-z_]+$"},
        "error_description": {"type": "string", "pattern": r"^[\x20-\x21\x23-\x5B\x5D-\x7E]+$"},
    },
}


def problems(**described: str) -> dict[int | str, dict[str, Any]]:
    """Responses of a JSON route: `problems(s404="no such user")`, or `s409_state` for a status of several kinds."""
    told = ((name[1:].partition("_"), text) for name, text in described.items())
    return {int(status): problem_response(int(status), text, kind) for (status, _, kind), text in told}


def problem_response(status: int, text: str, kind: str = "") -> dict[str, Any]:
    """One response that is a problem; its `kind` only where a status has several."""
    content = {"schema": ref("Problem"), "examples": problem_examples(status, kind)}
    return {"description": text, "content": {PROBLEM_TYPE: content}}


def ref(name: str) -> dict[str, str]:
    """A schema of the components."""
    return {"$ref": f"#/components/schemas/{name}"}


def header(text: str, **schema: Any) -> dict[str, Any]:
    """One header of a response."""
    return {"description": text, "schema": {"type": "string"} | schema}


TOO_MANY = {
    "Retry-After": header("Seconds to wait.", type="integer"),
    "RateLimit-Policy": header("Quotas of the caller (draft-ietf-httpapi-ratelimit-headers-10)."),
    "RateLimit": header("How they stand.", examples=['"address-token";r=0;t=60']),
}
"""What whoever asked too often is told."""


def description(app: FastAPI, *, pages: Mapping[str, Any], schemes: Mapping[str, Any]) -> dict[str, Any]:
    """The OpenAPI document of this instance, made when first asked for; `pages` are what FastAPI does not know,
    `schemes` how callers prove themselves at some routes alone."""
    if app.openapi_schema is None:
        site: Site = app.state.site
        document = get_openapi(
            title=app.title,
            version=app.version,
            summary="An OAuth 2.0 authorization server and OpenID Connect provider.",
            routes=app.routes,
            tags=TAGS,
            servers=[{"url": site.issuer}],
        )
        document["paths"].update(pages)
        components = document.setdefault("components", {})
        components.setdefault("schemas", {}).update({"Problem": PROBLEM, "OAuthError": OAUTH_ERROR})
        components["examples"] = shared_examples()
        components["securitySchemes"] = _security_schemes(site.issuer) | dict(schemes)
        app.openapi_schema = document
    return app.openapi_schema


def _security_schemes(issuer: str) -> dict[str, Any]:
    flow = {"tokenUrl": f"{issuer}/oauth2/token", "refreshUrl": f"{issuer}/oauth2/token"}
    return {
        "client_secret_basic": {
            "type": "http",
            "scheme": "basic",
            "description": "Client id and secret, each form-encoded first (RFC 6749 §2.3.1). "
            "`client_secret_post`, the other way, puts `client_id` and `client_secret` into the form.",
        },
        "access_token": {
            "type": "oauth2",
            "description": "An access token of this server whose `aud` names it.",
            "flows": {
                "clientCredentials": flow | {"scopes": {name: MEANINGS[name] for name in sorted(RESERVED)}},
                "password": flow | {"scopes": MEANINGS},
            },
        },
    }
