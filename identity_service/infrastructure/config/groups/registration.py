"""Settings: whether programs may register themselves as clients, and as what."""

from typing import Annotated, Literal

from pydantic import Field
from pydantic_settings import BaseSettings, NoDecode


class RegistrationSettings(BaseSettings):
    """Clients that register themselves"""

    client_registration: Literal["off", "token", "open"] = Field(
        "off",
        description="Who may register a client at /oauth2/register (RFC 7591): nobody, whoever has an initial access "
        "token (`identity-service client initial-access-token create`), or anybody.",
    )
    client_registration_most_clients: int = Field(
        1000,
        ge=1,
        le=1_000_000,
        description="Where it is `open`: with so many clients that registered themselves, nobody registers without a "
        "token any more.",
    )
    client_registration_per_hour: int = Field(
        20,
        ge=1,
        le=100_000,
        description="How many tries to register without a token are taken from an address in an hour, and how many "
        "changes from a client that registered itself.",
    )
    client_registration_scopes: Annotated[tuple[str, ...], NoDecode] = Field(
        (),
        description="What such clients may ask people for besides `openid profile email address phone offline_access`: "
        "scopes of your own APIs, separated by commas.",
    )
    client_registration_without_pkce: bool = Field(
        False,
        description="Let such clients ask for a code without a challenge (RFC 7636), if they have a secret or keys. "
        "For programs that know no PKCE.",
    )
