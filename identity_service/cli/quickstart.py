"""Makes a demo on this machine from nothing, says how to try it, and serves it."""

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click

from identity_service.cli import address, demo, quickstart_text
from identity_service.demo.command import HOST as DEMO_HOST
from identity_service.demo.command import PORT as DEMO_PORT
from identity_service.server.interrupts import ends_at_once

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
@click.option(
    "--demo-port",
    type=click.IntRange(0, 65535),
    help="Port of the page to sign in at, on loopback; 0 is any free one.  "
    f"[default: the first free one from {DEMO_PORT} on]",
)
@click.option("--no-demo", is_flag=True, help="Leave that page out.")
@click.option("--no-serve", is_flag=True, help="Prepare, print the curl lines, and leave.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document instead of text.")
@click.pass_context
@ends_at_once()
def command(
    context: click.Context,
    host: str,
    port: int | None,
    data: Path,
    demo_port: int | None,
    no_demo: bool,
    no_serve: bool,
    as_json: bool,
) -> None:
    """Make a demo on this machine, print how to try it, and serve.

    The first run makes an embedded database in the data folder by running the migrations, signing keys, a demo user
    and demo clients. Later runs use what is there. Not for production, and apart from it: of the environment and of
    `.env` it takes BCRYPT_COST, LOG_LEVEL and ACCESS_LOG, and stops where ENVIRONMENT is production.

    It prints a page to open and curl lines to paste. The page is a small program of its own, beside the server and
    ended with it (`identity-service demo` runs it alone): sign in there as the demo user, and it shows what it learns.
    """
    if no_serve:
        demo_url = None if no_demo else address.url(DEMO_HOST, demo_port or DEMO_PORT)
        settings = _settings(data, address.url(host, port or address.DEFAULT_PORT), demo_url)
        _tell(_made(settings, data, demo_url), settings, data, as_json=as_json, demo_url=None)
        return
    with address.listening(host, port) as listener, _page(demo_port, no_demo=no_demo) as page:
        actual = listener.getsockname()[1]
        demo_url = page and address.url(DEMO_HOST, page.getsockname()[1])
        settings = _settings(data, address.url(host, actual), demo_url)
        made = _made(settings, data, demo_url)
        _tell(made, settings, data, as_json=as_json, demo_url=demo_url)
        if port is None and actual != address.DEFAULT_PORT:
            click.echo(f"Port {address.DEFAULT_PORT} is in use: serving on {actual}.", err=True)
        click.echo(f"Serving {settings.issuer} (Ctrl+C stops it)", err=True)
        context.exit(_serve(settings, listener, made[0], page))


@contextmanager
def _page(port: int | None, *, no_demo: bool) -> Iterator[Any]:
    """A socket for the demo's page, if there is to be one."""
    if no_demo:
        yield None
        return
    with address.listening(DEMO_HOST, port, first=DEMO_PORT, option="--demo-port") as listener:
        yield listener


def _made(settings: Any, data: Path, demo_url: str | None) -> tuple[demo.Demo, bool]:
    """Prepares everything; whether the demo is a new one."""
    click.echo(f"Preparing {data} ...", err=True)
    return asyncio.run(_prepare(settings, demo_url))


def _tell(
    made: tuple[demo.Demo, bool], settings: Any, data: Path, *, as_json: bool, demo_url: str | None
) -> None:
    known, new = made
    if as_json:
        click.echo(quickstart_text.for_programs(known, settings.issuer, data, demo_url=demo_url))
    else:
        click.echo(quickstart_text.for_people(known, settings.issuer, data, new=new, demo_url=demo_url))


def _settings(data: Path, issuer: str, demo_url: str | None) -> Any:
    """The demo's own; the one server on this machine that it may ask is the demo's page, to tell of a sign-out."""
    from identity_service.infrastructure.config.apart import settings_apart
    from identity_service.infrastructure.config.settings import WrongSettings

    settings = settings_apart(
        data_dir=data.resolve(),
        issuer=issuer,
        log_format="console",
        client_registration="token",
        fetch_exceptions=() if demo_url is None else (urlsplit(demo_url).netloc,),
    )
    if settings.environment == "production":
        raise WrongSettings(
            "ENVIRONMENT: quickstart makes a demo, which has no place in production; use `serve`"
        )
    return settings


async def _prepare(settings: Any, demo_url: str | None) -> tuple[demo.Demo, bool]:
    from identity_service.adapters.sql.migrations import Migrations
    from identity_service.cli.demo_accounts import make_demo, with_party
    from identity_service.demo.own_key import public
    from identity_service.demo.party import registration
    from identity_service.infrastructure.container import build

    settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    container = build(settings)
    try:
        await Migrations(container.database()).upgrade()
        await container.load_keys()()
        known = demo.remembered(settings.data_dir)
        found = known is not None and await demo.still_there(known, container)
        made = known if found and known is not None else await make_demo(container.services())
        if demo_url is not None:
            jwks = public(demo.own_key(settings.data_dir))
            made = await with_party(
                made, container.services(), registration(demo_url, jwks), partial(_register, container)
            )
        if made != known:
            demo.remember(made, settings.data_dir)
        return made, not found
    finally:
        await container.hashing_pool().close()
        await container.database().close()


async def _register(container: Any, wanted: Mapping[str, Any]) -> str:
    """The demo registers itself (RFC 7591), at the server as it will be served: there is no port to reach it at yet."""
    from identity_service.cli.demo_accounts import initial_access_token
    from identity_service.demo.registering import registered, within
    from identity_service.main import assemble

    token = await initial_access_token(container.services())
    here = within(assemble(container))
    return await registered(container.settings().issuer, wanted, token=token, transport=here)


def _serve(settings: Any, listener: Any, made: demo.Demo, page: Any) -> int:
    from identity_service.server.run import serve

    with ExitStack() as running:
        if page is not None and made.party_id is not None:
            running.enter_context(_demo_beside(settings, made.party_id, page))
        return serve(settings, side="all", listener=listener)


def _demo_beside(settings: Any, client_id: str, page: Any) -> Any:
    from identity_service.demo.party import Party
    from identity_service.demo.running import beside

    url = address.url(DEMO_HOST, page.getsockname()[1])
    key = demo.own_key(settings.data_dir)
    return beside(Party(issuer=settings.issuer, client_id=client_id, url=url, key=key), page)
