"""Which settings a demo takes from outside, whose database, keys and issuer are its own."""

from typing import Any

from pydantic_settings import (
    BaseSettings,
    DotEnvSettingsSource,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
)

from identity_service.infrastructure.config.settings import Settings, made

TAKEN = ("environment", "bcrypt_cost", "log_level", "access_log")
"""`environment`, so that production can refuse; the others say how the demo runs, not what is in it."""


class _Apart(Settings):
    """Sees TAKEN of the environment and of `.env`, and nothing else of them."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments, environment, `.env`, in this order."""
        for source in (env_settings, dotenv_settings):
            if isinstance(source, (EnvSettingsSource, DotEnvSettingsSource)):
                source.env_vars = {name: source.env_vars.get(name) for name in TAKEN}
        return (init_settings, env_settings, dotenv_settings)


def settings_apart(**own: Any) -> Settings:
    """The settings of a demo: its `own`, and TAKEN. Raises WrongSettings as `load_settings` does."""
    return made(_Apart, **own)
