"""The keys that sign tokens."""

from dataclasses import asdict
from typing import IO, Any

import click

from identity_service.cli.opened import in_house
from identity_service.cli.output import cell, json_option, print_json, print_rows
from identity_service.domain.entities.signing_key import SIGNING_ALGORITHMS
from identity_service.domain.services.access_policy import OPERATOR

COLUMNS = ("kid", "alg", "status", "source", "usable_from", "verify_until")

algorithm_option = click.option(
    "--algorithm",
    "alg",
    type=click.Choice(SIGNING_ALGORITHMS),
    help="Whose key is meant: each has its own.  [default: SIGNING_ALGORITHM]",
)


@click.group("keys", epilog="Example:  identity-service keys rotate")
def command() -> None:
    """List, make, import and rotate the keys that sign tokens.

    A key is `next` (published, not in use), then `current` (it signs), then `retired` (it verifies until the last
    token that it signed has expired).
    """


@command.command("list", epilog="Example:  identity-service keys list")
@json_option
@in_house
async def list_(house: Any, /, as_json: bool) -> None:
    """List the keys that sign or may still verify a token."""
    found = [_members(view) for view in await house.services().keys.list_keys()]
    if as_json:
        print_json(found)
    else:
        print_rows(COLUMNS, found, nothing="There are no keys yet: the server makes one at its first start.")


@command.command("generate", epilog="Example:  identity-service keys generate")
@algorithm_option
@json_option
@in_house
async def generate(house: Any, /, alg: str | None, as_json: bool) -> None:
    """Make the next key and publish it; `keys rotate` puts it to use."""
    await house.load_keys()()
    view = await house.services().keys.generate_key(by=OPERATOR.id, alg=alg)
    _done(
        view,
        as_json,
        f"{view.kid} is published; `keys rotate` puts it to use from {cell(_moment(view.usable_from))} on.",
    )


@command.command("rotate", epilog="Example:  identity-service keys rotate")
@click.option(
    "--now",
    is_flag=True,
    help="Do not wait until others have seen the next key: tokens may fail for a while.",
)
@click.option(
    "--distrust", is_flag=True, help="The current key has leaked: it verifies nothing any more, from now on."
)
@algorithm_option
@json_option
@in_house
async def rotate(house: Any, /, as_json: bool, **options: Any) -> None:
    """Put the next key to use, if it has been published long enough; else publish one."""
    from identity_service.application.use_cases.keys.rotate_keys import KeyRotation

    await house.load_keys()()
    rotated = await house.services().keys.rotate_keys(KeyRotation(by=OPERATOR.id, **options))
    view = rotated.key
    if rotated.done:
        _done(view, as_json, f"{view.kid} signs from now on.")
    else:
        line = f"{view.kid} is published; run this again after {cell(_moment(view.usable_from))} to put it to use."
        _done(view, as_json, line)


@command.command(
    "import", epilog="Example:  identity-service keys import --status retired former_private.pem"
)
@click.argument("file", type=click.File("r"), default="-")
@click.option(
    "--status",
    type=click.Choice(["next", "current", "retired"]),
    default="next",
    show_default=True,
    help="`current` signs at once; `retired` only verifies tokens that were signed elsewhere.",
)
@click.option(
    "--algorithm",
    "alg",
    type=click.Choice(SIGNING_ALGORITHMS),
    help="What it signs with.  [default: RS256, ES256 or EdDSA, by the type of the key]",
)
@json_option
@in_house
async def import_(house: Any, /, file: IO[str], status: Any, alg: str | None, as_json: bool) -> None:
    """Bring a private key along: PEM, or base64 of it, from FILE or standard input."""
    from identity_service.application.use_cases.keys.add_key import KeyImport

    await house.load_keys()()
    try:
        order = KeyImport(pem=file.read(), status=status, by=OPERATOR.id, alg=alg)
        view = await house.services().keys.import_key(order)
    except ValueError as error:
        raise click.ClickException(f"{file.name}: {error}") from None
    _done(view, as_json, f"{view.kid} is in the database as {view.status}.")


@command.command("reseal", epilog="Example:  MASTER_KEY_FORMER_FILE=former.key identity-service keys reseal")
@click.option(
    "--new-data-key",
    is_flag=True,
    help="Make another data key first: the one there is, or the master key that wraps it, has leaked.",
)
@json_option
@in_house
async def reseal(house: Any, /, new_data_key: bool, as_json: bool) -> None:
    """Bring everything that is sealed under MASTER_KEY, from those in MASTER_KEY_FORMER.

    The leading server does the same in the background, and servers go on meanwhile. What was interrupted is gone on
    with by calling it again.
    """
    reseal_secrets = house.services().keys.reseal_secrets
    if new_data_key:
        await reseal_secrets.new_data_key(by=OPERATOR.id)
    changed = await reseal_secrets(by=OPERATOR.id)
    state = await reseal_secrets.state()
    if as_json:
        print_json(asdict(state) | {"changed": changed})
        return
    here = f"the master key of key id {house.key_encryption().key_id}"
    if state.done:
        click.echo(f"{changed} keys and secrets were wrapped or sealed anew; everything is under {here}.")
    else:
        click.echo(
            f"{changed} keys and secrets were wrapped or sealed anew; {state.data_keys_left} data keys and "
            f"{state.secrets_left} secrets are not under {here} yet: the log says why."
        )


def _members(view: Any) -> dict[str, Any]:
    return {name: _shown(value) for name, value in asdict(view).items()}


def _shown(value: Any) -> str | None:
    return value if value is None or isinstance(value, str) else _moment(value)


def _moment(value: Any) -> str:
    return str(value.isoformat().replace("+00:00", "Z"))


def _done(view: Any, as_json: bool, line: str) -> None:
    if as_json:
        print_json(_members(view))
    else:
        click.echo(line)
