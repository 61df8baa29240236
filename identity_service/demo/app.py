"""Which address of the demo shows or does what."""

from typing import Any
from urllib.parse import parse_qsl

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from identity_service.demo.initiate import asked_by_get, login_hint, with_hint
from identity_service.demo.logout_token import TakenTokens
from identity_service.demo.pages import Pages
from identity_service.demo.party import Party
from identity_service.demo.problem import Problem
from identity_service.demo.provider import Provider, SignedIn
from identity_service.demo.visits import Visit, Visits

COOKIE = "demo-visit"
"""Browsers do not tell the ports of one host apart: a provider beside us must not have a cookie of this name."""
LONGEST_FORM = 8192
NO_STORE = {"Cache-Control": "no-store"}


class Demo:
    """The handlers of one relying party."""

    def __init__(self, party: Party, provider: Provider, visits: Visits) -> None:
        self._party = party
        self._provider = provider
        self._visits = visits
        self._taken = TakenTokens()
        self.pages = Pages(party)

    async def home(self, request: Request) -> Response:
        """Who has signed in, and all that is known of them; or that this is over; or how to sign in."""
        _, visit = self._visit(request)
        if visit is not None and visit.ended:
            return self.pages.signed_out("by_provider")
        if visit is None or visit.signed_in is None:
            return self.pages.welcome()
        leads_to = self._provider.end_session_endpoint
        return self.pages.signed_in(visit.signed_in, visit.csrf, leads_to=leads_to)

    async def sign_in(self, request: Request) -> Response:
        """Sends the browser to the provider."""
        return await self._sent(request, None)

    async def initiate(self, request: Request) -> Response:
        """The same, because somebody else asks for it."""
        return await self._sent(request, login_hint(request.query_params, self._party))

    async def initiate_by_post(self, request: Request) -> Response:
        """A form from elsewhere is asked again by GET, which brings our cookie."""
        return _to(asked_by_get(await _form(request)))

    async def _sent(self, request: Request, hint: str | None) -> Response:
        attempt = await self._provider.begin()
        key, visit = self._visit(request)
        if visit is None:
            key, visit = self._visits.start()
        visit.begin(attempt)
        return _keeping(key, _to(with_hint(attempt.url, hint)))

    async def callback(self, request: Request) -> Response:
        """The provider's answer. What belongs to no sign-in of this browser is not looked at (RFC 6749 §10.12)."""
        answer = dict(request.query_params)
        key, visit = self._visit(request)
        attempt = None if visit is None else visit.began(answer.get("state", ""))
        if attempt is None or visit is None:
            raise Problem(
                "unknown_state", "This answer belongs to no sign-in that was begun in this browser."
            )
        await self._provider.check_answer(answer)
        signed_in = await self._provider.finish(attempt, answer.get("code", ""))
        attempts = visit.attempts
        key, visit = self._visits.start(instead_of=key)
        visit.attempts, visit.signed_in = attempts, signed_in
        return _keeping(key, _to("/"))

    async def userinfo(self, request: Request) -> Response:
        """Asks once more what the provider says of the person."""
        visit, known = await self._asked(request)
        visit.renew(known, await self._provider.userinfo(known))
        return _to("/#userinfo")

    async def refresh(self, request: Request) -> Response:
        """Gets new tokens."""
        visit, known = await self._asked(request)
        visit.renew(known, await self._provider.refresh(known))
        return _to("/#tokens")

    async def sign_out(self, request: Request) -> Response:
        """Forgets the person, and sends the browser to sign out at the provider, too."""
        _, known = await self._asked(request)
        key, visit = self._visits.start(instead_of=request.cookies.get(COOKIE))
        visit.leaving = key[:16]
        url = await self._provider.sign_out_url(known, visit.leaving)
        return _keeping(key, _to(url or "/signed-out"))

    async def signed_out(self, request: Request) -> Response:
        """Where people come back to. Nobody who is still signed in is told otherwise."""
        _, visit = self._visit(request)
        if visit is not None and visit.signed_in is not None:
            return _to("/")
        everywhere = visit is not None and visit.left(request.query_params.get("state"))
        return self.pages.signed_out("everywhere" if everywhere else "here")

    async def backchannel_logout(self, request: Request) -> Response:
        """The provider says that a session is over (OIDC Back-Channel Logout §2.5); §2.8 has the answers."""
        try:
            told = await self._provider.logout((await _form(request)).get("logout_token", ""))
            self._taken.take(told)
        except Problem as problem:
            said = {"error": "invalid_request", "error_description": problem.description}
            return JSONResponse(said, problem.status, headers=NO_STORE)
        self._visits.end(sid=told.get("sid"), sub=told.get("sub"))
        return Response(status_code=200, headers=NO_STORE)

    async def problem(self, request: Request, problem: Any) -> Response:
        """What was refused, and by whom."""
        return self.pages.problem(problem)

    async def wrong_way(self, request: Request, error: Any) -> Response:
        """An address or a method that is none of ours."""
        shown = Problem("not_found", "There is no such page here.", status=error.status_code)
        response = self.pages.problem(shown)
        response.headers.update(error.headers or {})
        return response

    def _visit(self, request: Request) -> tuple[str, Visit | None]:
        key = request.cookies.get(COOKIE, "")
        return key, self._visits.get(key)

    async def _asked(self, request: Request) -> tuple[Visit, SignedIn]:
        """Who is signed in and has pressed a button on a page of ours. Raises Problem."""
        form = await _form(request)
        _, visit = self._visit(request)
        if visit is None or visit.signed_in is None:
            raise Problem("signed_out", "Nobody is signed in here any more.")
        if not visit.posted(form.get("csrf")):
            raise Problem("old_form", "This form is not from the page that you see here now: go back to it.")
        return visit, visit.signed_in


class AtHome:
    """Leads browsers that came under another name of this machine to the one that the provider sends them back to:
    cookies are kept for a name. What is no page view is refused there, and so is a name that somebody made up.
    """

    def __init__(self, app: ASGIApp, *, party: Party) -> None:
        self._app = app
        self._party = party

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes on what came under our own name."""
        if scope["type"] == "http" and Request(scope).headers.get("host") != self._party.authority:
            answer: Any = RedirectResponse(f"{self._party.url}/", 303)
            await answer(scope, receive, send)
        else:
            await self._app(scope, receive, send)


def create_app(party: Party, *, provider: Provider | None = None, visits: Visits | None = None) -> Starlette:
    """The demo as an ASGI application."""
    demo = Demo(party, provider or Provider(party), visits or Visits())
    app = Starlette(
        routes=[
            Route("/", demo.home),
            Route("/sign-in", demo.sign_in),
            Route("/initiate", demo.initiate),
            Route("/initiate", demo.initiate_by_post, methods=["POST"]),
            Route("/callback", demo.callback),
            Route("/userinfo", demo.userinfo, methods=["POST"]),
            Route("/refresh", demo.refresh, methods=["POST"]),
            Route("/sign-out", demo.sign_out, methods=["POST"]),
            Route("/signed-out", demo.signed_out),
            Route("/backchannel-logout", demo.backchannel_logout, methods=["POST"]),
            Route("/demo.css", demo.pages.style),
        ],
        exception_handlers={Problem: demo.problem, HTTPException: demo.wrong_way},
    )
    app.add_middleware(AtHome, party=party)
    return app


def _to(url: str) -> Response:
    """Go there. The address we come from, which may hold a code, is nobody's business."""
    return RedirectResponse(url, 303, headers={"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"})


def _keeping(key: str, response: Response) -> Response:
    """With the cookie of this visit; it lives as long as the browser does."""
    response.set_cookie(COOKIE, key, httponly=True, samesite="lax", path="/")
    return response


async def _form(request: Request) -> dict[str, str]:
    """The fields of a short form; a long one is none of ours."""
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > LONGEST_FORM:
            raise Problem("old_form", "This form is none of ours.")
    return dict(parse_qsl(body.decode("utf-8", "replace")))
