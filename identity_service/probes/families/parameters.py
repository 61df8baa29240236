"""What is read in two ways: repeated parameters, messages framed twice (attack 3); and flows that are off (6, 7)."""

from urllib.parse import urlencode

from identity_service.probes.probe import Outcome, Probe, judged, probe, untried
from identity_service.probes.target import Target, error_of, json_of, status_of

GRANT = {"grant_type": "client_credentials"}


@probe(3)
async def a_parameter_comes_once(target: Target) -> Outcome:
    """A parameter twice: two programs that read the request may each take another one."""
    sent = "a request for a token with grant_type twice"
    form = b"grant_type=client_credentials&grant_type=password&username=a&password=b"
    answer = await target.form(target.endpoint("token_endpoint"), form, auth=target.basic)
    if answer.status_code == 401:
        return untried(sent, f"{error_of(answer)}: the client is looked at first; give one with --client-id")
    return judged(
        sent,
        {f"it is taken: {error_of(answer)}": error_of(answer) != "400 invalid_request"},
        seen=error_of(answer),
    )


@probe(3, needs_client=True)
async def no_parameter_from_the_query(target: Target) -> Outcome:
    """A request for a token whose parameters stand in the URL, where logs keep them."""
    sent = "a request for a token with everything in the query"
    query = urlencode(GRANT)
    answer = await target.form(f"{target.endpoint('token_endpoint')}?{query}", b"", auth=target.basic)
    return judged(sent, {"a token is given": answer.status_code == 200}, seen=error_of(answer))


@probe(3)
async def a_token_is_not_read_out(target: Target) -> Outcome:
    """A request for a token by GET."""
    path = target.endpoint("token_endpoint")
    answer = await target.ask("GET", f"{path}?{urlencode(GRANT)}", auth=target.basic)
    return judged(
        "GET at the token endpoint",
        {f"it answers {answer.status_code}": answer.status_code != 405},
        seen="405",
    )


@probe(3)
async def a_body_is_framed_once(target: Target) -> Outcome:
    """A length and chunks at once: a proxy that believes the other one sees another request behind it."""
    path = target.endpoint("token_endpoint")
    smuggled = b"0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    lines = (f"Content-Length: {len(smuggled)}", "Transfer-Encoding: chunked")
    head = target.head(f"POST {path} HTTP/1.1", *lines).replace(b"Connection: close\r\n", b"")
    answer = await target.raw(head + smuggled)
    return judged(
        "Content-Length and Transfer-Encoding together",
        {
            "two requests are answered": answer.count(b"HTTP/1.1 ") > 1,
            f"it answers {status_of(answer)}": status_of(answer) not in (400, 501),
        },
        seen=str(status_of(answer)),
    )


@probe(6)
async def no_plain_challenge(target: Target) -> Outcome:
    """Whether the metadata offers to compare a code challenge as it is."""
    methods = target.metadata.get("code_challenge_methods_supported")
    if not target.metadata:
        return untried("a look at code_challenge_methods_supported", "there is no metadata")
    return judged(
        "a look at code_challenge_methods_supported",
        {
            "it does not say that PKCE is known": not methods and "authorization_endpoint" in target.metadata,
            "plain is offered": "plain" in (methods or ()),
        },
        seen=str(methods),
    )


@probe(7)
async def no_implicit_flow_offered(target: Target) -> Outcome:
    """Whether the metadata offers flows that put tokens into URLs, or algorithms that sign nothing."""
    if not target.metadata:
        return untried("a look at the metadata", "there is no metadata")
    offered = [str(each) for each in target.metadata.get("response_types_supported", ())]
    algs = target.metadata.get("id_token_signing_alg_values_supported", ())
    tokens = [each for each in offered if "token" in each.split()]
    return judged(
        "a look at response_types_supported and the algorithms of ID tokens",
        {f"{', '.join(tokens)} is offered": bool(tokens), "alg none is offered": "none" in algs},
        seen=f"{', '.join(offered)}; {', '.join(algs)}",
    )


@probe(7, needs_client=True)
async def no_token_from_the_authorization_endpoint(target: Target) -> Outcome:
    """A client's authorization request for a token instead of a code."""
    sent = "authorize of the client with response_type=token and id_token"
    client = target.credentials.client_id if target.credentials else ""
    for kind in ("token", "id_token", "code token"):
        query = urlencode({"client_id": client, "response_type": kind, "nonce": "n"})
        answer = await target.ask("GET", f"{target.endpoint('authorization_endpoint')}?{query}")
        location = answer.headers.get("location", "")
        started = answer.status_code in (302, 303) and "error=" not in location
        if started or answer.status_code == 200:
            return judged(sent, {f"{kind} is taken: {answer.status_code} {location}": True}, seen="")
    return judged(sent, {}, seen="each is refused")


@probe(23, needs_client=True)
async def no_scope_that_was_not_given(target: Target) -> Outcome:
    """A client that asks for more than it may have."""
    sent = "client_credentials with a scope that nobody gave it"
    form = {**GRANT, "scope": "a-scope-that-nobody-has"}
    answer = await target.form(target.endpoint("token_endpoint"), form, auth=target.basic)
    members = json_of(answer)
    granted = isinstance(members, dict) and "a-scope-that-nobody-has" in str(members.get("scope"))
    if answer.status_code == 401:
        return untried(sent, f"{error_of(answer)}: the credentials are not taken")
    return judged(
        sent, {"it is granted": granted, "a token is given": answer.status_code == 200}, seen=error_of(answer)
    )


PROBES: tuple[Probe, ...] = (
    a_parameter_comes_once,
    no_parameter_from_the_query,
    a_token_is_not_read_out,
    a_body_is_framed_once,
    no_plain_challenge,
    no_implicit_flow_offered,
    no_token_from_the_authorization_endpoint,
    no_scope_that_was_not_given,
)
