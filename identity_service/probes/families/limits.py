"""How much one request may cost (attack 35), and text that is none (39). Each is sent once: this is no load test."""

from identity_service.probes.probe import Outcome, Probe, judged, probe
from identity_service.probes.target import Target, error_of, status_of

REFUSED = (400, 401, 403, 404, 405, 408, 411, 413, 414, 415, 421, 422, 429, 431)


@probe(35)
async def a_long_body_is_not_read(target: Target) -> Outcome:
    """A form of a megabyte."""
    answer = await target.form(target.endpoint("token_endpoint"), b"grant_type=" + b"x" * 1_000_000)
    return judged(
        "a form of a megabyte",
        {f"it is read: {error_of(answer)}": answer.status_code not in (400, 413)},
        seen=error_of(answer),
    )


@probe(35)
async def many_parameters_are_refused(target: Target) -> Outcome:
    """Ten thousand parameters, each with a name of its own."""
    form = b"&".join(b"p%d=" % number for number in range(9_000))
    answer = await target.form(target.endpoint("token_endpoint"), form)
    return judged(
        "9000 parameters",
        {f"it answers {error_of(answer)}": answer.status_code not in REFUSED},
        seen=error_of(answer),
    )


@probe(35)
async def a_long_password_is_not_hashed(target: Target) -> Outcome:
    """A password of 50,000 letters, which is slow to hash where somebody does it."""
    form = {"grant_type": "password", "username": "nobody", "password": "p" * 50_000, "client_id": "nobody"}
    answer = await target.form(target.endpoint("token_endpoint"), form)
    return judged(
        "a password of 50,000 letters",
        {f"it answers {error_of(answer)}": answer.status_code not in REFUSED},
        seen=error_of(answer),
    )


@probe(35)
async def a_long_head_is_refused(target: Target) -> Outcome:
    """A header of 200,000 letters, a path of as many, and two thousand headers."""
    long = "x" * 200_000
    for sent, head in (
        ("a header", target.head("GET / HTTP/1.1", f"X-Long: {long}")),
        ("a path", target.head(f"GET /{long} HTTP/1.1")),
        ("headers", target.head("GET / HTTP/1.1", *(f"X-{number}: y" for number in range(2000)))),
    ):
        status = status_of(await target.raw(head))
        if status not in (0, *REFUSED):
            return judged("long heads", {f"{sent}: it answers {status}": True}, seen="")
    return judged("a long header, a long path, 2000 headers", {}, seen="each is refused")


@probe(35)
async def deep_json_is_refused(target: Target) -> Outcome:
    """Arrays in arrays, thirty thousand deep."""
    deep = b"[" * 30_000 + b"]" * 30_000
    headers = {"Content-Type": "application/json"}
    for path in ("/users", target.endpoint("registration_endpoint") or "/clients"):
        answer = await target.ask("POST", path, headers=headers, content=deep)
        if answer.status_code not in REFUSED:
            return judged("deep JSON", {f"{path} answers {answer.status_code}": True}, seen="")
    return judged("deep JSON", {}, seen="refused")


@probe(39)
async def text_that_is_none_is_refused(target: Target) -> Outcome:
    """NUL, broken UTF-8, a lone surrogate, an overlong form and a mark that turns the direction of writing."""
    for text in (b"%00", b"%ff%fe", b"%ed%a0%80", b"%c0%af", b"%e2%80%ae", b"%", b"\xff"):
        form = b"grant_type=password&client_id=nobody&username=" + text + b"&password=" + text
        answer = await target.form(target.endpoint("token_endpoint"), form)
        if answer.status_code not in REFUSED:
            return judged("text that is none", {f"{text!r}: {error_of(answer)}": True}, seen="")
    return judged("text that is none", {}, seen="refused")


@probe(38)
async def odd_times_are_refused(target: Target) -> Outcome:
    """Ages that are negative, huge, fractions and words."""
    path = target.endpoint("authorization_endpoint")
    for age in ("-1", "9" * 400, "1e9", "0.5", "NaN", "yesterday"):
        answer = await target.ask("GET", f"{path}?client_id=nobody&response_type=code&max_age={age}")
        if answer.status_code >= 500:
            return judged("odd values of max_age", {f"{age[:20]}: {answer.status_code}": True}, seen="")
    return judged("odd values of max_age", {}, seen="nothing breaks")


PROBES: tuple[Probe, ...] = (
    a_long_body_is_not_read,
    many_parameters_are_refused,
    a_long_password_is_not_hashed,
    a_long_head_is_refused,
    deep_json_is_refused,
    text_that_is_none_is_refused,
    odd_times_are_refused,
)
