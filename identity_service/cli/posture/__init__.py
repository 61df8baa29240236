"""`posture`: holds settings, keys and clients against the security profiles, and says how to mend what is weak."""

from typing import Any

import click

from identity_service.cli.opened import in_database
from identity_service.cli.output import json_option
from identity_service.domain.posture.clauses import Profile
from identity_service.domain.posture.rule import Risk

EPILOG = "Example:  identity-service posture --profile fapi2 --fail-on high"
RISKS = {risk.name.lower(): risk for risk in sorted(Risk, reverse=True)}


@click.command("posture", epilog=EPILOG)
@click.option(
    "--fail-on",
    type=click.Choice(tuple(RISKS)),
    help="Exit with status 1 if anything of this risk, or of a higher one, is found.  [default: never]",
)
@click.option(
    "--profile",
    type=click.Choice([profile.value for profile in Profile]),
    help="Only what this text asks for: RFC 9700, OAuth 2.1, FAPI 2.0, OWASP ASVS 5.0.  [default: all]",
)
@click.option(
    "--ignore",
    "ignored",
    multiple=True,
    metavar="RULE",
    help="Leave a rule out, one whose risk was accepted; may be repeated.",
)
@json_option
@click.pass_context
def command(
    context: click.Context,
    fail_on: str | None,
    profile: str | None,
    ignored: tuple[str, ...],
    as_json: bool,
) -> None:
    """Look for weak settings, keys and clients.

    Changes nothing. Each finding says how much it matters, by which clause, what is at stake, and how to mend it; only
    active clients are looked at. docs/security/posture.md lists the rules.
    """
    from identity_service.cli.posture.report import Report

    _check_rules(ignored)
    report = Report(
        profile=Profile(profile) if profile else None, ignored=frozenset(ignored), as_json=as_json
    )
    _examine(report)
    context.exit(int(fail_on is not None and report.worst >= RISKS[fail_on]))


def _check_rules(ignored: tuple[str, ...]) -> None:
    """A misspelt name would ignore nothing, and nobody would notice."""
    from identity_service.domain.posture.register import every_rule

    known = {rule.name for rule in every_rule()}
    if unknown := [name for name in ignored if name not in known]:
        raise click.BadParameter(
            f"there is no rule {unknown[0]!r}; docs/security/posture.md lists them", param_hint="'--ignore'"
        )


@in_database
async def _examine(house: Any, /, report: Any) -> None:
    from identity_service.cli.output import progress

    with report, progress("Looking at settings, keys and clients …") as show:
        async for thing in house.posture()():
            report.add(thing)
            show(f"Looking at clients … {report.clients}")
