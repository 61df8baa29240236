"""Who is at the demo with which browser: kept in memory, and gone when the demo is."""

import hmac
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from secrets import token_urlsafe

from identity_service.demo.provider import Attempt, SignedIn

MOST_VISITS = 1000
MOST_ATTEMPTS = 8
IDLE_SECONDS = 8 * 3600.0


@dataclass(slots=True)
class Visit:
    """One browser: the sign-ins it has begun, and who has signed in. `ended`: the provider said that this is over."""

    csrf: str = field(default_factory=lambda: token_urlsafe(24), repr=False)
    attempts: OrderedDict[str, Attempt] = field(default_factory=OrderedDict, repr=False)
    signed_in: SignedIn | None = None
    ended: bool = False
    leaving: str | None = field(default=None, repr=False)
    seen_at: float = 0.0

    def begin(self, attempt: Attempt) -> None:
        """Remembers a sign-in; of many tabs the latest count."""
        self.attempts[attempt.state] = attempt
        while len(self.attempts) > MOST_ATTEMPTS:
            self.attempts.popitem(last=False)

    def began(self, state: str) -> Attempt | None:
        """The sign-in of this state; each is answered once."""
        return self.attempts.pop(state, None)

    def renew(self, before: SignedIn, now: SignedIn) -> None:
        """The same person with what is new; not if that sign-in is over meanwhile."""
        if self.signed_in is before:
            self.signed_in = now

    def end(self, *, sid: str | None, sub: str | None) -> None:
        """The provider has ended this session, or every session of this person (OIDC Back-Channel Logout §2.4)."""
        claims = {} if self.signed_in is None else self.signed_in.claims
        named = {"sid": sid, "sub": sub}
        if claims and all(claims.get(claim) == value for claim, value in named.items() if value is not None):
            self.signed_in, self.ended = None, True

    def posted(self, csrf: object) -> bool:
        """Whether a form comes from a page that this browser was shown."""
        return isinstance(csrf, str) and hmac.compare_digest(
            csrf.encode("utf-8", "replace"), self.csrf.encode()
        )

    def left(self, state: str | None) -> bool:
        """Whether the person comes back from signing out, and did so at the provider too."""
        expected, self.leaving = self.leaving, None
        return expected is not None and state == expected


class Visits:
    """The visits by the value of their cookie. Never more than so many; one that was idle for long is forgotten."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._by_key: OrderedDict[str, Visit] = OrderedDict()

    def get(self, key: str | None) -> Visit | None:
        """The visit with this cookie."""
        visit = self._by_key.get(key or "")
        if visit is None or key is None or self._clock() - visit.seen_at > IDLE_SECONDS:
            return None
        visit.seen_at = self._clock()
        self._by_key.move_to_end(key)
        return visit

    def end(self, *, sid: str | None, sub: str | None) -> None:
        """Signs out whoever this is about, in every browser."""
        for visit in self._by_key.values():
            visit.end(sid=sid, sub=sub)

    def start(self, *, instead_of: str | None = None) -> tuple[str, Visit]:
        """A new visit under a new cookie; the former one is over."""
        self._by_key.pop(instead_of or "", None)
        key, visit = token_urlsafe(32), Visit(seen_at=self._clock())
        self._by_key[key] = visit
        while len(self._by_key) > MOST_VISITS:
            self._by_key.popitem(last=False)
        return key, visit
