"""Sends a form to a server of a client's."""

from collections.abc import Mapping
from typing import Protocol


class Unsent(Exception):
    """There was no answer, or nothing may be sent there; the reason tells nothing of what was to be sent."""


class FormSender(Protocol):
    """Whatever URL a client is registered with, it leads into nobody's network of their own: only to public addresses,
    by https, and to the exceptions that an operator named."""

    async def post(self, url: str, form: Mapping[str, str]) -> int:
        """The status of the answer, of which nothing else is read; redirects are not followed. Raises Unsent."""
