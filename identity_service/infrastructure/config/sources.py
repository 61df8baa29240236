"""NAME_FILE: a secret that is the content of a file."""

import os
from pathlib import Path
from typing import Any

from pydantic import SecretStr
from pydantic.fields import FieldInfo
from pydantic_settings import PydanticBaseSettingsSource


class SecretFilesSource(PydanticBaseSettingsSource):
    """Reads `MASTER_KEY_FILE` and the like; a trailing newline of the file is not part of the secret."""

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        """The content of the file that NAME_FILE names, None where the variable is not set."""
        path = os.environ.get(f"{field_name.upper()}_FILE")
        if not path:
            return None, field_name, False
        try:
            return Path(path).read_text(encoding="utf-8").rstrip("\r\n"), field_name, False
        except (OSError, UnicodeDecodeError) as error:
            raise UnreadableSecret(f"{field_name.upper()}_FILE: cannot be read ({error})") from error

    def __call__(self) -> dict[str, Any]:
        """Every secret that was given as a file."""
        secrets = (name for name, field in self.settings_cls.model_fields.items() if is_secret(field))
        values = {
            name: self.get_field_value(self.settings_cls.model_fields[name], name)[0] for name in secrets
        }
        return {name: value for name, value in values.items() if value is not None}


class UnreadableSecret(Exception):
    """NAME_FILE names a file that cannot be read."""


def is_secret(field: FieldInfo) -> bool:
    """Whether the setting holds something that must not be shown. Addresses with passwords in them count too."""
    return "SecretStr" in str(field.annotation) or field.annotation is SecretStr
