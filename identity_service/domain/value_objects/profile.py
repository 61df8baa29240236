"""What a person says of themselves: the standard claims of OIDC Core §5.1 that decide nothing here."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

from identity_service.domain.refusals import Unacceptable


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """A postal address (OIDC Core §5.1.1); `formatted` and `street_address` may have several lines."""

    formatted: str | None = None
    street_address: str | None = None
    locality: str | None = None
    region: str | None = None
    postal_code: str | None = None
    country: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """Members are named as the claims are. None: the person does not say.

    `profile`, `picture` and `website` are http or https URLs, `birthdate` is YYYY-MM-DD (0000 for a year that is not
    told) or YYYY, `zoneinfo` a name of the IANA database, `locale` a tag of BCP 47, `phone_number` E.164.
    """

    given_name: str | None = field(default=None, repr=False)
    family_name: str | None = field(default=None, repr=False)
    middle_name: str | None = field(default=None, repr=False)
    nickname: str | None = field(default=None, repr=False)
    profile: str | None = field(default=None, repr=False)
    picture: str | None = field(default=None, repr=False)
    website: str | None = field(default=None, repr=False)
    gender: str | None = field(default=None, repr=False)
    birthdate: str | None = field(default=None, repr=False)
    zoneinfo: str | None = field(default=None, repr=False)
    locale: str | None = field(default=None, repr=False)
    phone_number: str | None = field(default=None, repr=False)
    phone_number_verified: bool = False
    address: Address | None = field(default=None, repr=False)

    def changed(self, members: Mapping[str, Any]) -> "Profile":
        """The profile with these members, which `profile_rules.acceptable` has taken.

        An address is merged member by member (RFC 7396); one of which nothing is left is none. Another phone number is
        one that nobody has verified, unless the order says that somebody has.

        Raises:
            Unacceptable: a number that is not there would be verified.
        """
        members = dict(members)
        if "address" in members:
            members["address"] = _merged(self.address, members["address"])
        if "phone_number" in members and members["phone_number"] != self.phone_number:
            members.setdefault("phone_number_verified", False)
        made = replace(self, **members)
        if made.phone_number_verified and made.phone_number is None:
            raise Unacceptable.of("phone_number_verified", "needs a phone number")
        return made


def _merged(address: Address | None, members: Mapping[str, str | None] | None) -> Address | None:
    if members is None:
        return None
    made = replace(address or Address(), **members)
    return None if made == Address() else made


PROFILE_MEMBERS = tuple(member.name for member in fields(Profile))
ADDRESS_MEMBERS = tuple(member.name for member in fields(Address))
