"""Settings that worker processes find in their environment because their parent was started with them."""

import os


def hand_down(**values: str) -> None:
    """Sets variables of this process's environment, which its children inherit."""
    os.environ.update({name.upper(): value for name, value in values.items()})


def handed_down(name: str) -> str | None:
    """What the parent has set, if there is one."""
    return os.environ.get(name.upper())
