"""The log of events as evidence: what is signed about it, and whether it is still what was signed."""

from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import IO, Any

import click

from identity_service.cli import audit_events
from identity_service.cli.opened import in_database, in_house
from identity_service.cli.output import json_option, print_json

VERIFY = "identity-service audit verify --checkpoints checkpoints.jsonl --public-key audit.pem"


@click.group("audit", epilog=f"Example:  {VERIFY}")
def command() -> None:
    """Read the log of events, prove that it is whole, make checkpoints of it.

    docs/audit.md tells an auditor what is proven, against whom, and how.
    """


for reading in (audit_events.search, audit_events.tail, audit_events.export):
    command.add_command(reading)


@command.command("key", epilog="Example:  identity-service audit key > audit.pem")
@json_option
@in_house
async def key(house: Any, /, as_json: bool) -> None:
    """Print the public key that checkpoints are verified with (PEM).

    Hand it to the auditor once, and compare its id by another way.
    """
    await house.signing_keys.load_data_keys()()
    view = await house.services().audit.show_audit_key()
    pem = _pem(view.public)
    if as_json:
        print_json({"kid": view.kid, "pem": pem, "jwk": _jwk(view)})
    else:
        click.echo(pem, nl=False)
        click.echo(f"key id {view.kid}", err=True)


@command.command("checkpoint", epilog="Example:  identity-service audit checkpoint")
@json_option
@in_house
async def checkpoint(house: Any, /, as_json: bool) -> None:
    """Chain what is waiting, sign the head of the log, and bring that out of the database."""
    audit = house.services().audit
    await house.signing_keys.load_data_keys()()
    await audit.chain_events()
    made = await audit.make_checkpoint()
    delivered = await audit.deliver_statements()
    members = {
        "size": made.head.size if made else None,
        "delivered": delivered,
        "destinations": list(audit.deliver_statements.destinations),
    }
    if as_json:
        print_json(members)
    elif made is None:
        click.echo("Nothing was chained since the last checkpoint.")
    else:
        click.echo(f"The log had {made.head.size} entries at {made.made_at.isoformat(timespec='seconds')}.")
    if not members["destinations"]:
        click.echo(
            "It did not leave the database: set AUDIT_CHECKPOINT_FILE or another destination.", err=True
        )


@command.command("verify", epilog=f"Example:  {VERIFY}")
@click.option(
    "--checkpoints",
    type=click.File("r", errors="replace"),
    help="File of checkpoints that left the database; `-` for standard input.",
)
@click.option(
    "--public-key",
    "public_key",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="What `audit key` printed when it was handed over.",
)
@click.option("--read-only", is_flag=True, help="Do not chain what is waiting before.")
@json_option
@click.pass_context
def verify(
    context: click.Context,
    checkpoints: IO[str] | None,
    public_key: Path | None,
    read_only: bool,
    as_json: bool,
) -> None:
    """Prove that no entry of the log was altered, removed, reordered or cut off since a checkpoint.

    Wants the right to SELECT and no secret. Without --checkpoints and --public-key the log is only held against what
    the database says of itself. The exit status is 1 when something is wrong.
    """
    from identity_service.cli.audit_report import shown

    pinned = None if public_key is None else _read_key(public_key)
    report = _verify(checkpoints, pinned, read_only)
    if as_json:
        print_json(asdict(report))
    else:
        shown(report)
    context.exit(1 if report.status == "broken" else 0)


@in_database
async def _verify(house: Any, /, lines: Any, public_key: bytes | None, read_only: bool) -> Any:
    from identity_service.adapters.crypto.ed25519_signatures import Ed25519Signatures
    from identity_service.adapters.sql.unit_of_work import SqlUnitOfWork
    from identity_service.application.use_cases.audit.read_statements import ReadStatements
    from identity_service.application.use_cases.audit.verify_log import Verification, VerifyLog

    def read() -> SqlUnitOfWork:
        """Not the container's, whose way to tell of endings wants the master key."""
        return SqlUnitOfWork(house.database(), writing=False, on_endings=lambda tags: None)

    if not read_only and house.settings().master_key is not None:
        await house.signing_keys.load_data_keys()()
        await house.audit.chain_events()()
    verify_log = VerifyLog(
        read=read, read_statements=ReadStatements(read=read, signatures=Ed25519Signatures())
    )
    with _bar() as tell:
        return await verify_log(Verification(lines=lines, public_key=public_key), tell)


@contextmanager
def _bar() -> Iterator[Callable[[str, int, int], None]]:
    """A bar on standard error, if that is a terminal."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        tasks: dict[str, Any] = {}

        def tell(title: str, done: int, of: int) -> None:
            if title not in tasks:
                tasks[title] = progress.add_task(title, total=of)
            progress.update(tasks[title], completed=done, total=of)

        yield tell


def _pem(public: bytes) -> str:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    key = Ed25519PublicKey.from_public_bytes(public)
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode("ascii")


def _jwk(view: Any) -> dict[str, str]:
    x = b64encode(view.public, altchars=b"-_").rstrip(b"=").decode("ascii")
    return {"kty": "OKP", "crv": "Ed25519", "x": x, "kid": view.kid}


def _read_key(path: Path) -> bytes:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    try:
        key = load_pem_public_key(path.read_bytes())
    except (ValueError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, Ed25519PublicKey):
        raise click.ClickException(f"{path}: wants a public Ed25519 key in PEM, as `audit key` prints it")
    return key.public_bytes_raw()
