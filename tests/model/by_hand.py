"""Histories written by hand: a line a call."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.model.history import ACTIVE, DONE, LOST, NEVER, Call, Fault, History, Setting
from tests.model.judge import violations

LATE = "a token lives after its end"
FORGOT = "a process forgot what it ended itself"
NO_REASON = "a token died for no reason"

USER, CLIENT, SECRET, PASSWORD = "alice", "client", "secret", "password"


class ByHand:
    """Seconds are counted from 0; a call without its own end takes a hundredth of a second."""

    def __init__(self, *, grace: float = 2.0) -> None:
        self.history = History(
            Setting(
                {USER: {"username": USER, "password": PASSWORD}},
                {
                    CLIENT: {"secret": SECRET, "grace": grace},
                    "resource": {"secret": SECRET, "grace": grace, "resource_server": True},
                    "stranger": {"secret": SECRET, "grace": grace},
                },
            )
        )

    def call(
        self,
        kind: str,
        sent: float,
        outcome: str = DONE,
        *,
        to: float | None = None,
        at: str = "1",
        told: dict[str, Any] | None = None,
        **asked: Any,
    ) -> Call:
        """Any call; `to` is when it was answered."""
        answered = NEVER if outcome == LOST else sent + 0.01 if to is None else to
        extra = {"given_up": to} if outcome == LOST and to is not None else {}
        made = Call(
            len(self.history.calls), kind, at, sent, answered, outcome, asked, {**(told or {}), **extra}
        )
        self.history.calls.append(made)
        return made

    def sign_in(self, sent: float = 0.0, outcome: str = DONE, *, number: str = "", **more: Any) -> None:
        """Alice's tokens `access` and `refresh`, with a number behind each if there is one."""
        told = {"access": f"access{number}", "refresh": f"refresh{number}"} if outcome == DONE else {}
        about = {"user": USER, "username": USER, "password": PASSWORD, "client": CLIENT, "secret": SECRET}
        self.call("sign_in", sent, outcome, told=more.pop("told", told), **(about | more))

    def fetch(self, sent: float = 0.0, **more: Any) -> None:
        """The client's own token, `own`."""
        about = {"client": CLIENT, "secret": SECRET}
        self.call("client_credentials", sent, told={"access": "own"}, **(about | more))

    def ask(self, sent: float, outcome: str, token: str = "access", **more: Any) -> None:
        """An introspection by the token's own client."""
        told = more.pop(
            "told", {"client": CLIENT, "user": USER, "username": USER} if outcome == ACTIVE else {}
        )
        self.call(
            "introspect",
            sent,
            outcome,
            told=told,
            **({"client": CLIENT, "secret": SECRET} | more),
            token=token,
        )

    def refresh(
        self, sent: float, outcome: str, token: str = "refresh", to_token: str = "", **more: Any
    ) -> None:
        """A refresh; `to_token` is the successor it was answered with."""
        told = (
            {"access": f"access of {len(self.history.calls)}", "refresh": to_token} if outcome == DONE else {}
        )
        about = {"client": CLIENT, "secret": SECRET, "token": token}
        self.call("refresh", sent, outcome, told=told, **(about | more))

    def revoke(self, sent: float, outcome: str = DONE, token: str = "access", **more: Any) -> None:
        """A revocation by the token's own client."""
        self.call("revoke", sent, outcome, **({"client": CLIENT, "secret": SECRET} | more), token=token)

    def deactivate(self, sent: float, outcome: str = DONE, **more: Any) -> None:
        """Alice's account is switched off."""
        self.call("deactivate_user", sent, outcome, **({"user": USER} | more))

    def fault(self, kind: str, start: float, end: float, where: str = "1") -> None:
        """Something was broken."""
        self.history.faults.append(Fault(kind, where, start, end))


Lines = list[Callable[[ByHand], None]]
Histories = dict[str, tuple[str | None, Lines]]
"""By what happens in them: the promise that is broken, if any, and the history."""


def do(method: str, *positional: Any, **named: Any) -> Callable[[ByHand], None]:
    """One line of a history."""
    return lambda hand: getattr(hand, method)(*positional, **named)


SIGN_IN = do("sign_in")


def written(histories: Histories) -> list[Any]:
    """As parameters of a test."""
    return [pytest.param(*history, id=name) for name, history in histories.items()]


def rules_broken(lines: Lines) -> set[str]:
    """What the judge says of a history."""
    hand = ByHand()
    for line in lines:
        line(hand)
    return {found.rule for found in violations(hand.history)}
