"""How the members of an order become members of a user."""

from collections.abc import Mapping
from typing import Any

from identity_service.domain.entities.user import User
from identity_service.domain.refusals import Faults, Unacceptable
from identity_service.domain.services import profile_rules
from identity_service.domain.value_objects.email import Email
from identity_service.domain.value_objects.ids import UserId
from identity_service.domain.value_objects.invalid_name import InvalidName
from identity_service.domain.value_objects.plain_text import plain_text
from identity_service.domain.value_objects.profile import PROFILE_MEMBERS, Profile
from identity_service.domain.value_objects.scripts import check_scripts
from identity_service.domain.value_objects.username import Username, check_at_sign
from identity_service.ports.names import AccountNames
from identity_service.ports.repositories.users import Users
from identity_service.ports.unit_of_work import Conflict

MOST_NAME = 200
CAN_BE_UNSET = frozenset({"email", "name"})


def accepted(members: Mapping[str, Any], *, names: AccountNames) -> dict[str, Any]:
    """The members with names, addresses and texts parsed; those of the profile stand among them by their own names.

    Raises:
        Unacceptable: names every member at fault.
    """
    faults, taken = Faults(), dict(members)
    for member, value in members.items():
        with faults.gathered():
            taken[member] = _member(member, value, names)
    faults.check()
    return taken


def _member(member: str, value: Any, names: AccountNames) -> Any:
    if member in PROFILE_MEMBERS:
        return profile_rules.acceptable(member, value)
    if value is None and member not in CAN_BE_UNSET:
        raise Unacceptable.of(member, "must not be null")
    if value is None or member not in ("username", "email", "name"):
        return value
    if member == "name":
        return plain_text("name", value, most=MOST_NAME)
    try:
        return names.username(value) if member == "username" else names.email(value)
    except InvalidName as error:
        raise Unacceptable.of(error.field, error.description) from None


def with_profile(members: Mapping[str, Any], before: Profile) -> dict[str, Any]:
    """The accepted members as those of an account: what they say of the person is one of them, the profile.

    Raises Unacceptable.
    """
    said = {member: value for member, value in members.items() if member in PROFILE_MEMBERS}
    others = {member: value for member, value in members.items() if member not in PROFILE_MEMBERS}
    return others | {"profile": before.changed(said)}


def check_names(username: Username, email: Email | None, *, own: bool, verified: bool, chosen: bool) -> None:
    """A username with `@` is the account's own address, and only an address can be verified.

    `own`: the address is verified, or an administrator has just set it. `chosen`: the username is a new one, whose
    scripts count; who has had one for long keeps it. Raises Unacceptable.
    """
    if verified and email is None:
        raise Unacceptable.of("email_verified", "needs an e-mail address")
    try:
        check_at_sign(username, email if own else None)
        if chosen:
            check_scripts(username)
    except InvalidName as error:
        raise Unacceptable.of("username", error.description) from None


async def check_namesakes(
    users: Users, user_id: UserId, username: Username, email: Email | None, *, verified: bool
) -> None:
    """Nobody signs in under a name that means somebody else: a username is no other account's verified address.

    Each key is held, so of two accounts that want to mean the same one, at the same time, one finds the other. Raises
    Conflict.
    """
    wanted: set[tuple[str, str]] = set()
    if "@" in username.key:
        wanted |= {(key, "username") for key in (username.key, *(() if email is None else (email.key,)))}
    if email is not None and verified:  # with its domain in A-labels, and as it was entered
        wanted |= {(key, "email") for key in (email.key, email.address.lower())}
    for key, member in sorted(wanted):
        find = users.by_verified_email if member == "username" else users.by_username
        found = await find(key, hold=True)
        if found is not None and found.id != user_id:
            raise Conflict(member)


def changes(user: User, wanted: Mapping[str, Any]) -> dict[str, Any]:
    """Those of the wanted members that are not so already.

    Another address is one nobody has verified, unless the order says that somebody has. Raises Unacceptable.
    """
    wanted = with_profile(wanted, user.profile)
    if "email" in wanted and wanted["email"] != user.email:
        wanted.setdefault("email_verified", False)
    return {member: value for member, value in wanted.items() if value != getattr(user, member)}


def told(user: User, changed: Mapping[str, Any]) -> tuple[str, ...]:
    """How an event names what has changed: members of the profile by their own names."""
    names = set(changed)
    if (profile := changed.get("profile")) is not None:
        names.remove("profile")
        names |= {name for name in PROFILE_MEMBERS if getattr(profile, name) != getattr(user.profile, name)}
    return tuple(sorted(names))


async def check_changes(
    users: Users, user: User, changed: Mapping[str, Any], *, by_administrator: bool
) -> None:
    """Whether the account would still have names that are its own. Raises Unacceptable, Conflict."""
    if changed.keys().isdisjoint(("username", "email", "email_verified")):
        return
    username, email = changed.get("username", user.username), changed.get("email", user.email)
    verified = changed.get("email_verified", user.email_verified)
    own, chosen = by_administrator or verified, "username" in changed
    check_names(username, email, own=own, verified=verified, chosen=chosen)
    await check_namesakes(users, user.id, username, email, verified=verified)
