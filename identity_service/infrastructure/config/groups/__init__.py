"""Which settings there are: a class for each group, a field for each environment variable."""

from pydantic_settings import BaseSettings

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

GROUPS: tuple[type[BaseSettings], ...] = (
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
)
"""In the order of the documentation."""
