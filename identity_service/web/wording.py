"""What stands on the pages for the names of the protocol: scopes, claims, problems and advice."""

from collections.abc import Mapping

from identity_service.i18n.catalogues import later
from identity_service.web.views import Advice, Problem

SCOPES: Mapping[str, str] = {
    "openid": later("Recognise you when you sign in"),
    "profile": later("See your profile, such as your name, picture and language"),
    "email": later("See your e-mail address"),
    "address": later("See your postal address"),
    "phone": later("See your phone number"),
    "offline_access": later("Keep this access while you are away"),
    "account": later("See and change your account here"),
    "admin": later("Administer this server, all accounts and applications included"),
    "users:read": later("See everybody’s accounts"),
    "users:write": later("Create and change everybody’s accounts"),
    "users:revoke": later("Sign everybody out everywhere"),
    "clients:read": later("See all applications of this server"),
    "clients:write": later("Register and change applications of this server"),
}
"""What a client may do with a scope; others are shown by their name."""

CLAIMS: Mapping[str, str] = {
    "name": later("Your full name"),
    "given_name": later("Your first name"),
    "family_name": later("Your last name"),
    "middle_name": later("Your middle name"),
    "nickname": later("Your nickname"),
    "preferred_username": later("Your username"),
    "profile": later("The address of your profile page"),
    "picture": later("Your picture"),
    "website": later("The address of your website"),
    "email": later("Your e-mail address"),
    "email_verified": later("Whether your e-mail address has been checked"),
    "gender": later("Your gender"),
    "birthdate": later("Your date of birth"),
    "zoneinfo": later("Your time zone"),
    "locale": later("Your language"),
    "phone_number": later("Your phone number"),
    "phone_number_verified": later("Whether your phone number has been checked"),
    "address": later("Your postal address"),
    "updated_at": later("When your profile last changed"),
    "auth_time": later("When you signed in"),
    "acr": later("How safely you signed in"),
    "amr": later("What you signed in with"),
}
"""What a client learns by a claim that is asked for by itself (OIDC Core §5.1, §2)."""

PROBLEMS: Mapping[Problem, str] = {
    "wrong_credentials": later(
        "This username and this password do not belong together. Check both and try again."
    ),
    "too_many_attempts": later("There were too many attempts. Wait a few minutes, then try again."),
    "busy": later("The server is busy at the moment. Wait a little, then try again."),
    "missing": later("Enter both your username and your password."),
}

ADVICE: Mapping[Advice | None, tuple[str, str]] = {
    "expired": (
        later("This page has expired"),
        later("It was open for too long. Go back to the application you came from and start again."),
    ),
    "cookies": (
        later("Cookies are needed"),
        later(
            "Your browser did not send the cookie by which this site knows you. Allow cookies for this site, then go "
            "back to the application you came from and start again."
        ),
    ),
    "start_again": (
        later("Please start again"),
        later(
            "This sign-in cannot go on from here. Go back to the application you came from and start again."
        ),
    ),
    "already_done": (
        later("This was done already"),
        later(
            "Perhaps in another tab, or by a double click. Go on there, or go back to the application you came from "
            "and start again."
        ),
    ),
    "try_again": (
        later("Please try again"),
        later(
            "This form is no longer valid, perhaps because you signed in again meanwhile. Nothing was changed. Go "
            "back, load the page again, and send the form once more."
        ),
    ),
    "busy": (
        later("Please wait a moment"),
        later("The server is busy at the moment. Wait a little, then load this page again."),
    ),
    "too_often": (
        later("Please wait a moment"),
        later("Too many requests came from here. Wait a little, then load this page again."),
    ),
    None: (
        later("This did not work"),
        later(
            "The application you came from made a request that cannot be answered. Those who run it can find the cause "
            "with the details below."
        ),
    ),
}
"""The heading and the advice of the error page."""
