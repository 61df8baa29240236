"""How the demo's pages look, and what a browser may do with them."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from identity_service.demo.party import Party
from identity_service.demo.problem import Problem
from identity_service.demo.provider import SignedIn

STYLE = Path(__file__).with_name("static") / "demo.css"
POLICY = (
    "default-src 'none'; style-src 'self'; img-src data:; form-action {}; frame-ancestors 'none'; "
    "base-uri 'none'"
)
ORIGIN = re.compile(r"https?://[A-Za-z0-9._-]+(?::[0-9]{1,5})?")
MEANINGS = {
    "iss": "who says all this",
    "sub": "who you are: the name that never changes",
    "aud": "whom it is said to",
    "azp": "whom it was given to",
    "exp": "until when to believe it",
    "iat": "when it was said",
    "auth_time": "when you proved who you are",
    "nonce": "ties it to the sign-in that was begun here",
    "at_hash": "ties it to the access token that came with it",
    "sid": "your session there",
    "acr": "how sure they are that it is you",
    "amr": "how you proved it",
}
How = Literal["here", "everywhere", "by_provider"]
MOMENTS = frozenset({"exp", "iat", "auth_time", "updated_at"})


class Pages:
    """Renders every page. Whatever comes from the provider is text, and escaped."""

    def __init__(self, party: Party) -> None:
        self._style = STYLE.read_bytes()
        self._environment = Environment(
            loader=PackageLoader("identity_service.demo"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        self._environment.globals |= {"party": party, "MEANINGS": MEANINGS}
        self._environment.filters |= {"moment": moment, "pretty": pretty}
        self._environment.tests |= {"moment": lambda claim: claim in MOMENTS}

    def welcome(self) -> Response:
        """Nobody is signed in."""
        return self._page("welcome.html")

    def signed_in(self, known: SignedIn, csrf: str, *, leads_to: str | None) -> Response:
        """Everything that is known. `leads_to` is where the form for signing out ends up."""
        return self._page("signed_in.html", form_action=(leads_to,), known=known, csrf=csrf)

    def signed_out(self, how: How) -> Response:
        """The person has left, here or at the provider too, or the provider has ended the session."""
        return self._page("signed_out.html", how=how)

    def problem(self, problem: Problem) -> Response:
        """What went wrong."""
        return self._page("problem.html", status=problem.status, problem=problem)

    async def style(self, request: Request) -> Response:
        """The one style sheet."""
        headers = {"Cache-Control": "no-cache", "X-Content-Type-Options": "nosniff"}
        return Response(self._style, media_type="text/css", headers=headers)

    def _page(
        self, template: str, *, status: int = 200, form_action: tuple[str | None, ...] = (), **shown: Any
    ) -> Response:
        text = self._environment.get_template(template).render(shown)
        targets = ["'self'", *(_source(url) for url in form_action if url)]
        headers = {
            "Content-Security-Policy": POLICY.format(" ".join(targets)),
            "Cache-Control": "no-store",
            "Referrer-Policy": "no-referrer",
            "X-Content-Type-Options": "nosniff",
            "X-Frame-Options": "DENY",
        }
        return HTMLResponse(text.encode("utf-8", "replace"), status, headers)


def moment(seconds: object) -> str:
    """A NumericDate (RFC 7519 §2) as people read it; what is none is left out."""
    try:
        return datetime.fromtimestamp(float(str(seconds)), UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    except (ValueError, OverflowError, OSError):
        return ""


def pretty(value: object) -> str:
    """A claim's value: text as it is, anything else as JSON, an object with a line for each member."""
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, indent=2 if isinstance(value, dict) else None)


def _source(url: str) -> str:
    """What `form-action` names so that a form may lead there: the origin, or its scheme where it cannot be written."""
    parts = urlsplit(url)
    origin = f"{parts.scheme}://{parts.netloc}"
    if ORIGIN.fullmatch(origin):
        return origin
    return "http:" if parts.scheme == "http" else "https:"
