"""Decides where the Wycheproof vectors are found, and leaves their tests out of a run where they are not."""

import os
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[1]
VECTORS = pytest.StashKey[Path | None]()


def pytest_configure(config: pytest.Config) -> None:
    """The vectors lie beside the checkout, or where WYCHEPROOF_DIR says; they are no part of it."""
    named = os.environ.get("WYCHEPROOF_DIR")
    folder = Path(named) if named else CHECKOUT.parent / "shared" / "vectors"
    if named and not folder.is_dir():
        raise pytest.UsageError(f"WYCHEPROOF_DIR names no folder: {named}")
    config.stash[VECTORS] = folder if folder.is_dir() else None


def pytest_report_header(config: pytest.Config) -> str | None:
    """Say in one line that the group is left out."""
    if config.stash[VECTORS] is None:
        return "vectors: deselected, for there are no Wycheproof vectors here (set WYCHEPROOF_DIR)"
    return None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave the group `vectors` out where there are none: deselected, not skipped."""
    if config.stash[VECTORS] is not None:
        return
    deselected = [item for item in items if item.get_closest_marker("vectors")]
    if deselected:
        config.hook.pytest_deselected(items=deselected)
        items[:] = [item for item in items if not item.get_closest_marker("vectors")]
