"""What is written to people."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """What is to be said: `name` is the letter's, `values` are what its text names, `language` the tag (RFC 5646) that
    the person wants it in, if that is known."""

    name: str
    values: Mapping[str, str] = field(default_factory=dict)
    language: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A letter as people read it, in the language of this tag: the same in plain text and in HTML."""

    subject: str
    text: str
    html: str
    language: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """A letter to an address. `id` stays the same however often it is sent: who gets it twice can tell."""

    id: str
    to: str
    written: Written


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptMail:
    """A mail that was kept instead of sent; `text` and `html` are empty in a listing."""

    id: str
    to: str
    subject: str
    kept_at: datetime
    text: str = ""
    html: str = ""
