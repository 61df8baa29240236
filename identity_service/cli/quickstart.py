"""Makes a demo on this machine from nothing, says how to try it, and serves it."""

import asyncio
import os
from pathlib import Path
from typing import Any

import click

from identity_service.cli import address, demo
from identity_service.cli.curl_lines import curl_lines

EPILOG = "Example:  identity-service quickstart --port 8080 --data ./demo"


@click.command("quickstart", epilog=EPILOG)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    help=f"Port to listen on; 0 is any free one.  [default: the first free one from {address.DEFAULT_PORT} on]",
)
@click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("var"),
    show_default="./var",
    help="Folder of the embedded database, its master key and the demo's secrets.",
)
@click.option("--no-serve", is_flag=True, help="Prepare, print the curl lines, and leave.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document instead of text.")
@click.pass_context
def command(
    context: click.Context, host: str, port: int | None, data: Path, no_serve: bool, as_json: bool
) -> None:
    """Make a demo on this machine, print curl lines for it, and serve.

    The first run makes an embedded database in the data folder by running the migrations, signing keys, a demo
    user and a demo client. Later runs use what is there. Not for production, and apart from it: of the environment
    and of `.env` it takes BCRYPT_COST, LOG_LEVEL and ACCESS_LOG, and stops where ENVIRONMENT is production.
    """
    if no_serve:
        _make(_settings(data, address.url(host, port or address.DEFAULT_PORT)), data, as_json)
        return
    with address.listening(host, port) as listener:
        actual = listener.getsockname()[1]
        settings = _settings(data, address.url(host, actual))
        _make(settings, data, as_json)
        if port is None and actual != address.DEFAULT_PORT:
            click.echo(f"Port {address.DEFAULT_PORT} is in use: serving on {actual}.", err=True)
        click.echo(f"Serving {settings.issuer} (Ctrl+C stops it)", err=True)
        context.exit(_serve(settings, listener))


def _make(settings: Any, data: Path, as_json: bool) -> None:
    """Prepares everything and prints how to try it."""
    click.echo(f"Preparing {data} ...", err=True)
    made, new = asyncio.run(_prepare(settings))
    click.echo(_json(made, settings, data) if as_json else _text(made, settings, data, new))


def _settings(data: Path, issuer: str) -> Any:
    from identity_service.infrastructure.config.apart import settings_apart
    from identity_service.infrastructure.config.settings import WrongSettings

    settings = settings_apart(data_dir=data.resolve(), issuer=issuer, log_format="console")
    if settings.environment == "production":
        raise WrongSettings(
            "ENVIRONMENT: quickstart makes a demo, which has no place in production; use `serve`"
        )
    return settings


async def _prepare(settings: Any) -> tuple[demo.Demo, bool]:
    from identity_service.adapters.sql.migrations import Migrations
    from identity_service.cli.demo_accounts import make_demo
    from identity_service.infrastructure.container import build

    settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    container = build(settings)
    try:
        await Migrations(container.database()).upgrade()
        await container.load_keys()()
        known = demo.remembered(settings.data_dir)
        if known is not None and await demo.still_there(known, container):
            return known, False
        made = await make_demo(container.services())
        demo.remember(made, settings.data_dir)
        return made, True
    finally:
        await container.hashing_pool().close()
        await container.database().close()


def _text(made: demo.Demo, settings: Any, data: Path, new: bool) -> str:
    kept = data / demo.FILE
    lines = [
        f"{'Made' if new else 'Using'} a demo user and a demo client in the embedded database "
        f"{data / 'identity.sqlite3'}.",
        f"They are for trying things out on this machine; their secrets are kept in {kept} (mode 0600).",
        "",
        f"  user    {made.username}",
        f"  client  {made.client_id}",
        f"  issuer  {settings.issuer}",
        "",
        "Paste these into another terminal, one after the other:",
    ]
    commands = curl_lines(made, settings.issuer)
    for number, (title, line) in enumerate(commands, 5 - len(commands)):
        lines += ["", f"# {number}. {title}", line]
    return "\n".join([*lines, ""])


def _json(made: demo.Demo, settings: Any, data: Path) -> str:
    import json
    from dataclasses import asdict

    members = {
        "issuer": settings.issuer,
        "data": os.fspath(data),
        **asdict(made),
        "commands": [line for _, line in curl_lines(made, settings.issuer)],
    }
    return json.dumps(members, indent=2)


def _serve(settings: Any, listener: Any) -> int:
    from identity_service.server.run import serve

    return serve(settings, side="all", listener=listener)
