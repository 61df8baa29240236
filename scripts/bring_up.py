"""Brings committed pages up to what they are made from; with `--check` it only says which are stale."""

import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[1]


def bring_up(pages: Mapping[str, Callable[[], str]], arguments: Sequence[str], *, script: str) -> int:
    """The exit status of a script of this name that makes these pages, each by its place in the checkout.

    It is 1 if `--check` finds a stale one.
    """
    texts = {name: made() for name, made in pages.items()}
    stale = {name: text for name, text in texts.items() if _read(CHECKOUT / name) != text}
    if list(arguments) == ["--check"]:
        for name in stale:
            print(f"{name} is stale: run `python scripts/{script}.py`", file=sys.stderr)
        return int(bool(stale))
    for name, text in stale.items():
        (CHECKOUT / name).parent.mkdir(parents=True, exist_ok=True)
        (CHECKOUT / name).write_text(text, encoding="utf-8")
        print(f"wrote {name}")
    return 0


def _read(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.exists() else None
