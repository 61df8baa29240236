"""Whether a logout token is to be believed (OIDC Back-Channel Logout 1.0 §2.6), and whether it was taken before."""

import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Any, Final

from joserfc import jwt
from joserfc.errors import JoseError

from identity_service.demo.id_token import ESSENTIAL, LEEWAY_SECONDS
from identity_service.demo.party import Party
from identity_service.demo.problem import Problem

EVENT: Final = "http://schemas.openid.net/event/backchannel-logout"
TYPES: Final = (None, "jwt", "logout+jwt")
"""§2.4: a type of its own is recommended, not required; one of anything else is something else."""
MOST_REMEMBERED: Final = 10_000


def check_logout_token(token: jwt.Token, party: Party, *, now: int) -> None:
    """Whether it says that a session is over, says it to this party, and is in time; its signature is judged by
    others. Raises Problem."""
    wanted: dict[str, Any] = {
        "iss": ESSENTIAL | {"value": party.issuer},
        "aud": ESSENTIAL | {"value": party.client_id},
        "iat": ESSENTIAL,
        "exp": ESSENTIAL,
        "jti": ESSENTIAL,
        "events": ESSENTIAL,
    }
    try:
        jwt.JWTClaimsRegistry(now=now, leeway=LEEWAY_SECONDS, **wanted).validate(dict(token.claims))
    except JoseError as error:
        raise _refused(str(error)) from None
    for why, holds in _FAULTS:
        if holds(token):
            raise _refused(why)


def _refused(why: str) -> Problem:
    return Problem("invalid_logout_token", why)


def _type(token: jwt.Token) -> object:
    said = token.header.get("typ")
    return said.lower() if isinstance(said, str) else said


def _event(claims: Mapping[str, Any]) -> object:
    events = claims["events"]
    return events.get(EVENT) if isinstance(events, dict) else None


_FAULTS: Final[tuple[tuple[str, Callable[[jwt.Token], bool]], ...]] = (
    ("it is a token of another type", lambda token: _type(token) not in TYPES),
    (
        "its events do not say that somebody signed out",
        lambda token: not isinstance(_event(token.claims), dict),
    ),
    ("it names neither a session nor a person", lambda token: not {"sid", "sub"} & token.claims.keys()),
    ("its sid is no text", lambda token: not isinstance(token.claims.get("sid", ""), str)),
    ("it has a nonce, as ID tokens have", lambda token: "nonce" in token.claims),
)


class TakenTokens:
    """The `jti` of those that were taken, for as long as they could be taken once more."""

    def __init__(self, *, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._until: OrderedDict[str, float] = OrderedDict()

    def take(self, claims: Mapping[str, Any]) -> None:
        """Of a token that was checked. Raises Problem for one that was taken before."""
        now = self._clock()
        while self._until and next(iter(self._until.values())) <= now:
            self._until.popitem(last=False)
        if self._until.get(claims["jti"], 0.0) > now:
            raise _refused("it was taken before")
        self._until[claims["jti"]] = float(claims["exp"]) + LEEWAY_SECONDS
        self._until.move_to_end(claims["jti"])
        if len(self._until) > MOST_REMEMBERED:
            self._until.popitem(last=False)
