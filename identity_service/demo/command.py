"""The demo on its own, against any OpenID provider."""

import asyncio
import json
import socket
import sys
from os import strerror
from pathlib import Path
from typing import Any

import click

from identity_service.demo.party import SCOPE, Party

HOST = "127.0.0.1"
PORT = 8001
EPILOG = "Example:  identity-service demo --issuer https://id.example --client-id 01a20125-6b4b-728c-bf13-0aac99541335"


@click.command("demo", epilog=EPILOG)
@click.option("--issuer", required=True, help="Whom to trust, as its configuration names it.", metavar="URL")
@click.option(
    "--client-id",
    help="Under which the demo is registered there; without one it registers itself.",
    metavar="ID",
)
@click.option(
    "--initial-access-token-stdin",
    is_flag=True,
    help="Read from standard input what lets it register itself.",
)
@click.option(
    "--client-secret-stdin",
    is_flag=True,
    help="Read its secret from standard input; else it is a public client.",
)
@click.option(
    "--client-key-file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Its private key (a JWK on P-256), made there if there is none: it proves itself by private_key_jwt.",
)
@click.option("--scope", default=SCOPE, show_default=True, help="What to ask for.")
@click.option(
    "--provider-name", default="identity-service", show_default=True, help="What its pages call the provider."
)
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=PORT,
    show_default=True,
    help="Port on loopback; 0 is any free one.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document instead of text.")
def command(
    issuer: str,
    client_id: str | None,
    initial_access_token_stdin: bool,
    client_secret_stdin: bool,
    client_key_file: Path | None,
    scope: str,
    provider_name: str,
    port: int,
    as_json: bool,
) -> None:
    """Run a small relying party that signs you in and shows what it learns.

    It runs on this machine, uses the authorization code flow with PKCE and works with any OpenID provider. Register
    http://127.0.0.1:PORT/callback as its redirect URI, http://127.0.0.1:PORT/signed-out as the one to come back to
    after signing out, and http://127.0.0.1:PORT/backchannel-logout as where it is told that a session is over. Or let
    it register itself (RFC 7591): with --client-key-file and without --client-id. It prints the client id it got.
    """
    from identity_service.demo.running import serve

    secret = _from_stdin("--client-secret-stdin") if client_secret_stdin else None
    if secret is not None and client_key_file is not None:
        raise click.UsageError("'--client-key-file': a client with a key has no secret.")
    if client_id is None and client_key_file is None:
        raise click.UsageError("'--client-id' is missing; to register itself it needs '--client-key-file'.")
    if client_id is not None and initial_access_token_stdin:
        raise click.UsageError("'--initial-access-token-stdin': a client with an id is registered already.")
    with listening(port) as listener:
        url = url_of(listener)
        key = None if client_key_file is None else _key(client_key_file)
        if client_id is None:
            token = _from_stdin("--initial-access-token-stdin") if initial_access_token_stdin else None
            client_id = _registered(issuer, url, key, token)
        party = Party(
            issuer=issuer,
            client_id=client_id,
            url=url,
            client_secret=secret,
            key=key,
            scope=scope,
            provider_name=provider_name,
        )
        _tell(party, as_json=as_json)
        serve(party, listener)


def _from_stdin(option: str) -> str:
    said = sys.stdin.readline().strip()
    if not said:
        raise click.UsageError(f"'{option}': there is nothing on standard input.")
    return said


def _registered(issuer: str, url: str, key: Any, token: str | None) -> str:
    """The id that the demo got by registering itself there."""
    from identity_service.demo.party import registration
    from identity_service.demo.problem import Problem
    from identity_service.demo.registering import registered

    try:
        return asyncio.run(registered(issuer, registration(url, _public(key)), token=token))
    except Problem as problem:
        raise click.ClickException(
            f"{issuer} did not register the demo: {problem.error}: {problem.description}"
        ) from None


def _tell(party: Party, *, as_json: bool) -> None:
    """Where to go, and what the provider has to know."""
    places = {
        "url": party.url,
        "client_id": party.client_id,
        "redirect_uri": party.redirect_uri,
        "post_logout_redirect_uri": party.signed_out_uri,
        "backchannel_logout_uri": party.backchannel_logout_uri,
    }
    jwks = None if party.key is None else _public(party.key)
    if as_json:
        click.echo(json.dumps(places if jwks is None else places | {"jwks": jwks}, indent=2))
        return
    click.echo(f"Open {party.url} in a browser.")
    click.echo(
        f"As {party.client_id} it has to be registered with {party.redirect_uri} and {party.signed_out_uri} "
        "(Ctrl+C stops it)",
        err=True,
    )
    if jwks is not None:
        click.echo(
            f"and with token_endpoint_auth_method private_key_jwt and jwks {json.dumps(jwks)}", err=True
        )


def _key(path: Path) -> Any:
    from identity_service.demo.own_key import key_in

    try:
        return key_in(path)
    except ValueError as error:
        raise click.ClickException(f"{error}: name another file, which is made") from None
    except OSError as error:
        raise click.ClickException(f"{path}: {error.strerror}") from None


def _public(key: Any) -> dict[str, Any]:
    from identity_service.demo.own_key import public

    return public(key)


def listening(port: int) -> socket.socket:
    """A socket on loopback. Raises ClickException where the port is in use."""
    try:
        return socket.create_server((HOST, port))
    except OSError as error:
        raise click.ClickException(
            f"cannot listen on {HOST} port {port}: {strerror(error.errno or 0)}"
        ) from None


def url_of(listener: socket.socket) -> str:
    """Where a demo that listens there is reached."""
    return f"http://{HOST}:{listener.getsockname()[1]}"
