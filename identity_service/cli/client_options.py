"""Options about a client that `client create` and `client update` share, and what is meant by them."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from identity_service.domain.entities.signing_key import SIGNING_ALGORITHMS
from identity_service.domain.oauth.client_metadata import (
    APPLICATION_TYPES,
    AUTH_METHODS,
    CAN_BE_UNSET,
    DESCRIPTIVE,
    SUBJECT_TYPES,
)

Command = TypeVar("Command", bound=Callable[..., Any])
DEFAULT = "default"
"""Takes the client's own value away: the server's setting counts again, or nothing is said."""


class Seconds(click.ParamType[int | str]):
    """A whole number, or `default`."""

    name = "seconds"

    def convert(self, value: Any, param: click.Parameter | None, context: click.Context | None) -> int | str:
        """Raises BadParameter."""
        return DEFAULT if value == DEFAULT else int(click.INT.convert(value, param, context))


class KeySetFile(click.ParamType[dict[str, Any] | str]):
    """The path of a JWK Set, or `default`."""

    name = "file"

    def convert(
        self, value: Any, param: click.Parameter | None, context: click.Context | None
    ) -> dict[str, Any] | str:
        """Raises BadParameter."""
        if value == DEFAULT:
            return DEFAULT
        try:
            found = json.loads(Path(value).read_text(encoding="utf-8"))
        except OSError as error:
            self.fail(f"cannot read {value} ({error.strerror})", param, context)
        except (ValueError, RecursionError):
            found = None
        if not isinstance(found, dict):
            self.fail(f"{value} is no JSON object", param, context)
        return found


def alg_option(flag: str, member: str, text: str) -> Callable[[Command], Command]:
    """What something is signed with."""
    return click.option(flag, member, type=click.Choice((*SIGNING_ALGORITHMS, DEFAULT)), help=text)


def seconds_option(flag: str, text: str) -> Callable[[Command], Command]:
    """How long something lasts."""
    return click.option(flag, type=Seconds(), metavar="SECONDS|default", help=text)


OPTIONS = (
    click.option(
        "--redirect-uri", "redirect_uris", multiple=True, help="Where people come back to; may be repeated."
    ),
    click.option(
        "--post-logout-redirect-uri",
        "post_logout_redirect_uris",
        multiple=True,
        help="Where people may be sent after they signed out; may be repeated.",
    ),
    click.option(
        "--backchannel-logout-uri",
        metavar="URL|default",
        help="Where a logout token is sent when a session ends.  [default: nowhere]",
    ),
    click.option(
        "--backchannel-logout-session-required/--no-backchannel-logout-session-required",
        default=None,
        help="Whether it needs the sid there; it is told one always.  [default: no]",
    ),
    click.option(
        "--frontchannel-logout-uri",
        metavar="URL|default",
        help="A page of it that is shown in a hidden frame when a person signs out.  [default: none]",
    ),
    click.option(
        "--frontchannel-logout-session-required/--no-frontchannel-logout-session-required",
        default=None,
        help="Whether it needs the sid there; it is told one always.  [default: no]",
    ),
    seconds_option("--access-token-ttl", "Life of its access tokens.  [default: ACCESS_TOKEN_TTL_SECONDS]"),
    alg_option(
        "--access-token-alg",
        "access_token_signed_response_alg",
        "What its access tokens are signed with.  [default: SIGNING_ALGORITHM]",
    ),
    alg_option(
        "--id-token-alg",
        "id_token_signed_response_alg",
        "What its ID tokens are signed with.  [default: SIGNING_ALGORITHM]",
    ),
    alg_option(
        "--userinfo-alg",
        "userinfo_signed_response_alg",
        "What userinfo's answers are signed with.  [default: plain JSON]",
    ),
    click.option(
        "--auth-method",
        "token_endpoint_auth_method",
        type=click.Choice((*AUTH_METHODS, DEFAULT)),
        help="How it proves who it is; private_key_jwt: by its keys, without a secret.  "
        "[default: client_secret_basic or client_secret_post]",
    ),
    click.option("--jwks", type=KeySetFile(), metavar="FILE|default", help="Its public keys, a JWK Set."),
    click.option("--jwks-uri", metavar="URL|default", help="Where its public keys are fetched from."),
    alg_option(
        "--auth-signing-alg",
        "token_endpoint_auth_signing_alg",
        "What it signs its assertions with.  [default: whatever fits the key]",
    ),
    click.option(
        "--request-uri",
        "request_uris",
        multiple=True,
        help="Where it publishes a request object, with the hash of it as fragment; may be repeated.",
    ),
    alg_option(
        "--request-object-alg",
        "request_object_signing_alg",
        "What it signs its request objects with.  [default: whatever fits the key]",
    ),
    click.option(
        "--require-signed-request-object/--no-require-signed-request-object",
        default=None,
        help="Whether it may ask by signed request objects alone.  [default: no]",
    ),
    click.option(
        "--application-type",
        type=click.Choice(APPLICATION_TYPES),
        help="native: an app on a device, which may have a private-use scheme.  [default: web]",
    ),
    click.option(
        "--subject-type",
        type=click.Choice(SUBJECT_TYPES),
        help="pairwise: it knows people under a sub that no client of another sector knows.  [default: public]",
    ),
    click.option(
        "--sector-identifier-uri",
        metavar="URL|default",
        help="Its host is the sector of a pairwise client; it has to list the redirect URIs.",
    ),
    seconds_option("--default-max-age", "After this long people sign in again.  [default: no limit]"),
    click.option(
        "--require-auth-time/--no-require-auth-time",
        default=None,
        help="Whether auth_time is in every ID token.  [default: no]",
    ),
    click.option(
        "--default-acr-value",
        "default_acr_values",
        multiple=True,
        help="A wanted acr, the best first; may be repeated.",
    ),
    click.option(
        "--first-party/--no-first-party",
        default=None,
        help="Whether people are not asked for consent.  [default: no]",
    ),
    click.option(
        "--require-pkce/--no-require-pkce",
        default=None,
        help="Whether every code needs a challenge; no is for confidential clients alone.  [default: yes]",
    ),
    click.option(
        "--rate-limit-tier",
        metavar="TIER|default",
        help="Whose quotas count for it: a tier of RATE_LIMIT_POLICY_FILE.  [default: those of all clients]",
    ),
    click.option("--client-uri", metavar="URL|default", help="Its home page."),
    click.option("--logo-uri", metavar="URL|default", help="Its logo."),
    click.option("--tos-uri", metavar="URL|default", help="Its terms of service."),
    click.option(
        "--initiate-login-uri",
        metavar="URL|default",
        help="Where it begins a sign-in that somebody else asks for.",
    ),
    click.option("--policy-uri", metavar="URL|default", help="What it does with what it learns."),
    click.option("--contact", "contacts", multiple=True, help="Who answers for it; may be repeated."),
)


def member_options(command: Command) -> Command:
    """All of them, in this order."""
    for option in reversed(OPTIONS):
        command = option(command)
    return command


def meant(options: dict[str, Any]) -> dict[str, Any]:
    """The members that were named: `default` takes a value away, an empty text empties a list."""
    return {
        member: _value(member, given)
        for member, given in options.items()
        if given is not None and given != ()
    }


def _value(member: str, given: Any) -> Any:
    if given == DEFAULT and member in CAN_BE_UNSET:
        return None
    return tuple(item for item in given if item) if isinstance(given, tuple) else given


def apart(members: dict[str, Any]) -> dict[str, Any]:
    """The members of a new client, with those that merely describe it under `metadata`."""
    described = {member: members.pop(member) for member in DESCRIPTIVE if member in members}
    return members | {"metadata": described}
