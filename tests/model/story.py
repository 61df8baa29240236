"""How a broken promise is told: the shortest history that still breaks it, as a timeline a person can read."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from tests.model.history import NEVER, Call, Fault, History
from tests.model.judge import Violation, violations

MOST_CALLS = 300
"""So many calls, the newest, are tried to be left out."""


def story(history: History, found: Violation) -> str:
    """The violation, and what it takes to see it."""
    shrunk = shrunken(history, found)
    began = shrunk.calls[0].sent
    lines = [f"{found.rule}: {found.why}", *_lines(shrunk, found, began)]
    return "\n  ".join(lines)


def shrunken(history: History, found: Violation) -> History:
    """The calls without which it would be no violation, and the faults that were there meanwhile."""
    related = [call for call in history.calls if call is found.call or _touches(call, found, history)]
    kept = [call for call in related if call.sent <= found.call.answered]
    faults = [fault for fault in history.faults if fault.start < found.call.answered]
    smaller = History(history.setting, kept, faults)
    if not _still(smaller, found):
        smaller = replace(history, calls=[call for call in history.calls if call.sent <= found.call.answered])
    for call in reversed(smaller.calls[-MOST_CALLS:]):
        without = replace(smaller, calls=[other for other in smaller.calls if other is not call])
        if call is not found.call and _still(without, found):
            smaller = without
    began = smaller.calls[0].sent
    return replace(smaller, faults=[fault for fault in faults if fault.end >= began])


def _still(history: History, found: Violation) -> bool:
    try:
        return any(other.rule == found.rule and other.call is found.call for other in violations(history))
    except KeyError:  # a token without the call that issued it
        return False


def _touches(call: Call, found: Violation, history: History) -> bool:
    names = {found.token, *(found.call.asked.get(name) for name in ("token", "bearer"))} - {None}
    owners = _owners(names, history)
    about = {value for value in (*call.asked.values(), *call.told.values()) if isinstance(value, str)}
    return (
        bool(about & names)
        or bool(about & owners and call.kind not in ("introspect", "whoami"))
        or not call.asked
    )


def _owners(names: set[str | None], history: History) -> set[str]:
    """Everybody, and every token, that stands in a call with these names."""
    owners: set[str] = set()
    for call in history.calls:
        if names & {call.told.get("access"), call.told.get("refresh"), call.asked.get("token")}:
            owners |= {str(call.asked[name]) for name in ("user", "client", "token") if name in call.asked}
    return owners


def _lines(history: History, found: Violation, began: float) -> Iterator[str]:
    events: list[tuple[float, str]] = []
    for call in history.calls:
        events.append((call.sent, _call_line(call, began, mark=call is found.call)))
    for fault in history.faults:
        events.append((fault.start, _fault_line(fault, began)))
    for _, line in sorted(events):
        yield line


def _call_line(call: Call, began: float, *, mark: bool) -> str:
    asked = ", ".join(
        f"{name}={value}" for name, value in call.asked.items() if name not in ("secret", "family")
    )
    told = " ".join(
        f"{name}={value}" for name, value in call.told.items() if name not in ("secret", "expires")
    )
    return (
        f"{'!' if mark else ' '} {_moment(call.sent, began)} {_moment(call.answered, began)}  at {call.process:8}"
        f" #{call.number} {call.kind}({asked}) -> {call.outcome} {told}".rstrip()
    )


def _fault_line(fault: Fault, began: float) -> str:
    return f"~ {_moment(fault.start, began)} {_moment(fault.end, began)}  {fault.kind}"


def _moment(moment: float, began: float) -> str:
    return "   never" if moment == NEVER else f"{moment - began:8.3f}"


def report(history: History, found: Sequence[Violation], *, most: int = 5) -> str:
    """The first few violations, one of each rule first, each as its story."""
    first = {violation.rule: violation for violation in reversed(found)}
    told = "\n\n".join(story(history, violation) for violation in list(first.values())[:most])
    return f"{len(found)} broken promises in {len(history.calls)} calls\n\n{told}"
