"""What a probe is, and what it says of the server: it holds, it is weak, or this could not be tried."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum

from identity_service.probes.target import Target


class Verdict(StrEnum):
    """What came of an attack."""

    OK = "ok"
    WEAK = "weak"
    UNTRIED = "could not try"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was sent and what came back, in words; of what could not be tried, why not."""

    verdict: Verdict
    sent: str
    seen: str


Attack = Callable[[Target], Awaitable[Outcome]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """One attack. `number` is that of its family in the list of attacks, by which tests are named, too."""

    name: str
    number: int
    what: str
    needs_client: bool
    attack: Attack


def probe(number: int, *, needs_client: bool = False) -> Callable[[Attack], Probe]:
    """Makes a coroutine function a probe, which has its name, and its docstring as what it tries."""

    def made(attack: Attack) -> Probe:
        name = getattr(attack, "__name__", "").replace("_", "-")
        what = " ".join((attack.__doc__ or "").split())
        return Probe(name=name, number=number, what=what, needs_client=needs_client, attack=attack)

    return made


def judged(sent: str, weak: dict[str, bool], *, seen: str) -> Outcome:
    """Weak by the first of the statements that is true, else as `seen` says."""
    for statement, is_true in weak.items():
        if is_true:
            return Outcome(Verdict.WEAK, sent, statement)
    return Outcome(Verdict.OK, sent, seen)


def untried(sent: str, why: str) -> Outcome:
    """What is needed for it is not there."""
    return Outcome(Verdict.UNTRIED, sent, why)
