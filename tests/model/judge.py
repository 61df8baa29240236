"""Does a history keep what PROTOCOL.md §§2 to 5 promise? One function a rule; a rule yields what breaks it.

An order that was answered has been carried out; one that was not may have been, or may still be (`maybe`). A rule
therefore asks two questions only: *must* the token have been dead (or a name been changed) when the request was sent,
and *may* it have been by the time it was answered?
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tests.model.history import ACTIVE, DONE, INACTIVE, ODD, REFUSED, UNAUTHORIZED, Call, History
from tests.model.ledger import CLOCKS, SECOND, Ledger
from tests.model.tokens import Token

RECOVERY = 3.0
"""Seconds after a fault in which a server may still be finding its feet."""
NO_CLIENT = frozenset({"whoami"})
FROM_MEMORY = frozenset({"introspect", "client_credentials", "refresh"})
"""Calls whose client may be known from memory."""


@dataclass(frozen=True, slots=True)
class Violation:
    """A promise that a call broke. `token` is the token it is about, if it is about one."""

    rule: str
    call: Call
    why: str
    token: str | None = None


Found = Iterator[Violation]


def violations(history: History) -> list[Violation]:
    """Everything in a history that was promised otherwise."""
    ledger = Ledger(history)
    return [found for call in history.calls for rule in RULES for found in rule(ledger, call)]


def is_answered(ledger: Ledger, call: Call) -> Found:
    """503 and silence are for servers whose database, or whose process, was in trouble (§5, §6).

    Whoever writes may also have waited for a row that another server, in trouble, had locked.
    """
    if call.outcome == ODD:
        yield Violation("an answer of no promised kind", call, f"it answered {call.told}")
    elif call.maybe:
        servers = (
            {call.server}
            if call.kind in ("introspect", "whoami")
            else {f.where for f in ledger.history.faults}
        )
        troubles = (f for f in ledger.history.faults if any(f.excuses(server) for server in servers))
        if not any(f.start < call.answered and f.end + RECOVERY > call.sent for f in troubles):
            yield Violation(
                "no answer without a reason", call, f"{call.outcome}, and nothing was broken at its server"
            )


def client_is_judged(ledger: Ledger, call: Call) -> Found:
    """Only the client's own working secret, and only while it is active (§2); what may know it from memory may lag a
    second (§5)."""
    if "secret" not in call.asked or not call.known:
        return
    client, secret = call.asked["client"], call.asked["secret"]
    bound = SECOND if call.kind in FROM_MEMORY else 0.0
    active, secrets = ledger.clients_active[client], ledger.secrets[client]
    if call.outcome == UNAUTHORIZED:
        if False not in active.possible(call) and not secrets.may_fail(secret, call):
            yield Violation(
                "a client was refused that nothing had ended", call, f"{client} was active, its secret good"
            )
    elif True not in active.possible(call, bound=bound):
        yield Violation("a client was served that is inactive", call, f"{client} had been deactivated")
    elif not secrets.may_work(secret, call, bound=bound):
        yield Violation("a secret was accepted that is over", call, f"{client} had got another one")


def bearer_is_judged(ledger: Ledger, call: Call) -> Found:
    """The token of whoever calls our own API (§5: every endpoint that takes our tokens)."""
    token = ledger.tokens.get(call.asked.get("bearer", ""))
    if token is None or not call.known:
        return
    if call.outcome == UNAUTHORIZED:
        yield from _died_for_no_reason(ledger, token, call)
    else:
        yield from _lives_after_its_end(ledger, token, call, SECOND)
    if call.kind == "whoami" and call.outcome == DONE:
        yield from _username(ledger, token, call, 0.0)


def access_token_is_judged(ledger: Ledger, call: Call) -> Found:
    """Introspection of access tokens (§5)."""
    token = _introspected(ledger, call)
    if token is None or token.is_refresh:
        return
    if call.outcome == ACTIVE:
        yield from _lives_after_its_end(ledger, token, call, SECOND)
        yield from _tells_right(ledger, token, call, SECOND)
        yield from _dead_on_arrival(ledger, token, call, SECOND)
    elif call.outcome == INACTIVE and ledger.may_see(call):
        yield from _died_for_no_reason(ledger, token, call)


def refresh_token_is_judged(ledger: Ledger, call: Call) -> Found:
    """Introspection of refresh tokens, which are looked up each time: no second is allowed for, and none is active
    once it is spent, also within its grace (§4)."""
    token = _introspected(ledger, call)
    if token is None or not token.is_refresh:
        return
    spends = ledger.spends(token, call)
    if call.outcome == ACTIVE:
        yield from _lives_after_its_end(ledger, token, call, 0.0)
        yield from _tells_right(ledger, token, call, 0.0)
        if any(spend.outcome == DONE and spend.answered < call.sent for spend in spends):
            yield Violation(
                "a spent refresh token is active", call, "a refresh with it had been answered", token.name
            )
    elif call.outcome == INACTIVE and ledger.may_see(call) and not spends:
        yield from _died_for_no_reason(ledger, token, call)


def nothing_is_told_to_others(ledger: Ledger, call: Call) -> Found:
    """What was never issued, or is somebody else's, is not active (§5)."""
    if call.kind == "introspect" and call.outcome == ACTIVE and not ledger.may_see(call):
        known = call.asked["token"] in ledger.tokens
        why = "the caller has no right to know of it" if known else "nobody ever issued it"
        yield Violation("active to whom it must not be", call, why, call.asked["token"])


def rotation_has_one_winner(ledger: Ledger, call: Call) -> Found:
    """A refresh that was answered with tokens: its family lived, its token was unspent or within the grace (§4)."""
    token = _presented(ledger, call)
    if token is None or call.outcome != DONE:
        return
    if call.asked["client"] != token.client:
        yield Violation(
            "another client's refresh token was taken", call, f"it is {token.client}'s", token.name
        )
        return
    yield from _lives_after_its_end(ledger, token, call, 0.0)
    if len(token.successors) > 1:
        why = f"it was answered with {', '.join(sorted(token.successors))}"
        yield Violation("a refresh token has two successors", call, why, token.name)
    yield from _spent_but_taken(ledger, token, call)


def refresh_is_refused_for_a_reason(ledger: Ledger, call: Call) -> Found:
    """A refresh that was refused: the family is over, or this is a replay (§4)."""
    token = _presented(ledger, call)
    if token is None or call.outcome != REFUSED or call.asked["client"] != token.client:
        return
    if not ledger.may_be_replay(token, call):
        yield from _died_for_no_reason(ledger, token, call)


def sign_in_is_judged(ledger: Ledger, call: Call) -> Found:
    """The password grant: decided by how account and client stand at this moment (§3, §7)."""
    if call.kind != "sign_in" or call.outcome not in (DONE, REFUSED):
        return
    user = call.asked["user"]
    active = ledger.users_active[user].possible(call)
    passwords = ledger.passwords[user].possible(call)
    usernames = ledger.usernames[user].possible(call)
    password, username = call.asked["password"], call.asked["username"]
    if call.outcome == DONE:
        if True not in active or password not in passwords or username not in usernames:
            yield Violation(
                "somebody was signed in who must not be", call, f"{active=} {passwords=} {usernames=}"
            )
    elif active == {True} and passwords == {password} and usernames == {username}:
        owners = ("server", f"user:{user}", f"client:{call.asked['client']}")
        if not ledger.changed_meanwhile(owners, call):
            yield Violation("somebody was not signed in", call, f"{user} was active, name and password right")


RULES: tuple[Callable[[Ledger, Call], Found], ...] = (
    is_answered,
    client_is_judged,
    bearer_is_judged,
    access_token_is_judged,
    refresh_token_is_judged,
    nothing_is_told_to_others,
    rotation_has_one_winner,
    refresh_is_refused_for_a_reason,
    sign_in_is_judged,
)


def _introspected(ledger: Ledger, call: Call) -> Token | None:
    return ledger.tokens.get(call.asked["token"]) if call.kind == "introspect" else None


def _presented(ledger: Ledger, call: Call) -> Token | None:
    return ledger.tokens.get(call.asked["token"]) if call.kind == "refresh" else None


def _spent_but_taken(ledger: Ledger, token: Token, call: Call) -> Found:
    won = [p for p in ledger.spends(token, call) if p.outcome == DONE]
    if won and not ledger.grace(token):
        yield Violation("a spent token was taken without a grace", call, "its client has none", token.name)
    if any(p.answered + ledger.grace(token) + CLOCKS < call.sent for p in won):
        yield Violation("a spent token was taken after its grace", call, "it had been over", token.name)
    used = (s for name in token.successors for s in ledger.spends(ledger.tokens[name], call))
    if any(spend.outcome == DONE and spend.answered < call.sent for spend in used):
        yield Violation("a replay was answered", call, "its successor had been used", token.name)


def _lives_after_its_end(ledger: Ledger, token: Token, call: Call, bound: float) -> Found:
    if call.sent > token.expires + CLOCKS:
        yield Violation("a token lives after it ran out", call, "its exp had passed", token.name)
    for ending in ledger.certain_endings_of(token):
        late = call.sent - ending.answered
        here = ending.process == call.process or (
            not ending.process and ledger.served_at(token, ending) == call.process
        )
        if late > bound or (late > 0 and here):
            rule = "a token lives after its end" if late > bound else "a process forgot what it ended itself"
            why = f"call {ending.number} had ended it {late:.3f} s before this one was sent"
            yield Violation(rule, call, why, token.name)
            return


def _dead_on_arrival(ledger: Ledger, token: Token, call: Call, bound: float) -> Found:
    """A token may be made for a client that had ended, where that is still news, and pass for alive as long as it is;
    after that it never is, also when the client is active again."""
    if call.sent - token.origin.sent <= bound or token.user is not None:
        return
    if True not in ledger.clients_active[token.client].possible(token.origin):
        yield Violation(
            "a token of an inactive client lives", call, f"{token.client} had been deactivated", token.name
        )


def _died_for_no_reason(ledger: Ledger, token: Token, call: Call) -> Found:
    if call.answered < token.expires - CLOCKS and not ledger.may_have_ended(token, call):
        yield Violation("a token died for no reason", call, "nothing may have ended it by then", token.name)


def _tells_right(ledger: Ledger, token: Token, call: Call, bound: float) -> Found:
    told = {name: call.told.get(name) for name in ("client", "user")}
    if told != {"client": token.client, "user": token.user}:
        yield Violation("an active answer is wrong", call, f"it told {told}", token.name)
    yield from _username(ledger, token, call, bound)


def _username(ledger: Ledger, token: Token, call: Call, bound: float) -> Found:
    if token.user is None:
        return
    names = ledger.usernames[token.user].possible(call, bound=bound)
    if call.told.get("username") not in names:
        why = f"it told {call.told.get('username')}, which may only have been {names}"
        yield Violation("an old name was told", call, why, token.name)
