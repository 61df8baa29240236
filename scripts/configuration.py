"""Writes `.env.example` and docs/configuration.md from the settings classes; `--check` only compares."""

import sys

from identity_service.infrastructure.config.example import configuration_page, env_example
from scripts.bring_up import bring_up

PAGES = {".env.example": env_example, "docs/configuration.md": configuration_page}


def main(arguments: list[str]) -> int:
    """Exit status 1 if `--check` finds a page that is not what the classes say."""
    return bring_up(PAGES, arguments, script="configuration")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
