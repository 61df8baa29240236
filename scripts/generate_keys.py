"""Makes the key pair that signs access tokens, ready for .env."""

import os
from base64 import b64encode
from pathlib import Path

import click

from identity_service.adapters.jwt.jwk import generate_private_key, thumbprint, to_pem, to_public_pem
from identity_service.domain.entities.signing_key import SIGNING_ALGORITHMS

EXAMPLE = """Example: python scripts/generate_keys.py --bits 3072 --out keys >> .env"""


@click.command(epilog=EXAMPLE)
@click.option(
    "--algorithm",
    "alg",
    type=click.Choice(SIGNING_ALGORITHMS),
    default="RS256",
    show_default=True,
    help="What it is to sign with: SIGNING_ALGORITHM.",
)
@click.option(
    "--bits",
    type=click.IntRange(2048, 8192),
    default=2048,
    show_default=True,
    help="Size of an RSA key (RS256, PS256).",
)
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    help="Also write jwt_private.pem and jwt_public.pem (mode 0600) into this directory; never over existing ones.",
)
def main(alg: str, bits: int, out: Path | None) -> None:
    """Make a key pair and print it as JWT_PRIVATE_KEY= and JWT_PUBLIC_KEY= lines (base64 PEM) for .env.

    Standard output holds these two lines and nothing else; they are secret.
    """
    private_key = generate_private_key(alg, bits=bits)
    private_pem, public_pem = to_pem(private_key), to_public_pem(private_key.public_key())
    if out is not None:
        _write(out, {"jwt_private.pem": private_pem, "jwt_public.pem": public_pem})
    click.echo(f"JWT_PRIVATE_KEY={_one_line(private_pem)}")
    click.echo(f"JWT_PUBLIC_KEY={_one_line(public_pem)}")
    size = f" of {bits} bits" if alg in ("RS256", "PS256") else ""
    click.echo(f"{alg} key{size}, kid {thumbprint(private_key.public_key())}", err=True)


def _one_line(pem: str) -> str:
    return b64encode(pem.encode("ascii")).decode("ascii")


def _write(folder: Path, files: dict[str, str]) -> None:
    """Creates the files readable by their owner alone; raises ClickException when one is there or cannot be made."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        present = [name for name in files if (folder / name).exists()]
        if present:
            raise click.ClickException(
                f"{folder / present[0]} is there already; move it away or choose another --out"
            )
        for name, text in files.items():
            with os.fdopen(os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                file.write(text)
    except OSError as error:
        raise click.ClickException(f"cannot write into {folder}: {error.strerror}") from error


if __name__ == "__main__":
    main()
