"""What the server can say of a person, and which scope asks for what (OIDC Core §5.1, §5.4)."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict
from typing import Any

from identity_service.domain.entities.client import Client
from identity_service.domain.entities.user import User
from identity_service.domain.value_objects.profile import Profile

SCOPE_CLAIMS: Mapping[str, tuple[str, ...]] = {
    "openid": (),
    "profile": (
        "name",
        "family_name",
        "given_name",
        "middle_name",
        "nickname",
        "preferred_username",
        "profile",
        "picture",
        "website",
        "gender",
        "birthdate",
        "zoneinfo",
        "locale",
        "updated_at",
    ),
    "email": ("email", "email_verified"),
    "address": ("address",),
    "phone": ("phone_number", "phone_number_verified"),
}
"""The standard scopes. `sub` is no claim of a scope: every answer has it, and it is the client's own
(`subjects.subject_for`)."""
STANDARD_CLAIMS = tuple(claim for claims in SCOPE_CLAIMS.values() for claim in claims)


def asked_for_by(scopes: Iterable[str]) -> frozenset[str]:
    """The claims that these scopes ask for; a scope that is not a standard one asks for none."""
    return frozenset(claim for scope in scopes for claim in SCOPE_CLAIMS.get(scope, ()))


def claims_of(user: User) -> dict[str, Any]:
    """Every standard claim that has a value, without `sub`: what is not known is left out (OIDC Core §5.3.2).

    Whether an address or a number is verified is said where there is one.
    """
    known = {
        "name": user.name,
        "preferred_username": user.username.entered,
        "updated_at": int(user.updated_at.timestamp()),
        **_email(user),
        **_said(user.profile),
    }
    return {claim: value for claim, value in known.items() if value is not None}


def told_to(client: Client, names: Collection[str]) -> frozenset[str]:
    """Those of the names that this client may be told: a username would undo a pairwise client's `sub` (§8.1)."""
    return frozenset(names) - ({"preferred_username"} if client.is_pairwise else set())


def selected(user: User, names: Collection[str]) -> dict[str, Any]:
    """Those of the person's claims that have one of these names. Names of no claim are left alone (OIDC Core §5.5)."""
    return {claim: value for claim, value in claims_of(user).items() if claim in names}


def _email(user: User) -> dict[str, Any]:
    if user.email is None:
        return {}
    return {"email": user.email.address, "email_verified": user.email_verified}


def _said(profile: Profile) -> dict[str, Any]:
    said = asdict(profile)
    if profile.phone_number is None:
        del said["phone_number_verified"]
    if profile.address is not None:
        said["address"] = {part: text for part, text in said["address"].items() if text is not None}
    return said
