"""Options about a person that `user create` and `user update` share, and what is meant by them."""

from collections.abc import Callable
from typing import Any, TypeVar

import click

from identity_service.domain.value_objects.profile import ADDRESS_MEMBERS, PROFILE_MEMBERS

Command = TypeVar("Command", bound=Callable[..., Any])
TEXTS = {
    "given_name": "First name, or names.",
    "family_name": "Last name, or names.",
    "middle_name": "Middle name, or names.",
    "nickname": "What friends say.",
    "profile": "URL of a page about the person.",
    "picture": "URL of an image.",
    "website": "URL of a home page.",
    "gender": "female, male, or another word.",
    "birthdate": "YYYY-MM-DD, 0000-MM-DD without the year, or the year alone.",
    "zoneinfo": "Time zone, such as Europe/Paris.",
    "locale": "Language, such as en-GB.",
    "phone_number": "Such as +14255551212.",
    "formatted": "The whole address, as on a label.",
    "street_address": "Street and house; may have several lines.",
    "locality": "City.",
    "region": "State, province, prefecture.",
    "postal_code": "Zip code.",
    "country": "Country.",
}
VERIFIED = "--phone-number-verified/--no-phone-number-verified"


def profile_options(command: Command) -> Command:
    """An option for each member, in this order."""
    verified = click.option(VERIFIED, default=None, help="Whether the number is known to be theirs.")
    for option in (verified, *(_option(member, text) for member, text in reversed(TEXTS.items()))):
        command = option(command)
    return command


def _option(member: str, text: str) -> Callable[[Command], Command]:
    flag = "address" if member == "formatted" else member.replace("_", "-")
    return click.option(f"--{flag}", member, help=text)


def profile_of(options: dict[str, Any]) -> dict[str, Any]:
    """The members of a profile that were named; they are taken out of the options. An empty text takes one away."""
    named = {member: options.pop(member) for member in (*TEXTS, "phone_number_verified")}
    given = {member: None if value == "" else value for member, value in named.items() if value is not None}
    address = {member: given.pop(member) for member in ADDRESS_MEMBERS if member in given}
    return given | ({"address": address} if address else {})


def for_people(members: dict[str, Any]) -> dict[str, Any]:
    """What a person does not say is not shown, and an address is shown line by line."""
    shown = {
        member: value
        for member, value in members.items()
        if value is not None or member not in PROFILE_MEMBERS
    }
    address = shown.pop("address", {})
    if "phone_number" not in shown:
        del shown["phone_number_verified"]
    return shown | {f"address.{part}": text for part, text in address.items() if text is not None}
