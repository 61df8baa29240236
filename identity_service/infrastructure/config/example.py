"""The settings as documents: `.env.example` and the table of docs/configuration.md, made from the classes."""

from textwrap import wrap
from typing import Any

from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings

from identity_service.infrastructure.config.groups import GROUPS
from identity_service.infrastructure.config.sources import is_secret
from identity_service.infrastructure.config.wants import wants

ENV_HEAD = """\
# Every setting of identity-service with its default. Copy to `.env`, or set in the environment, which counts more.
# Made by `python scripts/configuration.py` from the settings classes.
"""
FILE_NOTE = "May be given as {name}_FILE: the path of a file that holds it."
MARKDOWN_HEAD = """\
# Configuration

Environment variables, or lines of a file `.env` in the working directory; the environment counts more. With nothing
set the server keeps everything in a file, listens on loopback and needs no other server. A value that cannot be used
stops the start with one line that names the variable and what it wants.

A variable marked † may be given as `NAME_FILE` instead: the path of a file that holds the value, as container
platforms mount secrets. Giving both is an error.

`ENVIRONMENT=production` refuses to start with an `ISSUER` without https, without `MASTER_KEY`, with
`RATE_LIMITS=off`, with `LOG_LEVEL=debug`, with `FETCH_EXCEPTIONS`, and with several workers on the embedded
database. `serve --workers` with more than one wants `REDIS_URL` and a server database everywhere.

This page and `.env.example` are made by `python scripts/configuration.py` from the settings classes.
"""


def env_example() -> str:
    """A `.env` with every variable commented out."""
    return "\n".join([ENV_HEAD, *(_env_group(group) for group in GROUPS)])


def _env_group(group: type[BaseSettings]) -> str:
    fields = (_env_field(name, field) for name, field in own_fields(group).items())
    return "\n".join([f"# ---- {title(group)} ----", "", *fields])


def _env_field(name: str, field: FieldInfo) -> str:
    wanted = wants(field)
    text = str(field.description) if wanted == "text" else f"{field.description} Wants {wanted}."
    if is_secret(field):
        text += f" {FILE_NOTE.format(name=name.upper())}"
    comment = "\n".join(f"# {line}" for line in wrap(text, 108))
    return f"{comment}\n#{name.upper()}={shown(field.default)}\n"


def configuration_page() -> str:
    """docs/configuration.md."""
    return "\n".join([MARKDOWN_HEAD, *(_table(group) for group in GROUPS)])


def _table(group: type[BaseSettings]) -> str:
    rows = (_row(name, field) for name, field in own_fields(group).items())
    return "\n".join(
        [
            f"## {title(group)}",
            "",
            "| variable | wants | default | what it does |",
            "|---|---|---|---|",
            *rows,
            "",
        ]
    )


def _row(name: str, field: FieldInfo) -> str:
    default = shown(field.default)
    cells = (
        f"`{name.upper()}`{' †' if is_secret(field) else ''}",
        wants(field),
        f"`{default}`" if default else "",
        str(field.description).replace("|", "\\|"),
    )
    return f"| {' | '.join(cells)} |"


def own_fields(group: type[BaseSettings]) -> dict[str, FieldInfo]:
    """The fields that the group itself declares."""
    return {name: group.model_fields[name] for name in group.__annotations__}


def title(group: type[BaseSettings]) -> str:
    """The heading of a group is its docstring."""
    return str(group.__doc__)


def shown(default: Any) -> str:
    """A default as it would be written in the environment."""
    if default is None:
        return ""
    if isinstance(default, tuple):
        return ",".join(default)
    return str(default).lower() if isinstance(default, bool) else str(default)
