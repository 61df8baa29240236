"""`posture`: holds settings, keys and clients against the security profiles, or attacks a running server."""

from typing import Any

import click

from identity_service.cli.opened import in_database
from identity_service.cli.output import json_option
from identity_service.domain.posture.clauses import Profile
from identity_service.domain.posture.rule import Risk

EPILOG = "Example:  identity-service posture --attack http://127.0.0.1:8000"
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
    metavar="NAME",
    help="Leave a rule out, one whose risk was accepted, or a probe; may be repeated.",
)
@click.option(
    "--attack",
    metavar="URL",
    help="Attack the server that runs there instead, over HTTP, and leave nothing behind.",
)
@click.option("--client-id", metavar="ID", help="With --attack: a client of that server, to try more with.")
@click.option(
    "--client-secret-stdin", is_flag=True, help="With --attack: read its secret from standard input."
)
@click.option(
    "--yes-this-server-is-mine",
    "ours",
    is_flag=True,
    help="With --attack: it is not on this machine, and you may do this.",
)
@json_option
@click.pass_context
def command(
    context: click.Context,
    fail_on: str | None,
    profile: str | None,
    ignored: tuple[str, ...],
    attack: str | None,
    client_id: str | None,
    client_secret_stdin: bool,
    ours: bool,
    as_json: bool,
) -> None:
    """Look for weak settings, keys and clients; or attack a running server.

    Changes nothing. Each finding says how much it matters, by which clause, what is at stake, and how to mend it; only
    active clients are looked at. docs/security/posture.md lists the rules and the probes.

    With --attack the exit status is 1 if the server is weak anywhere. It sends a few hundred requests within two
    minutes, wrong ones all of them, and is meant for a server of your own.
    """
    _check_names(ignored, probes=attack is not None)
    if attack is not None:
        if fail_on or profile:
            raise click.UsageError("'--fail-on' and '--profile' are about rules, and '--attack' tries none.")
        context.exit(int(not _attack(attack, client_id, client_secret_stdin, ours, ignored, as_json)))
    if client_id or client_secret_stdin or ours:
        raise click.UsageError("'--client-id', '--client-secret-stdin' and the like want '--attack'.")
    from identity_service.cli.posture.report import Report

    report = Report(
        profile=Profile(profile) if profile else None, ignored=frozenset(ignored), as_json=as_json
    )
    _examine(report)
    context.exit(int(fail_on is not None and report.worst >= RISKS[fail_on]))


def _check_names(ignored: tuple[str, ...], *, probes: bool) -> None:
    """A misspelt name would ignore nothing, and nobody would notice."""
    from identity_service.domain.posture.register import every_rule
    from identity_service.probes.run import PROBES

    known = {each.name for each in (PROBES if probes else every_rule())}
    if unknown := [name for name in ignored if name not in known]:
        kind = "probe" if probes else "rule"
        raise click.BadParameter(
            f"there is no {kind} {unknown[0]!r}; docs/security/posture.md lists them", param_hint="'--ignore'"
        )


def _attack(
    url: str, client_id: str | None, has_secret: bool, ours: bool, ignored: tuple[str, ...], as_json: bool
) -> bool:
    """Whether the server holds."""
    import asyncio

    from identity_service.cli.posture.attack import attack, checked
    from identity_service.cli.terminal import line_of_stdin
    from identity_service.probes.target import Credentials

    if (client_id is not None) != has_secret:
        raise click.UsageError("'--client-id' and '--client-secret-stdin' go together.")
    credentials = Credentials(client_id, line_of_stdin("--client-secret-stdin")) if client_id else None
    target = checked(url, credentials=credentials, ours=ours)
    return asyncio.run(attack(target, ignored=ignored, as_json=as_json))


@in_database
async def _examine(house: Any, /, report: Any) -> None:
    from identity_service.cli.output import progress

    with report, progress("Looking at settings, keys and clients …") as show:
        async for thing in house.posture()():
            report.add(thing)
            show(f"Looking at clients … {report.clients}")
