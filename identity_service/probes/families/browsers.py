"""What a browser may be made to do: markup that comes back, frames, pages of other sites (attack 36)."""

from urllib.parse import urlencode

from identity_service.probes.probe import Outcome, Probe, judged, probe, untried
from identity_service.probes.target import Target

SCRIPT = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"
INJECTIONS = (
    SCRIPT,
    "a\r\nSet-Cookie: x=y",
    "' OR 1=1 --",
    "${7*7}{{7*7}}<%= 7*7 %>",
    "*)(uid=*",
    "\x00",
    "\ud7ff" * 3,
)


def _pages(target: Target) -> dict[str, str]:
    query = urlencode({"client_id": SCRIPT, "state": SCRIPT, "error": SCRIPT, "scope": SCRIPT})
    return {
        "the authorization endpoint": f"{target.endpoint('authorization_endpoint')}?{query}",
        "the end of a session": f"{target.endpoint('end_session_endpoint')}?{query}",
        "a place that is not there": f"/{urlencode({'x': SCRIPT})}",
    }


@probe(36)
async def no_markup_comes_back(target: Target) -> Outcome:
    """Script in every parameter of the pages, whether it comes back as markup."""
    sent = "markup in parameters and paths"
    for name, path in _pages(target).items():
        answer = await target.ask("GET", path)
        html = "html" in answer.headers.get("content-type", "html")
        if html and ("<script>alert" in answer.text or "<img src=x" in answer.text):
            return judged(sent, {f"{name} repeats it as it is": True}, seen="")
    return judged(sent, {}, seen="nothing comes back as markup")


@probe(40)
async def nothing_breaks_by_what_is_in_a_field(target: Target) -> Outcome:
    """SQL, templates, line ends, LDAP and broken text in the fields of the endpoints."""
    sent = f"{len(INJECTIONS)} texts in the fields of the OAuth endpoints"
    for text in INJECTIONS:
        for name in ("token_endpoint", "introspection_endpoint", "revocation_endpoint"):
            form = {"grant_type": text, "token": text, "client_id": text, "username": text, "scope": text}
            answer = await target.form(target.endpoint(name), form)
            if answer.status_code >= 500 or "set-cookie" in answer.headers:
                return judged(sent, {f"{name} with {text!r}: {answer.status_code}": True}, seen="")
    return judged(sent, {}, seen="each is refused")


@probe(36)
async def pages_are_not_framed_and_run_no_foreign_script(target: Target) -> Outcome:
    """Which policies the pages come with."""
    answer = await target.ask("GET", _pages(target)["the authorization endpoint"])
    policy = answer.headers.get("content-security-policy", "")
    return judged(
        "a look at the headers of a page",
        {
            "other sites may frame it": "frame-ancestors" not in policy
            and "x-frame-options" not in answer.headers,
            "it has no policy for scripts": "default-src" not in policy and "script-src" not in policy,
            "inline scripts run": "script-src" in policy
            and "'unsafe-inline'" in policy.partition("script-src")[2].partition(";")[0],
        },
        seen="a policy without foreign and inline scripts, and without frames",
    )


@probe(36)
async def answers_are_taken_for_what_they_are(target: Target) -> Outcome:
    """Headers of every answer: its type is not guessed, tokens are kept nowhere, nothing says what serves it."""
    token = await target.form(target.endpoint("token_endpoint"), {"grant_type": "client_credentials"})
    root = await target.ask("GET", "/")
    plain = [answer for answer in (token, root) if answer.headers.get("x-content-type-options") != "nosniff"]
    https = target.https and "strict-transport-security" not in root.headers
    return judged(
        "a look at the headers of data",
        {
            "browsers guess its type": bool(plain),
            "answers of the token endpoint may be kept": "no-store"
            not in token.headers.get("cache-control", ""),
            f"it says what serves it: {root.headers.get('server')}": any(
                map(str.isdigit, root.headers.get("server", ""))
            ),
            "browsers are not told to insist on https": https,
        },
        seen="nosniff, no-store, no banner",
    )


@probe(36)
async def no_page_of_others_reads_answers(target: Target) -> Outcome:
    """A page of another site that calls the endpoints from a browser."""
    headers = {"Origin": "https://attacker.example"}
    for name in ("token_endpoint", "userinfo_endpoint", "authorization_endpoint", "introspection_endpoint"):
        answer = await target.ask("GET", target.endpoint(name), headers=headers)
        allowed = answer.headers.get("access-control-allow-origin", "")
        with_cookies = answer.headers.get("access-control-allow-credentials") == "true"
        if allowed == "https://attacker.example" or (allowed == "*" and with_cookies):
            return judged("Origin: https://attacker.example", {f"{name} lets it read": True}, seen="")
    return judged("Origin: https://attacker.example", {}, seen="no endpoint lets it read")


@probe(31)
async def cookies_are_kept_from_scripts(target: Target) -> Outcome:
    """How the cookies of the pages are marked."""
    sent = "a look at the cookies of the pages"
    cookies: list[str] = []
    for path in ("/account", "/login", _pages(target)["the authorization endpoint"]):
        cookies += (await target.ask("GET", path)).headers.get_list("set-cookie")
    if not cookies:
        return untried(sent, "no page sets one before a person signs in")
    lax = [each.partition("=")[0] for each in cookies if "httponly" not in each.lower()]
    insecure = [each.partition("=")[0] for each in cookies if target.https and "secure" not in each.lower()]
    return judged(
        sent,
        {
            f"scripts can read {', '.join(lax)}": bool(lax),
            f"{', '.join(insecure)} goes over http": bool(insecure),
        },
        seen=f"{len(cookies)}, kept from scripts",
    )


PROBES: tuple[Probe, ...] = (
    no_markup_comes_back,
    nothing_breaks_by_what_is_in_a_field,
    pages_are_not_framed_and_run_no_foreign_script,
    answers_are_taken_for_what_they_are,
    no_page_of_others_reads_answers,
    cookies_are_kept_from_scripts,
)
