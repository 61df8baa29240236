"""NAME_FILE: a secret that is the content of a file."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic.fields import FieldInfo
from pydantic_settings import EnvSettingsSource, PydanticBaseSettingsSource


class WrongSettings(Exception):
    """A setting cannot be used; each line of the text names a variable and what it wants."""


class UnreadableSecret(WrongSettings):
    """NAME_FILE names a file that cannot be read."""


class SecretFilesSource(PydanticBaseSettingsSource):
    """Reads `MASTER_KEY_FILE` and the like; newlines at the end of the file are no part of the secret.

    The names of the files come from the same places as the settings themselves. Raises UnreadableSecret, and
    WrongSettings where both NAME and NAME_FILE are given: nobody could tell which of them is meant.
    """

    def __init__(self, *given: EnvSettingsSource) -> None:
        super().__init__(given[0].settings_cls)
        # The first source that has a variable wins, as it does for the settings.
        self._given: dict[str, str | None] = {}
        for source in reversed(given):
            self._given.update(_lower(source.env_vars))

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        """The content of the file that NAME_FILE names; None where that is not set."""
        name, path = field_name.upper(), self._given.get(f"{field_name}_file")
        if not path:
            return None, field_name, False
        if self._given.get(field_name):
            raise WrongSettings(f"{name}: wants one of {name} and {name}_FILE, not both")
        try:
            return Path(path).read_text(encoding="utf-8").rstrip("\r\n"), field_name, False
        except OSError as error:
            raise UnreadableSecret(f"{name}_FILE: cannot read {path} ({error.strerror})") from error
        except UnicodeDecodeError:
            raise UnreadableSecret(f"{name}_FILE: {path} is not text in UTF-8") from None

    def __call__(self) -> dict[str, Any]:
        """Every secret that was given as a file."""
        fields = self.settings_cls.model_fields
        values = {
            name: self.get_field_value(field, name)[0] for name, field in fields.items() if is_secret(field)
        }
        return {name: value for name, value in values.items() if value is not None}


def _lower(given: Mapping[str, str | None]) -> dict[str, str | None]:
    return {name.lower(): value for name, value in given.items()}


def is_secret(field: FieldInfo) -> bool:
    """Whether the setting holds something that must not be shown; an address may hold a password."""
    return not field.repr or "SecretStr" in str(field.annotation)
