"""Writes `.env.example` and docs/configuration.md from the settings classes; `--check` only compares."""

import sys
from pathlib import Path

from identity_service.infrastructure.config.example import configuration_page, env_example

CHECKOUT = Path(__file__).resolve().parents[1]
PAGES = {".env.example": env_example, "docs/configuration.md": configuration_page}


def main(arguments: list[str]) -> int:
    """Exit status 1 if `--check` finds a page that is not what the classes say."""
    stale = [name for name, made in PAGES.items() if made() != _read(CHECKOUT / name)]
    if arguments == ["--check"]:
        for name in stale:
            print(f"{name} is stale: run `python scripts/configuration.py`", file=sys.stderr)
        return int(bool(stale))
    for name in stale:
        (CHECKOUT / name).parent.mkdir(exist_ok=True)
        (CHECKOUT / name).write_text(PAGES[name](), encoding="utf-8")
        print(f"wrote {name}")
    return 0


def _read(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.exists() else None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
