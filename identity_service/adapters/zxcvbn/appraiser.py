"""Decides how soon a password is guessed, by zxcvbn and by lists of the commonest ones."""

from collections.abc import Callable, Collection
from functools import partial
from pathlib import Path
from threading import Lock
from typing import Any, Final, Protocol, TypeVar

from identity_service.domain.services.context_words import folded
from identity_service.ports.passwords import Appraisal

Result = TypeVar("Result")

PIECE: Final = 32
"""Code points that zxcvbn is given: beyond, some texts take it seconds."""
_BEST: Final = 4


class Run(Protocol):
    """Where work that takes processor time is done: fairly by address, off the event loop."""

    async def __call__(self, job: Callable[[], Result], *, address: str | None) -> Result: ...


class ZxcvbnAppraiser:
    """`ports.Appraise`: the 30,000 commonest passwords of zxcvbn and those of a file, and zxcvbn's score.

    Lists are compared with the folded password, as a whole. Of a long one the better of its two ends is scored, which
    can only be less than the whole deserves. Without `scoring` everything scores 4.
    """

    def __init__(self, *, run: Run, blocklist: Path | None, scoring: bool) -> None:
        self._run = run
        self._blocklist = blocklist
        self._scoring = scoring
        self._blocked: frozenset[str] | None = None
        self._alone = Lock()  # zxcvbn keeps the words of a call where all calls see them

    async def __call__(self, password: str, *, words: Collection[str], address: str | None) -> Appraisal:
        """Raises HashingBusy."""
        return await self._run(partial(self._appraise, password, words), address=address)

    def _appraise(self, password: str, words: Collection[str]) -> Appraisal:
        from zxcvbn.matching import RANKED_DICTIONARIES  # 30 ms, which a start need not wait for

        known = folded(password)
        with self._alone:
            if self._blocked is None:
                self._blocked = _read(self._blocklist)
            if known in RANKED_DICTIONARIES["passwords"] or known in self._blocked:
                return Appraisal(common=True, score=0)
            return Appraisal(common=False, score=self._score(password, words))

    def _score(self, password: str, words: Collection[str]) -> int:
        if not self._scoring:
            return _BEST
        from zxcvbn import zxcvbn

        scores: list[Any] = [zxcvbn(password[:PIECE], user_inputs=[*words])["score"]]
        if len(password) > PIECE:
            scores.append(zxcvbn(password[-PIECE:], user_inputs=[*words])["score"])
        return int(max(scores))


def _read(blocklist: Path | None) -> frozenset[str]:
    if blocklist is None:
        return frozenset()
    with blocklist.open(encoding="utf-8") as lines:
        return frozenset(word for line in lines if (word := folded(line.strip("\r\n"))))
