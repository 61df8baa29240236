"""Signing in: the pages a person sees, beside bare routes with the same templates, and the exchange of their code."""

import asyncio
from collections import deque
from contextlib import ExitStack
from dataclasses import replace

from benchmarks.bare_pages import Shown, bare_pages, differences
from benchmarks.bench import Bench, Findings
from benchmarks.browser import Browser, Page, path_of
from benchmarks.filling import fill_codes
from benchmarks.limits import Signatures
from benchmarks.load.wrk import Probe, bodies_needed, interleaved
from benchmarks.ours import APP_NAME, APP_SCOPE, PASSWORD, PATHS, REDIRECT_URI, USERNAME, App, Ours
from benchmarks.processes import Void
from benchmarks.subjects import Subject, Target
from identity_service.web.views import ClientShown, ConsentPage, LoginPage

SETTINGS = {"INTERACTION_LIFETIME_SECONDS": "3600"}
"""The pages of one pending sign-in are asked for through the whole study."""
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
"""RFC 7636, appendix B."""
GOES_TO = "https://app.example"
BARE = "bare RS256 (openssl speed)"


def signing_in(bench: Bench) -> Findings:
    """Raises Void, Missing."""
    with ExitStack() as stack:
        ours = stack.enter_context(bench.on_postgres(settings=SETTINGS))
        pages = pages_pending(ours)
        codes = code_exchange(ours, bodies_needed(bench.plan))
        bare = stack.enter_context(
            bare_pages(
                [_shown(*one) for one in pages],
                core=bench.plan.server_core,
                folder=bench.place(),
                environment=ours.prepared.environment,
            )
        )
        contestants: list[Target | Probe] = [Signatures(BARE, "RS256", True), codes]
        for browser, page in pages:
            contestants += _two(browser, page, ours.subject, bare)
        return Findings(series=interleaved(contestants, bench.plan))


def pages_pending(ours: Ours) -> list[tuple[Browser, Page]]:
    """The login page of a browser that nobody has signed in with, and the consent page of another one."""
    app = ours.app()
    return [_at_login(ours, app), _at_consent(ours, app)]


def _at_login(ours: Ours, app: App) -> tuple[Browser, Page]:
    browser = Browser(ours.subject.port)
    asked = {
        "client_id": app.client_id,
        "response_type": "code",
        "redirect_uri": REDIRECT_URI,
        "scope": APP_SCOPE,
        "state": "a state",
        "nonce": "n-0S6_WzA2Mj",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
    }
    url = f"/oauth2/authorize?{'&'.join(f'{name}={value}' for name, value in asked.items())}"
    return browser, browser.page(path_of(browser.redirected(url.replace(" ", "%20"))))


def _at_consent(ours: Ours, app: App) -> tuple[Browser, Page]:
    browser, login = _at_login(ours, app)
    form = {"csrf": login.csrf, "username": USERNAME, "password": PASSWORD}
    return browser, browser.page(path_of(browser.redirected(login.path, form)))


def _shown(browser: Browser, seen: Page) -> Shown:
    """The values of a page that was seen; whether they are the same is found out by comparing the answers."""
    client = ClientShown(name=APP_NAME, logo=None, client_uri=None, policy_uri=None, tos_uri=None)
    page: LoginPage | ConsentPage
    if seen.path.startswith("/login/"):
        page = LoginPage(
            action=seen.path, csrf=seen.csrf, username="", client=client, problem=None, cancel=True
        )
    else:
        page = ConsentPage(
            action=seen.path,
            csrf=seen.csrf,
            client=client,
            account=USERNAME,
            scopes=tuple(APP_SCOPE.split()),
            claims=(),
            goes_to=GOES_TO,
            home="/account",
        )
    return Shown(path=seen.path, page=page, form_action=(GOES_TO,), headers={"X-Request-ID": "0" * 32})


def _two(browser: Browser, page: Page, ours: Subject, bare: Subject) -> list[Target]:
    """The page of the server and the bare one, which have to be the same."""
    if unlike := differences(page, Browser(bare.port).page(page.path)):
        raise Void(f"{page.path} and the bare page differ in {', '.join(unlike)}")
    name = f"{page.path.split('/')[1]} page"
    return [
        subject.document(title, page.path, page.csrf.encode(), cookie=browser.cookie)
        for title, subject in ((name, ours), (f"bare {name}", bare))
    ]


def code_exchange(ours: Ours, count: int) -> Target:
    """Each request brings a code of its own, made like the one that a person has just got for an app of its own."""
    app = ours.app()
    browser, consent = _at_consent(ours, app)
    answered = browser.redirected(consent.path, {"csrf": consent.csrf, "action": "allow"})
    if "code=" not in answered:
        raise Void("no code after consent")
    url = ours.prepared.environment["DATABASE_URL"]
    codes = deque(asyncio.run(fill_codes(url, count)))

    def supply(wanted: int) -> tuple[str, ...]:
        if len(codes) < wanted:
            raise Void("no codes left")
        return tuple(
            f"grant_type=authorization_code&code={codes.popleft()}&code_verifier={VERIFIER}"
            f"&redirect_uri=https%3A%2F%2Fapp.example%2Fcallback"
            for _ in range(wanted)
        )

    return Target(
        name="code exchange",
        subject=replace(ours.subject, authorization=app.authorization),
        path=PATHS.token,
        supply=supply,
        expected=b'"id_token"',
    )
