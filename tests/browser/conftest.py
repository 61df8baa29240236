"""Fixtures for tests of our pages. What imports the application is imported where it is used."""

from collections.abc import AsyncIterator

import pytest


@pytest.fixture
async def shown() -> AsyncIterator[str]:
    """Where every page of `tests/pages.py` is shown by its name."""
    from tests.pages import showing
    from tests.serving import free_listener, serving, url_of

    listener = free_listener()
    async with serving(showing(form_action=()), listener):
        yield url_of(listener)
