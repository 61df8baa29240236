"""Which words are too near to an account to make a password of (NIST SP 800-63B-4 §3.1.1.2)."""

import re
from collections.abc import Collection
from typing import Final
from unicodedata import normalize

SHORTEST: Final = 4
"""Shorter words are in any sentence."""
_BETWEEN: Final = re.compile(r"[\W_]+")


def folded(text: str) -> str:
    """The text as it is compared: NFKC, without case."""
    return normalize("NFKC", normalize("NFKC", text).casefold())


def context_words(*texts: str | None) -> frozenset[str]:
    """Names, addresses and the like, and the parts that they are made of: of `alice.smith@mail.example` also `smith`,
    `alicesmith` and what stands before the @. Folded, four characters and longer."""
    words: set[str] = set()
    for text in map(folded, filter(None, texts)):
        for whole in (text, text.partition("@")[0]):
            parts = _BETWEEN.split(whole)
            words.update((whole, "".join(parts), *parts))
    return frozenset(word for word in words if len(word) >= SHORTEST)


def without_words(text: str, words: Collection[str]) -> str | None:
    """What is left of the folded text when these words, the longest first, are taken out; None where there is none."""
    there = bare = folded(text)
    for word in sorted(words, key=lambda word: (-len(word), word)):
        bare = bare.replace(word, "")
    return None if bare == there else bare
