"""Who asks: callers that prove nothing (attack 14), names that answers give away (27), administration (33)."""

from identity_service.probes.probe import Outcome, Probe, judged, probe, untried
from identity_service.probes.target import Target, error_of, json_of

MADE_UP = "eyJhbGciOiJSUzI1NiJ9.e30.AAAA"
WRONG = "a-secret-that-is-wrong"
ADMINISTRATION = ("/users", "/clients", "/users/1", "/outbox", "/admin", "/metrics")


@probe(14)
async def introspection_wants_a_caller(target: Target) -> Outcome:
    """A look at a token by somebody who proves nothing, and by somebody with wrong credentials."""
    path = target.endpoint("introspection_endpoint")
    for auth in (None, ("nobody", WRONG)):
        answer = await target.form(path, {"token": MADE_UP}, auth=auth)
        if answer.status_code != 401 or "www-authenticate" not in answer.headers:
            return judged(
                "introspection without credentials, and with wrong ones",
                {f"it answers {error_of(answer)}": True},
                seen="",
            )
    return judged("introspection without credentials, and with wrong ones", {}, seen="401, with a challenge")


@probe(14)
async def revocation_wants_a_caller(target: Target) -> Outcome:
    """An order to end a token by somebody who proves nothing."""
    answer = await target.form(target.endpoint("revocation_endpoint"), {"token": MADE_UP})
    return judged(
        "revocation without credentials",
        {f"it answers {error_of(answer)}": answer.status_code not in (400, 401)},
        seen=error_of(answer),
    )


@probe(14)
async def no_token_for_nobody(target: Target) -> Outcome:
    """Requests for tokens by a client that does not exist, in both places for credentials, and in both at once."""
    path, form = target.endpoint("token_endpoint"), {"grant_type": "client_credentials"}
    body = {**form, "client_id": "nobody", "client_secret": WRONG}
    for sent, auth in ((form, ("nobody", WRONG)), (body, None), (body, ("nobody", WRONG)), (form, None)):
        answer = await target.form(path, sent, auth=auth)
        if answer.status_code not in (400, 401):
            return judged("tokens for a client that does not exist", {error_of(answer): True}, seen="")
    return judged("tokens for a client that does not exist", {}, seen="400 or 401")


@probe(27, needs_client=True)
async def unknown_and_wrong_look_the_same(target: Target) -> Outcome:
    """One wrong secret for a client that exists, one for a client that does not."""
    sent = "a wrong secret for the client, and for one that does not exist"
    path, form = target.endpoint("token_endpoint"), {"grant_type": "client_credentials"}
    client = target.credentials.client_id if target.credentials else ""
    known = await target.form(path, form, auth=(client, WRONG))
    unknown = await target.form(path, form, auth=(f"{client}x", WRONG))
    if 429 in (known.status_code, unknown.status_code):
        return untried(sent, "429: too many tries lately")
    same = (known.status_code, known.text) == (unknown.status_code, unknown.text)
    return judged(
        sent, {f"{error_of(known)} and {error_of(unknown)} differ": not same}, seen=f"both {error_of(known)}"
    )


@probe(33)
async def administration_is_closed(target: Target) -> Outcome:
    """The places where administration usually is, without a token and with one that was made up."""
    for path in ADMINISTRATION:
        for headers in ({}, {"Authorization": f"Bearer {MADE_UP}"}):
            answer = await target.ask("GET", path, headers=headers)
            if answer.status_code == 200 or answer.status_code >= 500:
                return judged(
                    "administration without a token", {f"{path} answers {answer.status_code}": True}, seen=""
                )
    return judged("administration without a token", {}, seen="nothing is shown")


@probe(25)
async def no_secret_comes_back(target: Target) -> Outcome:
    """Whether a secret, a password or a token that was sent is repeated in the answer."""
    secret = "a-secret-nobody-should-see-again"
    form = {"grant_type": "password", "username": "nobody", "password": secret, "client_secret": secret}
    answers = [
        await target.form(target.endpoint("token_endpoint"), form, auth=("nobody", secret)),
        await target.ask(
            "GET", target.endpoint("userinfo_endpoint"), headers={"Authorization": f"Bearer {secret}"}
        ),
        await target.form(
            target.endpoint("introspection_endpoint"), {"token": secret}, auth=("nobody", secret)
        ),
    ]
    repeated = any(secret in f"{answer.text} {answer.headers}" for answer in answers)
    return judged(
        "a secret in each place for one", {"it is repeated": repeated}, seen="it does not come back"
    )


@probe(4)
async def registration_judges_what_it_is_told(target: Target) -> Outcome:
    """Clients with addresses that run script, or that lead inside; what is taken after all is deleted again."""
    sent = "registrations with javascript:, with markup, and with keys inside the network"
    path = target.endpoint("registration_endpoint")
    if not path:
        return untried(sent, "programs cannot register themselves here")
    for members in (
        {"redirect_uris": ["javascript:alert(1)"]},
        {"redirect_uris": ["https://app.example/cb"], "jwks_uri": "http://169.254.169.254/keys"},
        {"redirect_uris": ["https://app.example/cb#fragment"]},
        {"redirect_uris": ["https://app.example/cb"], "scope": "admin"},
    ):
        answer = await target.ask("POST", path, json=members)
        if answer.status_code == 201:
            await _take_back(target, json_of(answer))
            return judged(sent, {f"{members} is taken": True}, seen="")
        if answer.status_code in (401, 403, 429):
            return untried(sent, f"{error_of(answer)}: not without a token")
    return judged(sent, {}, seen="each is refused")


async def _take_back(target: Target, made: object) -> None:
    """RFC 7592 §2.3, where the server told how."""
    if isinstance(made, dict) and "registration_access_token" in made:
        path = f"{target.endpoint('registration_endpoint')}/{made.get('client_id')}"
        bearer = {"Authorization": f"Bearer {made['registration_access_token']}"}
        await target.ask("DELETE", path, headers=bearer)


PROBES: tuple[Probe, ...] = (
    introspection_wants_a_caller,
    revocation_wants_a_caller,
    no_token_for_nobody,
    unknown_and_wrong_look_the_same,
    administration_is_closed,
    no_secret_comes_back,
    registration_judges_what_it_is_told,
)
