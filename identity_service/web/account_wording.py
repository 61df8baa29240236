"""What stands in the account home for members of the profile, for what happened, and for what went wrong."""

from collections.abc import Mapping
from dataclasses import dataclass

from identity_service.i18n.catalogues import later
from identity_service.web.account_views import Done, PasswordProblem, ProfileProblem


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """How a member of the profile is asked for. `autocomplete` is its purpose (WCAG 2.1 §1.3.5, HTML §4.10.18.7)."""

    label: str
    autocomplete: str
    hint: str | None = None
    kind: str = "text"
    lines: int = 1
    required: bool = False


WEB_ADDRESS = later("An address that begins with https:// or http://")

FIELDS: Mapping[str, Field] = {
    "username": Field(
        label=later("Username"),
        autocomplete="username",
        required=True,
        hint=later("You sign in with it. Somebody else may have taken it already."),
    ),
    "email": Field(
        label=later("E-mail address"),
        autocomplete="email",
        kind="email",
        hint=later("A changed address has to be checked again."),
    ),
    "phone_number": Field(
        label=later("Phone number"),
        autocomplete="tel",
        kind="tel",
        hint=later(
            "With the country code, for example +441865276150. A changed number has to be checked again."
        ),
    ),
    "name": Field(label=later("Full name"), autocomplete="name"),
    "given_name": Field(label=later("First name"), autocomplete="given-name"),
    "middle_name": Field(label=later("Middle name"), autocomplete="additional-name"),
    "family_name": Field(label=later("Last name"), autocomplete="family-name"),
    "nickname": Field(label=later("Nickname"), autocomplete="nickname"),
    "gender": Field(label=later("Gender"), autocomplete="sex"),
    "birthdate": Field(
        label=later("Date of birth"),
        autocomplete="bday",
        hint=later("Year, month and day, for example 1990-12-31; or the year alone."),
    ),
    "profile": Field(label=later("Profile page"), autocomplete="off", kind="url", hint=WEB_ADDRESS),
    "website": Field(label=later("Website"), autocomplete="url", kind="url", hint=WEB_ADDRESS),
    "picture": Field(label=later("Picture"), autocomplete="photo", kind="url", hint=WEB_ADDRESS),
    "locale": Field(
        label=later("Language"),
        autocomplete="language",
        hint=later("A language code, for example en or pt-BR."),
    ),
    "zoneinfo": Field(
        label=later("Time zone"),
        autocomplete="off",
        hint=later("Continent and city, for example Europe/London."),
    ),
    "address.street_address": Field(label=later("Street and number"), autocomplete="street-address", lines=2),
    "address.postal_code": Field(label=later("Postal code"), autocomplete="postal-code"),
    "address.locality": Field(label=later("City"), autocomplete="address-level2"),
    "address.region": Field(label=later("State or region"), autocomplete="address-level1"),
    "address.country": Field(label=later("Country"), autocomplete="country-name"),
    "address.formatted": Field(
        label=later("Whole address"), autocomplete="off", lines=4, hint=later("As it stands on a letter.")
    ),
}
"""The members of one's own profile, and the parts of the address."""

GROUPS = (
    later("Signing in and contact"),
    later("About you"),
    later("On the web, language and time"),
    later("Postal address"),
)
"""What the fields of the form have in common, in their order."""

PROFILE_PROBLEMS: Mapping[ProfileProblem, str] = {
    "wrong_fields": later("Some fields cannot be saved as they are. Nothing was changed yet."),
    "taken": later("Somebody else has this already. Nothing was changed yet."),
    "changed": later(
        "Your profile was changed elsewhere in the meantime. This is how it is now: make your changes again."
    ),
}
FIELD_PROBLEM = later("Please correct this field.")

PASSWORD_PROBLEMS: Mapping[PasswordProblem, str] = {
    "wrong_password": later("This is not your current password."),
    "malformed": later("The new password holds characters that cannot be kept."),
    "short": later("The new password must have at least %(fewest)s characters."),
    "long": later("The new password must have at most 1,024 characters."),
    "common": later(
        "The new password is one of those that are tried first. Choose one that nobody else has."
    ),
    "personal": later(
        "The new password must have at least 8 characters besides names and addresses of your account and of this site."
    ),
    "weak": later(
        "The new password is too easy to guess. Make it longer, or less like words, names, dates and rows of keys."
    ),
    "breached": later("The new password is known from a data breach. Choose another one."),
    "two_passwords": later("The two new passwords are not the same."),
    "too_many_attempts": later("There were too many attempts. Wait a few minutes, then try again."),
    "busy": later("The server is busy at the moment. Wait a little, then try again."),
}

NOTICES: Mapping[Done, str] = {
    "saved": later("Your profile has been saved."),
    "ended": later("That browser is signed out now."),
    "withdrawn": later("The application no longer has access."),
}

HAPPENED: Mapping[tuple[str, str], str] = {
    ("user.created", ""): later("Your account was created"),
    ("user.changed", ""): later("You changed your profile"),
    ("user.changed", "administrator"): later("An administrator changed your profile"),
    ("user.password_changed", ""): later("You changed your password"),
    ("user.password_changed", "administrator"): later("An administrator set a new password"),
    ("user.current_password_refused", ""): later("A wrong password was entered when changing the password"),
    ("user.activated", ""): later("An administrator switched your account on"),
    ("user.deactivated", ""): later("An administrator switched your account off"),
    ("user.sign_in_failed", ""): later("A sign-in failed"),
    ("user.sign_ins_failed", ""): later("Somebody tried many wrong passwords"),
    ("session.started", ""): later("You signed in"),
    ("session.renewed", ""): later("You signed in again"),
    ("session.ended", ""): later("A browser was signed out"),
    ("session.ended", "signed_out"): later("You signed out"),
    ("session.ended", "replaced"): later("Signed out, because somebody else signed in in this browser"),
    ("session.ended", "administrator"): later("An administrator signed a browser out"),
    ("family.started", ""): later("An application got access"),
    ("family.started", "password"): later("An application got access with your password"),
    ("family.ended", ""): later("The access of an application ended"),
    ("family.ended", "revoked"): later("An application gave its access back"),
    ("family.ended", "ended"): later("You ended the access of an application"),
    ("family.ended", "administrator"): later("An administrator ended the access of an application"),
    ("family.ended", "risk"): later(
        "The access of an application ended, because it was used from an unusual place or device. "
        "If that was you, sign in again."
    ),
    ("family.ended", "replay"): later(
        "The access of an application ended, because something was used twice that works once. "
        "Somebody may have copied it."
    ),
    ("consent.granted", ""): later("You allowed access"),
    ("consent.denied", ""): later("You refused access"),
    ("consent.revoked", ""): later("You withdrew access"),
    ("consent.revoked", "administrator"): later("An administrator withdrew access"),
}
"""By the name of an event and its variant; a variant that is not here says what the event does."""
SOMETHING_ELSE = later("Something else happened")

MONTHS = (
    later("January"),
    later("February"),
    later("March"),
    later("April"),
    later("May"),
    later("June"),
    later("July"),
    later("August"),
    later("September"),
    later("October"),
    later("November"),
    later("December"),
)


def happened(event: str, variant: str) -> str:
    """The words for what happened."""
    return HAPPENED.get((event, variant)) or HAPPENED.get((event, ""), SOMETHING_ELSE)
