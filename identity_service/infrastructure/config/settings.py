"""How the settings are read: once, from the environment, checked, and frozen afterwards."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

from pydantic import SecretStr, ValidationError, ValidationInfo, field_validator, model_validator
from pydantic_settings import (
    BaseSettings,
    DotEnvSettingsSource,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from identity_service.infrastructure.config import checks
from identity_service.infrastructure.config.groups.audit import AuditSettings
from identity_service.infrastructure.config.groups.fetching import FetchSettings
from identity_service.infrastructure.config.groups.guessing import GuessingSettings
from identity_service.infrastructure.config.groups.liveness import LivenessSettings
from identity_service.infrastructure.config.groups.mail import MailSettings
from identity_service.infrastructure.config.groups.operation import OperationSettings
from identity_service.infrastructure.config.groups.pages import PagesSettings
from identity_service.infrastructure.config.groups.passwords import PasswordSettings
from identity_service.infrastructure.config.groups.registration import RegistrationSettings
from identity_service.infrastructure.config.groups.secret import SecretSettings
from identity_service.infrastructure.config.groups.server import ServerSettings
from identity_service.infrastructure.config.groups.sign_in import SignInSettings
from identity_service.infrastructure.config.groups.storage import DatabaseSettings
from identity_service.infrastructure.config.groups.tokens import TokenSettings
from identity_service.infrastructure.config.sources import SecretFilesSource
from identity_service.infrastructure.config.sources import WrongSettings as WrongSettings
from identity_service.infrastructure.config.wants import wants

EMBEDDED_FILE = "identity.sqlite3"


class Settings(
    ServerSettings,
    DatabaseSettings,
    SecretSettings,
    TokenSettings,
    SignInSettings,
    RegistrationSettings,
    PasswordSettings,
    GuessingSettings,
    PagesSettings,
    MailSettings,
    FetchSettings,
    LivenessSettings,
    OperationSettings,
    AuditSettings,
):
    """All groups, flat. Made by `load_settings`."""

    model_config = SettingsConfigDict(
        frozen=True,
        env_file=".env",
        env_file_encoding="utf-8",
        extra="ignore",
        env_ignore_empty=True,
        hide_input_in_errors=True,
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments, NAME_FILE, environment, `.env`, in this order."""
        given = [
            source
            for source in (env_settings, dotenv_settings)
            if isinstance(source, (EnvSettingsSource, DotEnvSettingsSource))
        ]
        return (init_settings, SecretFilesSource(*given), env_settings, dotenv_settings)

    @field_validator("issuer")
    @classmethod
    def _issuer(cls, value: str) -> str:
        return checks.issuer(value)

    @field_validator(
        "allowed_hosts",
        "allowed_origins",
        "client_registration_scopes",
        "client_signing_algorithms",
        "trusted_proxies",
        "fetch_exceptions",
        mode="before",
    )
    @classmethod
    def _split(cls, value: Any) -> Any:
        return checks.listed(value)

    @field_validator("allowed_origins")
    @classmethod
    def _origins(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(checks.origin(each) for each in value)

    @field_validator("allowed_hosts")
    @classmethod
    def _hosts(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(checks.host_name(each) for each in value)

    @field_validator("trusted_proxies")
    @classmethod
    def _proxies(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(str(checks.network(each)) for each in value)

    @field_validator("fetch_exceptions")
    @classmethod
    def _exceptions(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(checks.host_and_port(each) for each in value)

    @field_validator("client_registration_scopes")
    @classmethod
    def _scopes(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(checks.scope_of_strangers(each) for each in value)

    @field_validator("fetch_ca_file", "smtp_ca_file")
    @classmethod
    def _ca_file(cls, value: Path | None) -> Path | None:
        return value and checks.certificates(value)

    @field_validator("mail_from", "mail_reply_to")
    @classmethod
    def _mail_address(cls, value: str | None) -> str | None:
        return value and checks.mail_address(value)

    @field_validator("password_blocklist_file")
    @classmethod
    def _blocklist(cls, value: Path | None) -> Path | None:
        return value and checks.list_of_words(value)

    @field_validator("password_breach_url")
    @classmethod
    def _breach_url(cls, value: str) -> str:
        return checks.service_url(value)

    @field_validator("database_url", "database_read_url")
    @classmethod
    def _driver(cls, value: str) -> str:
        return checks.database_url(value)

    @field_validator("redis_url")
    @classmethod
    def _redis(cls, value: str) -> str:
        return checks.redis_url(value)

    @field_validator("theme_css_file", "logo_file")
    @classmethod
    def _page_file(cls, value: Path | None, info: ValidationInfo) -> Path | None:
        return value and checks.page_file(value, checks.PAGE_FILES[str(info.field_name)])

    @field_validator("rate_limit_policy_file")
    @classmethod
    def _policy_file(cls, value: Path | None) -> Path | None:
        return value and checks.quota_policy(value)

    @field_validator("audit_checkpoint_syslog")
    @classmethod
    def _syslog(cls, value: str) -> str:
        return checks.syslog(value)

    @field_validator("metrics_listen")
    @classmethod
    def _metrics_listen(cls, value: str) -> str:
        checks.listen_address(value)
        return value

    @field_validator("metrics_token")
    @classmethod
    def _metrics_token(cls, value: SecretStr | None) -> SecretStr | None:
        return value and SecretStr(checks.bearer(value.get_secret_value()))

    @model_validator(mode="after")
    def _defaults(self) -> Self:
        embedded = f"sqlite+aiosqlite:///{self.data_dir / EMBEDDED_FILE}"
        object.__setattr__(self, "database_url", self.database_url or embedded)
        object.__setattr__(self, "database_read_url", self.database_read_url or self.database_url)
        object.__setattr__(self, "default_audience", self.default_audience or self.issuer)
        return self

    @property
    def signing_algorithms(self) -> tuple[str, ...]:
        """Every algorithm that tokens can be signed with here, the server's own first; each has a key of its own."""
        return tuple(dict.fromkeys((self.signing_algorithm, *self.client_signing_algorithms)))

    @property
    def embedded(self) -> bool:
        """Whether the database is a file of this machine."""
        return self.database_url.startswith("sqlite")


def load_settings(**overrides: Any) -> Settings:
    """The settings of this process. Raises WrongSettings with one line for each value that cannot be used."""
    return made(Settings, **overrides)


def made(kind: type[Settings], **overrides: Any) -> Settings:
    """Settings of this kind. Raises as `load_settings` does."""
    try:
        return kind(**overrides)
    except ValidationError as error:
        raise WrongSettings("\n".join(_line(found) for found in error.errors())) from None


def _line(found: Mapping[str, Any]) -> str:
    """What is wrong with a variable; never its value, which may be a secret."""
    name = str(found["loc"][0])
    if found["type"] == "value_error":
        return f"{name.upper()}: {found['msg'].removeprefix('Value error, ')}"
    return f"{name.upper()}: wants {wants(Settings.model_fields[name])}"
