"""What follows from a history: which tokens there were, what may have ended them and what certainly did."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from tests.model.history import DONE, INACTIVE, NEVER, REFUSED, Call, History
from tests.model.registers import Register, Secrets, Write
from tests.model.tokens import Ending, Token

TAIL = 7.0
"""So long after the answer that did not come, or after the fault that swallowed it, an order may still take effect:
the database gives up on whoever says nothing for three seconds."""
SECOND = 1.0
"""The promise: so long after the answer to an ending everybody knows of it."""
CLOCKS = 0.05
"""What the database's clock and ours may differ by over a grace."""

ISSUING = ("sign_in", "client_credentials", "refresh")
ENDS_USER = ("deactivate_user", "change_password")


class Ledger:
    """The history, indexed."""

    def __init__(self, history: History) -> None:
        self.history = history
        self.tokens: dict[str, Token] = {}
        self._endings: dict[str, list[Ending]] = defaultdict(list)
        self._deaths: dict[str, list[Ending]] = {}
        users, clients = history.setting.users, history.setting.clients
        self.usernames = {user: Register(members["username"]) for user, members in users.items()}
        self.passwords = {user: Register(members["password"]) for user, members in users.items()}
        self.users_active = {user: Register(True) for user in users}
        self.clients_active = {client: Register(True) for client in clients}
        self.secrets = {client: Secrets(members["secret"]) for client, members in clients.items()}
        for call in history.calls:
            _RECORDED.get(call.kind, Ledger._nothing)(self, call)
        for call in history.calls:
            if call.kind == "refresh":
                self._may_end_family(call)
            elif (
                call.outcome == INACTIVE
                and self.may_see(call)
                and not self.tokens[call.asked["token"]].is_refresh
            ):
                self._end(f"token:{call.asked['token']}", call, here=False, cause=False)

    def grace(self, token: Token) -> float:
        """Seconds for which a spent token is answered again."""
        return float(self.history.setting.clients[token.client]["grace"])

    def may_see(self, call: Call) -> bool:
        """Whether the caller of an introspection has a right to know about this token."""
        token = self.tokens.get(call.asked["token"])
        if token is None:
            return False
        caller = call.asked["client"]
        everything = bool(self.history.setting.clients[caller].get("resource_server"))
        return caller == token.client or (everything and not token.is_refresh)

    def endings_of(self, token: Token) -> list[Ending]:
        """Whatever may have ended it: all but what its origin knew to be over."""
        if token.name not in self._deaths:
            every = (ending for tag in token.tags for ending in self._endings[tag])
            self._deaths[token.name] = [ending for ending in every if not _known(ending, token.origin)]
        return self._deaths[token.name]

    def served_at(self, token: Token, ending: Ending) -> str:
        """The process of a refresh that was refused because it was itself the replay that ended the family."""
        if not ending.replay:
            return ""
        others = (other for other in self.endings_of(token) if other.cause and other.number != ending.number)
        return "" if any(other.sent < ending.answered for other in others) else ending.replay

    def certain_endings_of(self, token: Token) -> Iterator[Ending]:
        """What has ended it beyond doubt: answered, and sent after its origin was answered."""
        for ending in self.endings_of(token):
            if ending.answered < NEVER and ending.sent > token.origin.answered:
                yield ending

    def may_have_ended(self, token: Token, call: Call) -> bool:
        """Whether something may have ended it before the call was answered."""
        endings = self.endings_of(token)
        return any(e.cause and e.sent < call.answered and e.number != call.number for e in endings)

    def changed_meanwhile(self, tags: Iterable[str], call: Call) -> bool:
        """Whether one of these may have ended while the call was under way."""
        endings = (ending for tag in tags for ending in self._endings[tag])
        return any(e.cause and e.sent < call.answered and e.last > call.sent for e in endings)

    def spends(self, token: Token, call: Call) -> list[Call]:
        """Other calls that may have spent it before this one was answered."""
        return [
            p
            for p in token.presented
            if p is not call and p.sent < call.answered and (p.outcome == DONE or p.maybe)
        ]

    def may_be_replay(self, token: Token, call: Call) -> bool:
        """Whether a call may have shown a token that was spent, and too late or once too often."""
        spends = self.spends(token, call)
        if not spends:
            return False
        first = min(spend.sent for spend in spends)
        if call.answered >= first + self.grace(token) - CLOCKS:
            return True
        return any(self.spends(self.tokens[name], call) for name in token.successors)

    def last_effect(self, call: Call) -> float:
        """The latest moment at which a call may still change something."""
        if not call.maybe:
            return call.answered
        given_up = call.answered if call.answered < NEVER else call.told.get("given_up", NEVER)
        faults = (f.end for f in self.history.faults if f.excuses(call.server) and f.start < given_up)
        return max((given_up, *(end for end in faults if end > call.sent))) + TAIL

    def _nothing(self, call: Call) -> None:
        """A call that only looks changes nothing."""

    def _issued(self, call: Call) -> None:
        parent = self.tokens.get(call.asked.get("token", ""))
        if parent is not None and call.asked["client"] == parent.client:
            parent.presented.append(call)
        if call.outcome != DONE:
            return
        user = call.asked.get("user") if parent is None else parent.user
        origin = call if parent is None else parent.origin
        client, expires = call.asked["client"], call.told.get("expires", NEVER)
        access = call.told["access"]
        self.tokens[access] = Token(access, client, user, origin, expires)
        if (refresh := call.told.get("refresh")) is not None:
            self.tokens.setdefault(refresh, Token(refresh, client, user, origin, is_refresh=True))
            if parent is not None:
                parent.successors.add(refresh)

    def _revoked(self, call: Call) -> None:
        token = self.tokens.get(call.asked["token"])
        if token is not None and token.client == call.asked["client"] and _effective(call):
            tag = f"family:{token.origin.number}" if token.is_refresh else f"token:{token.name}"
            self._end(tag, call)

    def _user_changed(self, call: Call) -> None:
        if not _effective(call):
            return
        user = call.asked["user"]
        register, value = {
            "deactivate_user": (self.users_active[user], False),
            "activate_user": (self.users_active[user], True),
            "change_password": (self.passwords[user], call.asked.get("password")),
            "rename_user": (self.usernames[user], call.asked.get("username")),
        }[call.kind]
        register.add(self._write(call, value))
        if call.kind in ENDS_USER:
            self._end(f"user:{user}", call)

    def _client_changed(self, call: Call) -> None:
        if not _effective(call):
            return
        client = call.asked["client"]
        overlap = call.asked.get("overlap", 0)
        if call.kind == "rotate_secret":
            self.secrets[client].add(call.told.get("secret"), self._write(call, overlap))
        else:
            self.clients_active[client].add(self._write(call, call.kind == "activate_client"))
        if call.kind == "deactivate_client" or (call.kind == "rotate_secret" and not overlap):
            self._end(f"client:{client}", call)

    def _everything_revoked(self, call: Call) -> None:
        if _effective(call):
            self._end("server", call)

    def _may_end_family(self, call: Call) -> None:
        """A replay ends its family. Every refusal proves that the family is dead, whatever it died of."""
        token = self.tokens.get(call.asked["token"])
        if (
            token is None
            or token.client != call.asked["client"]
            or not (call.outcome == REFUSED or call.maybe)
        ):
            return
        replay = self.may_be_replay(token, call)
        if replay or call.outcome == REFUSED:
            self._end(f"family:{token.origin.number}", call, here=False, cause=replay, replay=replay)

    def _end(
        self, tag: str, call: Call, *, here: bool = True, cause: bool = True, replay: bool = False
    ) -> None:
        self._endings[tag].append(
            Ending(
                number=call.number,
                sent=call.sent,
                answered=NEVER if call.maybe else call.answered,
                last=self.last_effect(call),
                process=call.process if here else "",
                cause=cause,
                replay=call.process if replay else "",
            )
        )

    def _write(self, call: Call, value: Any) -> Write:
        answered = NEVER if call.maybe else call.answered
        return Write(value, call.sent, answered, self.last_effect(call), call.process)


def _known(ending: Ending, origin: Call) -> bool:
    """Whether a token was made under what the ending left. A client of its own token is known from memory, where what
    another process ended may be news for a second."""
    lag = SECOND if origin.kind == "client_credentials" and ending.process != origin.process else 0.0
    return ending.last < origin.sent - lag


def _effective(call: Call) -> bool:
    return call.outcome == DONE or call.maybe


_RECORDED = {
    **dict.fromkeys(ISSUING, Ledger._issued),
    "revoke": Ledger._revoked,
    **dict.fromkeys(
        ("deactivate_user", "activate_user", "change_password", "rename_user"), Ledger._user_changed
    ),
    **dict.fromkeys(("deactivate_client", "activate_client", "rotate_secret"), Ledger._client_changed),
    "revoke_everything": Ledger._everything_revoked,
}
