"""Decides how a line about a breached password is read: `DIGITS:COUNT`, as the public lists have it, or `DIGITS`."""

from collections.abc import Iterable

SUFFIX_DIGITS = 35


def suffixes_of(lines: Iterable[bytes], *, skip: int = 0) -> frozenset[str]:
    """The last 35 digits of each line, of which the first `skip` are left out. Lines that count 0 stand there only so
    that the length of an answer tells nothing."""
    found = set()
    for line in lines:
        digits, _, count = line.strip().partition(b":")
        if len(digits) == skip + SUFFIX_DIGITS and count.strip() != b"0":
            found.add(digits[skip:].decode("ascii", "replace").upper())
    return frozenset(found)
