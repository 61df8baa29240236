"""Settings: how long tokens live, and what they are signed with."""

from pathlib import Path
from typing import Annotated

from pydantic import Field
from pydantic_settings import BaseSettings, NoDecode

from identity_service.domain.entities.signing_key import SigningAlgorithm
from identity_service.domain.oauth.access_token import LONGEST_LIFE_SECONDS


class TokenSettings(BaseSettings):
    """Tokens and keys"""

    access_token_ttl_seconds: int = Field(
        900, ge=30, le=LONGEST_LIFE_SECONDS, description="Life of an access token."
    )
    refresh_token_ttl_seconds: int = Field(
        2_592_000, ge=60, le=31_536_000, description="Life of a token family, counted from the sign-in."
    )
    refresh_reuse_grace_seconds: int = Field(
        10,
        ge=0,
        le=300,
        description="How long a spent refresh token is answered with the same successor. 0: never.",
    )
    refresh_risk_event: int = Field(
        40,
        ge=0,
        le=1000,
        description="From how many points of risk on a refresh is an event `refresh_token.suspected`. 0: never.",
    )
    refresh_risk_sign_in: int = Field(
        80,
        ge=0,
        le=1000,
        description="From how many points of risk on a refresh is refused and its family ends: the person has to sign "
        "in anew. 0: never.",
    )
    places_file: Path | None = Field(
        None,
        description="A CSV file of where networks are (columns `network`, `latitude`, `longitude`), to notice "
        "refreshes from farther away than anybody travels. Read at the start.",
    )
    signing_algorithm: SigningAlgorithm = Field(
        "RS256",
        description="What access tokens are signed with, unless their client has an algorithm of its own.",
    )
    client_signing_algorithms: Annotated[tuple[SigningAlgorithm, ...], NoDecode] = Field(
        ("RS256", "PS256", "ES256", "EdDSA"),
        description="What clients may have instead. A key for each is made at the first start and published, so that "
        "it can be used at any time.",
    )
    signing_key_bits: int = Field(2048, ge=2048, le=8192, description="Size of RSA keys made here.")
    signing_key_rotation_days: int = Field(
        90,
        ge=0,
        le=3650,
        description="Age at which the current key kept in the database is replaced. 0: by command only.",
    )
    jwks_max_age_seconds: int = Field(
        300,
        ge=0,
        le=86400,
        description="How long others may cache the key set; a new key waits that long before use.",
    )
    client_secret_overlap_seconds: int = Field(
        86_400,
        ge=0,
        le=31_536_000,
        description="How long the old secret of a client still works after a rotation.",
    )
