"""Letters, and mails that were kept because there is no mail server."""

from pathlib import Path
from typing import Any

import click

from identity_service.cli.opened import in_database
from identity_service.cli.output import json_option, print_json, print_members, print_rows

COLUMNS = ("id", "to", "subject", "kept_at")
EXAMPLE = "01997d5e-7c1a-7cc3-9d6f-0b5a3a0b8c77"
SHOWN = 50


@click.group("mail", epilog="Example:  identity-service mail list")
def command() -> None:
    """Look at letters and at mails that were kept; send one to try it."""


@command.command("list", epilog="Example:  identity-service mail list --json")
@click.option(
    "--limit", type=click.IntRange(min=1), default=SHOWN, help="Show at most so many.", show_default=True
)
@json_option
@in_database
async def list_(house: Any, /, limit: int, as_json: bool) -> None:
    """List the mails that were kept in DATA_DIR because there is no SMTP_HOST, the newest first.

    Mails for a mail server are in the outbox: identity-service outbox list --kind mail
    """
    found = [
        {
            "id": kept.id,
            "to": kept.to,
            "subject": kept.subject,
            "kept_at": f"{kept.kept_at:%Y-%m-%dT%H:%M:%SZ}",
        }
        for kept in await house.mail.folder().newest(limit)
    ]
    if as_json:
        print_json(found)
    else:
        print_rows(COLUMNS, found, nothing="No mail was kept.")


@command.command("show", epilog=f"Example:  identity-service mail show {EXAMPLE}")
@click.argument("mail", metavar="ID")
@click.option("--html", "as_html", is_flag=True, help="Print the HTML of the mail.")
@json_option
@in_database
async def show(house: Any, /, mail: str, as_html: bool, as_json: bool) -> None:
    """Show a mail that was kept."""
    kept = await house.mail.folder().get(mail)
    if kept is None:
        raise click.ClickException(
            f"no mail {mail!r} was kept: `identity-service mail list` shows which were"
        )
    members = {"to": kept.to, "subject": kept.subject, "kept_at": f"{kept.kept_at:%Y-%m-%dT%H:%M:%SZ}"}
    if as_json:
        print_json({"id": kept.id, **members, "text": kept.text, "html": kept.html})
    elif as_html:
        click.echo(kept.html)
    else:
        print_members(members)
        click.echo(f"\n{kept.text}", nl=False)


@command.command("preview", epilog="Example:  identity-service mail preview password_changed --language de")
@click.argument("letter", metavar="[LETTER]", required=False)
@click.option("--language", metavar="TAG", help="The language to see it in, such as de.  [default: en]")
@click.option(
    "--html",
    "html_file",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    help="Write the HTML into this file, for a browser.",
)
@json_option
@in_database
async def preview(
    house: Any, /, letter: str | None, language: str | None, html_file: Path | None, as_json: bool
) -> None:
    """Show what a letter looks like; without LETTER, which letters there are."""
    letters = house.mail.letters()
    if letter is None:
        print_json(list(letters.names)) if as_json else click.echo("\n".join(letters.names))
        return
    if letter not in letters.names:
        raise click.ClickException(f"there is no letter {letter!r}, but {', '.join(letters.names)}")
    written = letters.sample(letter, language=language)
    if html_file is not None:
        html_file.write_text(written.html, encoding="utf-8")  # noqa: ASYNC240 - nobody else waits
    if as_json:
        members = {"letter": letter, "language": written.language, "subject": written.subject}
        print_json({**members, "text": written.text, "html": written.html})
    else:
        click.echo(f"Subject: {written.subject}\n\n{written.text}", nl=False)


@command.command("test", epilog="Example:  identity-service mail test you@example.org")
@click.argument("address")
@click.option("--language", metavar="TAG", help="The language it is in, such as de.  [default: en]")
@json_option
@in_database
async def test(house: Any, /, address: str, language: str | None, as_json: bool) -> None:
    """Send a mail at once, past the outbox, to see whether mails arrive."""
    from identity_service.domain.entities.mail import Letter, Mail
    from identity_service.domain.services.redelivery import NotDelivered, Undeliverable
    from identity_service.infrastructure.container import new_id

    written = house.mail.letters().write(Letter(name="test", language=language))
    mail = Mail(id=new_id(), to=address, written=written)
    try:
        await house.mail.mailer().send(mail)
    except (NotDelivered, Undeliverable) as error:
        raise click.ClickException(f"the mail was not sent: {error}") from None
    kept = house.mail.smtp() is None
    if as_json:
        print_json({"id": mail.id, "to": address, "kept": kept})
    elif kept:
        click.echo(f"There is no SMTP_HOST: the mail was kept. `identity-service mail show {mail.id}`")
    else:
        click.echo(f"The mail server has taken the mail to {address}.")
