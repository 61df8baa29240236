"""Settings: the secrets that the server holds."""

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings


class SecretSettings(BaseSettings):
    """Secrets"""

    master_key: SecretStr | None = Field(
        None,
        description="32 random bytes as base64: wraps the keys that secrets in the database are sealed with. "
        "`openssl rand -base64 32`",
    )
    master_key_former: SecretStr | None = Field(
        None,
        description="Master keys of before, one a line, until `doctor` says that everything is under MASTER_KEY.",
    )
    password_pepper: SecretStr | None = Field(
        None,
        description="Keys the hash of passwords. When you change it, put the former one into PASSWORD_PEPPER_FORMER.",
    )
    password_pepper_former: SecretStr | None = Field(
        None,
        description="Peppers of before, one a line: passwords under them go on, and move to PASSWORD_PEPPER at the "
        "next sign-in.",
    )
    jwt_private_key: SecretStr | None = Field(
        None,
        description="Base64 of the PEM of a private key for SIGNING_ALGORITHM. Default: made at first start "
        "and kept sealed in the database.",
    )
    jwt_public_key: str | None = Field(
        None, description="Base64 of the PEM of its public key; checked against the private one."
    )
