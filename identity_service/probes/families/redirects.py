"""Being sent elsewhere: redirect URIs, sign-outs, and what Host says (attacks 1, 2, 5, 26)."""

from urllib.parse import urlencode

from identity_service.probes.probe import Outcome, Probe, judged, probe, untried
from identity_service.probes.target import Target

ELSEWHERE = "https://attacker.example/callback"
VARIANTS = (
    ELSEWHERE,
    "https://attacker.example/callback#",
    "javascript:alert(1)//",
    "//attacker.example/callback",
    "https://attacker.example\\@localhost/callback",
)
FORGED = (
    {"X-Forwarded-Host": "attacker.example", "X-Forwarded-Proto": "http"},
    {"Forwarded": "host=attacker.example;proto=http"},
    {"X-Original-URL": "/attacker.example", "X-Rewrite-URL": "/attacker.example"},
)


def _leads_away(location: str) -> bool:
    return "attacker.example" in location.partition("?")[0] or location.startswith("javascript:")


@probe(5)
async def no_redirect_for_an_unknown_client(target: Target) -> Outcome:
    """An authorization request of a client that does not exist, with an address of the attacker's: an answer there
    makes the server lend its good name to any link."""
    sent = f"authorize with client_id=nobody and redirect_uri={ELSEWHERE}"
    query = urlencode({"client_id": "nobody", "response_type": "code", "redirect_uri": ELSEWHERE})
    answer = await target.ask("GET", f"{target.endpoint('authorization_endpoint')}?{query}")
    location = answer.headers.get("location", "")
    return judged(
        sent,
        {
            f"it redirects to {location}": _leads_away(location),
            _broke(answer.status_code): answer.status_code >= 500,
        },
        seen=f"{answer.status_code}, and no redirect",
    )


@probe(1, needs_client=True)
async def only_registered_redirects(target: Target) -> Outcome:
    """A client's authorization request with addresses of the attacker's, plain and disguised."""
    sent = f"authorize of the client with {len(VARIANTS)} addresses elsewhere"
    client = target.credentials.client_id if target.credentials else ""
    for uri in VARIANTS:
        query = urlencode({"client_id": client, "response_type": "code", "redirect_uri": uri, "state": "s"})
        answer = await target.ask("GET", f"{target.endpoint('authorization_endpoint')}?{query}")
        location = answer.headers.get("location", "")
        if _leads_away(location) or (answer.status_code in (302, 303) and "error=" not in location):
            return judged(sent, {f"{uri} is taken: {answer.status_code} {location}": True}, seen="")
    return judged(sent, {}, seen="each is refused on a page, without a redirect")


@probe(5)
async def no_redirect_after_a_sign_out(target: Target) -> Outcome:
    """A sign-out that wants to be sent on to an address of the attacker's."""
    sent = f"sign-out with post_logout_redirect_uri={ELSEWHERE}"
    if not target.offers("end_session_endpoint"):
        return untried(sent, "the metadata names no end_session_endpoint")
    query = urlencode({"post_logout_redirect_uri": ELSEWHERE, "client_id": "nobody"})
    answer = await target.ask("GET", f"{target.endpoint('end_session_endpoint')}?{query}")
    location = answer.headers.get("location", "")
    return judged(
        sent,
        {f"it redirects to {location}": _leads_away(location)},
        seen=f"{answer.status_code}, not sent there",
    )


@probe(26)
async def no_link_from_forwarding_headers(target: Target) -> Outcome:
    """Forged headers of proxies, at the places where a server tells its own addresses."""
    sent = "X-Forwarded-Host, Forwarded and X-Original-URL that name attacker.example"
    for path in ("/.well-known/openid-configuration", target.endpoint("authorization_endpoint"), "/"):
        for headers in FORGED:
            answer = await target.ask("GET", path, headers=headers)
            if "attacker.example" in f"{answer.text} {answer.headers}":
                return judged(sent, {f"{path} repeats the name after {next(iter(headers))}": True}, seen="")
    return judged(sent, {}, seen="the name appears nowhere")


@probe(26)
async def no_foreign_host(target: Target) -> Outcome:
    """A request under the name of somebody else, as a page gets it here by rebinding its name."""
    answer = await target.ask(
        "GET", "/.well-known/openid-configuration", headers={"Host": "attacker.example"}
    )
    return judged(
        "Host: attacker.example",
        {
            "the name is repeated": "attacker.example" in f"{answer.text} {answer.headers}",
            "it is answered": answer.status_code == 200,
        },
        seen=str(answer.status_code),
    )


def _broke(status: int) -> str:
    return f"it breaks: {status}"


PROBES: tuple[Probe, ...] = (
    no_redirect_for_an_unknown_client,
    only_registered_redirects,
    no_redirect_after_a_sign_out,
    no_link_from_forwarding_headers,
    no_foreign_host,
)
