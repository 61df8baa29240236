"""Where every ending arrives, whichever way it came."""

import asyncio
from collections.abc import Sequence

from identity_service.application.liveness.ended_tokens import EndedTokens
from identity_service.application.liveness.ended_window import EndedWindow
from identity_service.domain.entities.tag import KEYS
from identity_service.ports.cache.endings_carrier import EndingsCarrier


class Endings:
    """Applies endings to this process, at once; those of its own commits are also sent on to the others.

    `keys_changed` is set when the signing keys have to be read again; `keys_news` counts how often that was said.
    `tokens_unknown` is set when the ended tokens have to be read anew.
    """

    def __init__(self, *, window: EndedWindow, tokens: EndedTokens, carrier: EndingsCarrier) -> None:
        self._window = window
        self._tokens = tokens
        self._carrier = carrier
        self.keys_changed = asyncio.Event()
        self.keys_news = 0
        self.tokens_unknown = asyncio.Event()

    def __call__(self, tags: Sequence[str]) -> None:
        """A transaction of this process was committed, or may have been."""
        if tags:
            self.arrived(tags)
            self._carrier.publish(tags)

    def arrived(self, tags: Sequence[str]) -> None:
        """Another process ended these."""
        self._window.apply(tags)
        self._tokens.apply(tags)
        if KEYS in tags:
            self._keys_may_differ()

    def maybe_missed(self) -> None:
        """Endings may have gone by unseen: forget everything."""
        self._window.restart()
        self._tokens.restart()
        self.tokens_unknown.set()
        self._keys_may_differ()

    def _keys_may_differ(self) -> None:
        self.keys_news += 1
        self.keys_changed.set()

    def keys_read(self) -> None:
        """The new keys are in use: what was verified with the old ones is looked at again."""
        self._window.apply((KEYS,))
