"""The quotas of callers: which hold, and whether a file of them can be used."""

import tomllib
from pathlib import Path
from typing import Any

import click

from identity_service.cli.output import json_option, print_json, print_rows
from identity_service.domain.services.quota import Quota
from identity_service.domain.services.quota_policy import BUILT_IN, QuotaPolicy, parse_policy

COLUMNS = ("level", "tier", "endpoint", "limit", "per_seconds", "algorithm", "burst")


@click.group("limits", epilog="Example:  identity-service limits show")
def command() -> None:
    """Show the quotas of callers, and check a file of them."""


@command.command("show", epilog="Example:  identity-service limits show --json")
@json_option
def show(as_json: bool) -> None:
    """Show the quotas that RATE_LIMIT_POLICY_FILE states, or the built-in ones."""
    from identity_service.infrastructure.admission import policy_of
    from identity_service.infrastructure.config.settings import load_settings

    settings = load_settings()
    path = settings.rate_limit_policy_file
    source = "built-in" if path is None else str(path)
    if as_json:
        print_json({"source": source, "rate_limits": settings.rate_limits} | _members(policy_of(settings)))
        return
    off = "  RATE_LIMITS=off: none of them counts." if settings.rate_limits == "off" else ""
    _print(policy_of(settings), f"Source: {source}.{off}")


@command.command("check", epilog="Example:  identity-service limits check quotas.toml")
@click.argument("file", type=click.Path(path_type=Path))
@json_option
def check(file: Path, as_json: bool) -> None:
    """Check a file of quotas before a server gets it, and show what it says."""
    try:
        policy = parse_policy(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise click.ClickException(f"cannot read {file} ({error.strerror})") from None
    except ValueError as error:  # what is no text, and what is no policy
        raise click.ClickException(f"{file}: {error}") from None
    if as_json:
        print_json({"source": str(file)} | _members(policy))
    else:
        _print(policy, f"{file} can be used.")


@command.command("template", epilog="Example:  identity-service limits template > quotas.toml")
@json_option
def template(as_json: bool) -> None:
    """Print the built-in quotas as a file to begin with."""
    if as_json:
        print_json(tomllib.loads(BUILT_IN))
    else:
        click.echo(BUILT_IN, nl=False)


def _members(policy: QuotaPolicy) -> dict[str, Any]:
    return {"without_redis": policy.without_redis, "quotas": [_row(quota) for quota in policy.quotas]}


def _row(quota: Quota) -> dict[str, Any]:
    members = {name: getattr(quota, name) for name in COLUMNS}
    return members | {"burst": quota.burst or None}


def _print(policy: QuotaPolicy, line: str) -> None:
    click.echo(line)
    click.echo(f"While Redis is away a process has {policy.without_redis:.0%} of each.")
    print_rows(COLUMNS, [_row(quota) for quota in policy.quotas], nothing="There are no quotas.")
