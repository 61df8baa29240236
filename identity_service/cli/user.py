"""People's accounts."""

from dataclasses import asdict
from typing import Any

import click

from identity_service.cli.listing import active_option, limit_option, listed
from identity_service.cli.one_user import find, show_user, user_argument
from identity_service.cli.opened import in_house
from identity_service.cli.output import cell, json_option, print_done, print_json, print_rows
from identity_service.cli.terminal import agreed, asked, asked_for_more, hidden, line_of_stdin
from identity_service.cli.user_options import profile_of, profile_options
from identity_service.cli.user_update import update
from identity_service.domain.services.access_policy import OPERATOR
from identity_service.domain.value_objects.secret import Secret

HASH_COLUMNS = ("owner", "scheme", "cost", "pepper", "standing", "number")
COLUMNS = ("id", "username", "email", "name", "admin", "active")


@click.group(
    "user", epilog="Example:  identity-service user create --username alice --email alice@example.org"
)
def command() -> None:
    """Create, list and change users. USER is an id or a username."""


@command.command(
    "create",
    epilog="Example:  echo 'a long passphrase' | identity-service user create --username alice "
    "--email alice@example.org --password-stdin",
)
@click.option("--username", help="Unique, compared without regard to case.")
@click.option("--email", help="Where mail goes.  [default: none]")
@click.option("--name", help="What the person is called.")
@click.option("--email-verified", is_flag=True, help="The address is known to be theirs.")
@click.option("--admin", is_flag=True, help="May be given the scope `admin` and the other reserved ones.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
@click.option(
    "--password-hash-stdin",
    is_flag=True,
    help="Read a hash made elsewhere: bcrypt, Argon2id, or Django's PBKDF2.",
)
@profile_options
@json_option
def create(
    username: str | None,
    email: str | None,
    password_stdin: bool,
    password_hash_stdin: bool,
    as_json: bool,
    **members: Any,
) -> None:
    """Create a user; on a terminal, ask for what is missing."""
    if password_stdin and password_hash_stdin:
        raise click.UsageError("'--password-stdin' and '--password-hash-stdin' exclude each other.")
    given: dict[str, Any] = {
        "profile": profile_of(members),
        "username": asked(username, "--username", "Username"),
        "email": (asked_for_more("E-mail") if email is None else email) or None,
    }
    if password_hash_stdin:
        given["password_hash"] = Secret(line_of_stdin("--password-hash-stdin"))
    else:
        given["password"] = Secret(hidden(password_stdin, "--password-stdin", "Password"))
    _create(members | given, as_json)


@in_house
async def _create(house: Any, /, members: dict[str, Any], as_json: bool) -> None:
    from identity_service.application.use_cases.users.create_user import NewUser

    show_user(await house.services().users.create_user(NewUser(by=OPERATOR, **members)), as_json)


@command.command("list", epilog="Example:  identity-service user list --active --sort username --limit 20")
@click.option("--username", help="Only the user of this name.")
@click.option("--email", help="Only users with this address.")
@active_option
@click.option(
    "--sort",
    type=click.Choice(["created_at", "-created_at", "username", "-username"]),
    default="created_at",
    show_default=True,
    help="In this order; - turns it round.",
)
@limit_option
@json_option
@in_house
async def list_(house: Any, /, limit: int | None, as_json: bool, **filters: Any) -> None:
    """List users."""
    from identity_service.application.use_cases.users.list_users import UserListing

    found = await listed(house.services().users.list_users, UserListing(**filters), limit)
    if as_json:
        print_json(found)
    else:
        print_rows(COLUMNS, found, nothing="There are no such users.")


@command.command("hashes", epilog="Example:  identity-service user hashes")
@json_option
@in_house
async def hashes(house: Any, /, as_json: bool) -> None:
    """Count password hashes by scheme, cost and pepper.

    `outdated` ones are made anew at the next sign-in; `unreadable` ones match no password here. A client's secret that
    was brought along stays as it is until it is rotated.
    """
    found = [asdict(count) for count in await house.services().users.count_hashes()]
    if as_json:
        print_json(found)
    else:
        print_rows(HASH_COLUMNS, found, nothing="Nobody has a password yet.")


@command.command("show", epilog="Example:  identity-service user show alice")
@user_argument
@json_option
@in_house
async def show(house: Any, /, user: str, as_json: bool) -> None:
    """Show one user, and the last time that many wrong passwords were tried, if they were."""
    found = await find(house, user)
    show_user(found, as_json, guessing=await house.services().users.show_guessing(found.id))


@command.command(
    "set-password",
    epilog="Example:  echo 'a new passphrase' | identity-service user set-password alice --password-stdin",
)
@user_argument
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
@json_option
def set_password(user: str, password_stdin: bool, as_json: bool) -> None:
    """Give a user a new password, which ends all tokens of the user."""
    _set_password(user, Secret(hidden(password_stdin, "--password-stdin", "New password")), as_json)


@in_house
async def _set_password(house: Any, /, user: str, password: Secret, as_json: bool) -> None:
    from identity_service.application.use_cases.users.set_password import NewPassword

    found = await find(house, user)
    order = NewPassword(by=OPERATOR, user_id=found.id, password=password)
    view = await house.services().users.set_password(order)
    print_done(
        view, as_json, f"{cell(view.username)} has a new password; every token given out before has ended."
    )


@command.command("deactivate", epilog="Example:  identity-service user deactivate alice")
@user_argument
@json_option
@in_house
async def deactivate(house: Any, /, user: str, as_json: bool) -> None:
    """Switch a user off: no sign-in, and every token ends."""
    found = await find(house, user)
    view = await house.services().users.deactivate_user(found.id, by=OPERATOR)
    print_done(
        view, as_json, f"{cell(view.username)} is deactivated; every token given out before has ended."
    )


@command.command("activate", epilog="Example:  identity-service user activate alice")
@user_argument
@json_option
@in_house
async def activate(house: Any, /, user: str, as_json: bool) -> None:
    """Switch a user on again. Tokens that had ended stay ended."""
    found = await find(house, user)
    view = await house.services().users.activate_user(found.id, by=OPERATOR)
    print_done(view, as_json, f"{cell(view.username)} is active.")


@command.command("delete", epilog="Example:  identity-service user delete alice --yes")
@user_argument
@click.option("--yes", is_flag=True, help="Do not ask, on a terminal.")
@json_option
@in_house
async def delete(house: Any, /, user: str, yes: bool, as_json: bool) -> None:
    """Delete a user. The username stays taken until the row is purged."""
    found = await find(house, user)
    agreed(yes, f"Delete {cell(found.username)} ({found.id})?")
    await house.services().users.delete_user(found.id, by=OPERATOR)
    if as_json:
        print_json({"id": found.id, "deleted": True})
    else:
        click.echo(f"{cell(found.username)} is deleted; every token given out before has ended.")


command.add_command(update)
