"""Every probe, in which order they are tried, and what cannot be tried from outside at all."""

from collections.abc import AsyncIterator, Collection
from typing import NamedTuple

from identity_service.probes.families import browsers, callers, limits, parameters, redirects, tokens
from identity_service.probes.probe import Outcome, Probe, untried
from identity_service.probes.target import Over, Target

PROBES: tuple[Probe, ...] = (
    *redirects.PROBES,
    *parameters.PROBES,
    *tokens.PROBES,
    *callers.PROBES,
    *browsers.PROBES,
    *limits.PROBES,
)
_PERSON = "needs a person who signs in"
_INSIDE = "shows inside the server alone"
_HARM = "would change or hold up something"

NOT_FROM_OUTSIDE = {
    2: "needs a client's registered address; only_registered_redirects tries the coarse forms",
    8: _PERSON,
    9: _PERSON,
    10: _PERSON,
    11: _PERSON,
    12: _PERSON,
    13: _PERSON,
    20: "needs a key that a client is registered with",
    21: "there is no binding of tokens yet",
    22: "needs a server that the target is made to ask",
    24: "there is no device grant yet",
    28: _HARM,
    29: _PERSON,
    30: "there are no upstream providers yet",
    32: "needs a client's registered address",
    34: _INSIDE,
    37: _INSIDE,
}
"""By number. The tests of the server try all of these, with people and clients of their own."""


class Tried(NamedTuple):
    """A probe and what came of it."""

    probe: Probe
    outcome: Outcome


async def attacks(target: Target, *, ignored: Collection[str] = ()) -> AsyncIterator[Tried]:
    """One after the other. Raises OSError where the server cannot be reached; what it breaks by is no error of ours."""
    async with target:
        for each in PROBES:
            if each.name not in ignored:
                yield Tried(each, await _tried(each, target))


async def _tried(each: Probe, target: Target) -> Outcome:
    if each.needs_client and target.basic is None:
        return untried(each.what, "needs a client: --client-id and --client-secret-stdin")
    try:
        return await each.attack(target)
    except Over:
        return untried(each.what, "the time, or the number of requests, was used up before")
    except OSError as error:
        return untried(each.what, str(error))
