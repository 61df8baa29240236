"""The form of one's own profile: which fields it has, what stands in them, and which members a sent one changes."""

from collections.abc import Collection
from typing import Any

from identity_service.application.dto.user_view import UserView
from identity_service.domain.oauth.parameters import Parameters
from identity_service.web.account_views import FactShown, FieldShown

ADDRESS = "address."
GROUPS = (
    ("username", "email", "phone_number"),
    ("name", "given_name", "middle_name", "family_name", "nickname", "gender", "birthdate"),
    ("profile", "website", "picture", "locale", "zoneinfo"),
    tuple(
        f"{ADDRESS}{part}"
        for part in ("street_address", "postal_code", "locality", "region", "country", "formatted")
    ),
)
VERIFIED = {"email": "email_verified", "phone_number": "phone_number_verified"}


def facts(user: UserView) -> tuple[FactShown, ...]:
    """What has a value."""
    return tuple(
        FactShown(member=member, value=value, verified=_verified(user, member))
        for group in GROUPS
        for member in group
        if (value := _value(user, member))
    )


def fields(user: UserView) -> tuple[tuple[FieldShown, ...], ...]:
    """The form, filled in with what is kept."""
    return _filled({member: _value(user, member) for group in GROUPS for member in group}, wrong=())


def sent_fields(form: Parameters, *, wrong: Collection[str]) -> tuple[tuple[FieldShown, ...], ...]:
    """The form as it was sent, with the fields marked that are at fault."""
    return _filled({member: _sent(form, member) for group in GROUPS for member in group}, wrong=wrong)


def changed_members(form: Parameters, user: UserView) -> dict[str, Any]:
    """The members that the form says otherwise, as a patch has them: an empty one is unset, and of the address
    only the parts that changed are named."""
    changed: dict[str, Any] = {}
    for group in GROUPS:
        for member in group:
            said = _sent(form, member)
            if said == _value(user, member):
                continue
            if member.startswith(ADDRESS):
                changed.setdefault("address", {})[member.removeprefix(ADDRESS)] = said or None
            else:
                changed[member] = said or None
    return changed


def fields_of(members: Collection[str]) -> frozenset[str]:
    """The fields that a refusal means, which names the parts of the address by their path."""
    return frozenset(each.replace("address/", ADDRESS) for each in members)


def _filled(values: dict[str, str], *, wrong: Collection[str]) -> tuple[tuple[FieldShown, ...], ...]:
    return tuple(
        tuple(FieldShown(member=member, value=values[member], wrong=member in wrong) for member in group)
        for group in GROUPS
    )


def _sent(form: Parameters, member: str) -> str:
    return _lines(form.get(member) or "").strip()


def _value(user: UserView, member: str) -> str:
    if member.startswith(ADDRESS):
        kept = None if user.address is None else getattr(user.address, member.removeprefix(ADDRESS))
    else:
        kept = getattr(user, member)
    return _lines(kept or "")


def _lines(text: str) -> str:
    """Browsers send every end of a line as two characters."""
    return text.replace("\r\n", "\n")


def _verified(user: UserView, member: str) -> bool | None:
    flag = VERIFIED.get(member)
    return None if flag is None else bool(getattr(user, flag))
