"""Settings: how long a person stays signed in with a browser."""

from pydantic import Field
from pydantic_settings import BaseSettings


class SignInSettings(BaseSettings):
    """Signing in with a browser"""

    session_lifetime_seconds: int = Field(
        43_200,
        ge=60,
        le=31_536_000,
        description="How long a person stays signed in with a browser at most, whatever they do.",
    )
    session_idle_seconds: int = Field(
        3600,
        ge=60,
        le=31_536_000,
        description="How long a browser may send nobody here before its person has to sign in again.",
    )
    request_uri_parameter: bool = Field(
        False,
        description="Take request objects by reference as well: fetch them from where the client has registered "
        "that it publishes them (`request_uris`).",
    )
    interaction_lifetime_seconds: int = Field(
        1800,
        ge=60,
        le=86_400,
        description="How long a person may take from a client's request to the answer: sign in, agree.",
    )
    session_management: bool = Field(
        False,
        description="Offer `check_session_iframe`: clients' pages may frame a page of this server that tells them when "
        "the session has changed, by a cookie that scripts can read. Of use only where browsers keep such cookies.",
    )
    id_token_ttl_seconds: int = Field(
        900, ge=30, le=86_400, description="Life of an ID token: how long a client may take to read it."
    )
