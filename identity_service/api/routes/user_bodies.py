"""What the bodies about users hold."""

from typing import Any, Literal

from pydantic import ConfigDict, Field, SecretStr

from identity_service.api.json_body import Body
from identity_service.api.listing import ListingQuery

PROFILE_EXAMPLE: dict[str, Any] = {
    "nickname": "Al",
    "picture": "https://alice.example/me.png",
    "locale": "en-GB",
    "address": {"locality": "Oxford", "region": None},
}
CHOSEN = (
    "8 (or PASSWORD_MIN_LENGTH) to 1,024 characters; neither one of the commonest or of breached passwords, nor made "
    "of the account's own names and addresses, nor easy to guess."
)
PHONE_VERIFIED = "Whether somebody has made sure that the number is theirs."


class AddressBody(Body):
    """Where a person gets letters (OIDC Core §5.1.1)."""

    formatted: str | None = Field(None, description="The whole of it, as on a label; up to 1,000 characters.")
    street_address: str | None = Field(None, description="Several lines, if need be; up to 1,000 characters.")
    locality: str | None = Field(None, description="City.")
    region: str | None = Field(None, description="State, province, prefecture.")
    postal_code: str | None = None
    country: str | None = None


class ProfileMembers(Body):
    """What people say of themselves, named as the claims of OIDC Core §5.1 are."""

    given_name: str | None = Field(None, description="Up to 200 characters, as all names.")
    family_name: str | None = None
    middle_name: str | None = None
    nickname: str | None = None
    profile: str | None = Field(None, description="The http or https URL of a page about the person.")
    picture: str | None = Field(None, description="The http or https URL of an image.")
    website: str | None = Field(None, description="An http or https URL.")
    gender: str | None = Field(None, description="`female`, `male`, or another word.")
    birthdate: str | None = Field(
        None, description="YYYY-MM-DD, 0000-MM-DD without the year, or the year alone."
    )
    zoneinfo: str | None = Field(None, description="A name of the IANA time zone database.")
    locale: str | None = Field(None, description="A language tag (BCP 47).")
    phone_number: str | None = Field(
        None, description="E.164; an extension as in `+16045551234;ext=5678`. A changed one is unverified."
    )
    address: AddressBody | None = Field(None, description="A patch merges it, member by member.")


class NewUserBody(ProfileMembers):
    """An account to be made."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "username": "alice",
                    "email": "alice@example.org",
                    "password": "correct horse battery staple",
                },
                {
                    "username": "alice",
                    "name": "Alice Liddell",
                    "given_name": "Alice",
                    "family_name": "Liddell",
                    "website": "https://alice.example",
                    "birthdate": "1852-05-04",
                    "zoneinfo": "Europe/London",
                    "locale": "en-GB",
                    "phone_number": "+441865276150",
                    "address": {"street_address": "1 Main Street", "locality": "Oxford"},
                },
            ]
        }
    )

    username: str = Field(
        description="RFC 8265 UsernameCaseMapped, of scripts that are written together (UTS #39 section 5.2); unique, "
        "also among deleted accounts."
    )
    email: str | None = Field(None, description="Unique among verified addresses.")
    email_verified: bool = False
    name: str | None = Field(None, description="What the person is called; up to 200 characters.")
    phone_number_verified: bool = Field(False, description=PHONE_VERIFIED)
    password: SecretStr | None = Field(None, description=CHOSEN)
    admin: bool = Field(False, description="Needs the scope `admin`.")


class UserPatch(ProfileMembers):
    """Members to change; null unsets what an account need not have."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"name": "Alice Liddell"}, PROFILE_EXAMPLE]})

    username: str = Field(default_factory=str)
    email: str | None = Field(None, description="A changed address is unverified, unless said otherwise.")
    email_verified: bool = Field(default_factory=bool)
    phone_number_verified: bool = Field(default_factory=bool, description=PHONE_VERIFIED)
    name: str | None = None
    admin: bool = Field(default_factory=bool, description="Needs the scope `admin`; ends the user's tokens.")


class OwnProfilePatch(ProfileMembers):
    """What people may change of their own account; null unsets what it need not have."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"name": "Alice Liddell"}, PROFILE_EXAMPLE]})

    username: str = Field(default_factory=str, description="Another one needs `current_password`.")
    email: str | None = Field(None, description="Another one needs `current_password`, and is unverified.")
    name: str | None = None
    password: SecretStr = Field(
        default_factory=lambda: SecretStr(""),
        description=f"{CHOSEN} Needs `current_password`, and ends every token of the account.",
    )
    current_password: SecretStr | None = None


class PasswordBody(Body):
    """A new password."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"password": "correct horse battery staple"}]})

    password: SecretStr = Field(description=CHOSEN)


class UserQuery(ListingQuery):
    """Filters are exact; names are compared as accounts compare them."""

    username: str | None = Field(None, max_length=1024)
    email: str | None = Field(None, max_length=1024)
    sort: Literal["created_at", "-created_at", "username", "-username"] = Field(
        "created_at", description="`-` in front: descending."
    )
