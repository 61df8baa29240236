"""What the bodies about users hold."""

from typing import Literal

from pydantic import ConfigDict, Field, SecretStr

from identity_service.api.json_body import Body
from identity_service.api.listing import ListingQuery


class NewUserBody(Body):
    """An account to be made."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "username": "alice",
                    "email": "alice@example.org",
                    "password": "correct horse battery staple",
                }
            ]
        }
    )

    username: str = Field(description="RFC 8265 UsernameCaseMapped; unique, also among deleted accounts.")
    email: str | None = Field(None, description="Unique among verified addresses.")
    email_verified: bool = False
    name: str | None = Field(None, description="What the person is called; up to 200 characters.")
    password: SecretStr | None = Field(None, description="8 to 1,024 characters.")
    admin: bool = Field(False, description="Needs the scope `admin`.")


class UserPatch(Body):
    """Members to change; null unsets `email` and `name`."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"name": "Alice Liddell"}]})

    username: str = Field(default_factory=str)
    email: str | None = Field(None, description="A changed address is unverified, unless said otherwise.")
    email_verified: bool = Field(default_factory=bool)
    name: str | None = None
    admin: bool = Field(default_factory=bool, description="Needs the scope `admin`; ends the user's tokens.")


class OwnProfilePatch(Body):
    """What people may change of their own account; null unsets `email` and `name`."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"name": "Alice Liddell"}]})

    username: str = Field(default_factory=str)
    email: str | None = Field(None, description="A changed address is unverified.")
    name: str | None = None
    password: SecretStr = Field(
        default_factory=lambda: SecretStr(""),
        description="8 to 1,024 characters. Needs `current_password`, and ends every token of the account.",
    )
    current_password: SecretStr | None = None


class PasswordBody(Body):
    """A new password."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"password": "correct horse battery staple"}]})

    password: SecretStr = Field(description="8 to 1,024 characters.")


class UserQuery(ListingQuery):
    """Filters are exact; names are compared as accounts compare them."""

    username: str | None = Field(None, max_length=1024)
    email: str | None = Field(None, max_length=1024)
    sort: Literal["created_at", "-created_at", "username", "-username"] = Field(
        "created_at", description="`-` in front: descending."
    )
