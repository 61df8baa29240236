"""How a broken promise is told: the shortest history that still breaks it, as a timeline a person can read."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import replace

from tests.model.history import NEVER, Call, Fault, History
from tests.model.judge import Violation, violations

SECONDS = 20.0
"""So long is tried to leave more out."""


def story(history: History, found: Violation) -> str:
    """The violation, and what it takes to see it."""
    shrunk = shrunken(history, found)
    began = shrunk.calls[0].sent
    lines = [f"{found.rule}: {found.why}", *_lines(shrunk, found, began)]
    return "\n  ".join(lines)


def shrunken(history: History, found: Violation) -> History:
    """The calls without which it would be no violation, and the faults that were there meanwhile."""
    before = [call for call in history.calls if call.sent <= found.call.answered]
    faults = [fault for fault in history.faults if fault.start < found.call.answered]
    names = _names(found)
    owners = _owners(names, before)
    related = [call for call in before if call is found.call or _touches(call, names, owners)]
    smaller = History(history.setting, related, faults)
    if not _still(smaller, found):
        smaller = replace(smaller, calls=before)
    smaller = _halved(smaller, found, time.monotonic() + SECONDS)
    began = smaller.calls[0].sent
    return replace(smaller, faults=[fault for fault in faults if fault.end >= began])


def _halved(history: History, found: Violation, until: float) -> History:
    """Leaves out stretches of calls, long ones first, as long as the violation stays."""
    stretch = len(history.calls) // 2
    while stretch and time.monotonic() < until:
        start = 0
        while start < len(history.calls) and time.monotonic() < until:
            calls = [*history.calls[:start], *history.calls[start + stretch :]]
            without = replace(history, calls=calls)
            if _still(without, found):
                history = without
            else:
                start += stretch
        stretch //= 2
    return history


def _still(history: History, found: Violation) -> bool:
    try:
        return any(other.rule == found.rule and other.call is found.call for other in violations(history))
    except KeyError:  # a token without the call that issued it
        return False


def _names(found: Violation) -> set[str]:
    names = (found.token, found.call.asked.get("token"), found.call.asked.get("bearer"))
    return {name for name in names if name is not None}


def _touches(call: Call, names: set[str], owners: set[str]) -> bool:
    about = {value for value in (*call.asked.values(), *call.told.values()) if isinstance(value, str)}
    looks = call.kind in ("introspect", "whoami")
    return not call.asked or bool(about & names) or (not looks and bool(about & owners))


def _owners(names: set[str], calls: list[Call]) -> set[str]:
    """Everybody, and every token, that stands in a call with these names."""
    owners: set[str] = set()
    for call in calls:
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
