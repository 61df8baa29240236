"""Runs the server."""

from pathlib import Path
from typing import Any

import click

from identity_service.cli.address import DEFAULT_PORT, listening, url
from identity_service.server.interrupts import ends_at_once

EPILOG = "Example:  identity-service serve --host 0.0.0.0 --port 8000 --workers 4"


@click.command("serve", epilog=EPILOG)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=DEFAULT_PORT,
    show_default=True,
    help="Port to listen on; 0 is any free one.",
)
@click.option(
    "--workers",
    type=click.IntRange(1, 256),
    default=1,
    show_default=True,
    help="Processes that share the port. More than one needs a server database and Redis.",
)
@click.option(
    "--reload", is_flag=True, help="Start anew when a file of the program changes (for development)."
)
@click.option(
    "--side",
    type=click.Choice(["all", "query", "command"]),
    help="Everything, only what reads (introspection, keys, metadata), or only the rest.  [default: SIDE, or all]",
)
@click.option(
    "--tls-cert",
    type=click.Path(path_type=Path),
    help="Speak https with this certificate (PEM), those of its authorities after it.  [default: TLS_CERT_FILE]",
)
@click.option(
    "--tls-key",
    type=click.Path(path_type=Path),
    help="Its private key (PEM), without a passphrase.  [default: TLS_KEY_FILE]",
)
@click.option("--json", "as_json", is_flag=True, help="Write the log as JSON, whatever LOG_FORMAT says.")
@click.pass_context
@ends_at_once()
def command(
    context: click.Context,
    host: str,
    port: int,
    workers: int,
    reload: bool,
    side: str | None,
    tls_cert: Path | None,
    tls_key: Path | None,
    as_json: bool,
) -> None:
    """Run the server until it is told to stop (Ctrl+C, SIGTERM).

    Requests under way are finished first, within SHUTDOWN_GRACE_SECONDS. The database has to be there and
    upgraded: `identity-service db upgrade`.

    A certificate that is exchanged on the disk is taken within seconds; connections that are open keep the old one.

    With several workers, SIGHUP replaces them one by one without losing a request, SIGTTIN adds one, SIGTTOU takes
    one away.
    """
    from identity_service.infrastructure.config.inherited import hand_down
    from identity_service.infrastructure.config.settings import load_settings
    from identity_service.server.run import serve

    if workers > 1 and reload:
        raise click.UsageError("'--reload' works with one worker only.")
    if as_json:
        hand_down(log_format="json")  # the workers look there, too
    named = {"tls_cert_file": tls_cert, "tls_key_file": tls_key}
    hand_down(**{name: str(path.absolute()) for name, path in named.items() if path is not None})
    settings = load_settings()
    with listening(host, port) as listener:
        _warn_of_issuer(settings, _scheme(settings, url(host, listener.getsockname()[1])))
        context.exit(serve(settings, workers=workers, reload=reload, side=side, listener=listener))


def _scheme(settings: Any, served: str) -> str:
    return served if settings.tls_cert_file is None else served.replace("http:", "https:", 1)


def _warn_of_issuer(settings: Any, served: str) -> None:
    """Tokens name the issuer, and links begin with it: a default that is not what is served helps nobody."""
    if "issuer" not in settings.model_fields_set and settings.issuer != served:
        click.echo(
            f"ISSUER is not set: tokens name {settings.issuer}, yet {served} is served. Set ISSUER.", err=True
        )
