"""`doctor`: looks at everything the server depends on, and says how to mend what is wrong."""

import asyncio

import click

from identity_service.cli.doctor.finding import Finding, Status
from identity_service.cli.output import json_option, print_json

EPILOG = "Example:  identity-service doctor --url http://127.0.0.1:8000"
COLOURS = {Status.OK: "green", Status.WARN: "yellow", Status.FAIL: "red"}


@click.command("doctor", epilog=EPILOG)
@click.option(
    "--url",
    help="Where to ask the running server for its issuer, if not at ISSUER itself: behind a proxy, say.",
)
@json_option
@click.pass_context
def command(context: click.Context, url: str | None, as_json: bool) -> None:
    """Check settings, database, Redis, keys, clock and issuer.

    Changes nothing. Each line says OK, WARN or FAIL, and how to mend it; the exit status is 1 when something fails.
    """
    from identity_service.cli.doctor.examination import examine

    findings = asyncio.run(examine(url))
    worst = max(finding.status for finding in findings)
    if as_json:
        print_json({"status": worst.name.lower(), "checks": [finding.as_json() for finding in findings]})
    else:
        _show(findings)
    context.exit(1 if worst is Status.FAIL else 0)


def _show(findings: list[Finding]) -> None:
    width = max(len(finding.check) for finding in findings)
    for finding in findings:
        status = click.style(f"{finding.status.name:<4}", fg=COLOURS[finding.status], bold=True)
        click.echo(f"{status}  {finding.check:<{width}}  {finding.text}")
        if finding.mend:
            click.echo(f"{'':<{width + 8}}-> {finding.mend}")
