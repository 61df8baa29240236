"""The use cases of the application instance that a request reached."""

from starlette.requests import Request

from identity_service.application.operator_services import AuditService, FamilyService, OutboxService
from identity_service.application.services import (
    ClientService,
    ConsentService,
    DiscoveryService,
    HealthService,
    OAuth2Service,
    RegistrationService,
    Services,
    SessionService,
    SignInService,
    UserService,
)


def services(request: Request) -> Services:
    """Everything this instance serves."""
    found: Services = request.app.state.services
    return found


def oauth2(request: Request) -> OAuth2Service:
    """The token endpoint and its companions."""
    return services(request).oauth2


def sign_in(request: Request) -> SignInService:
    """The pages between a client's request and its answer."""
    return services(request).sign_in


def discovery(request: Request) -> DiscoveryService:
    """What anybody may know."""
    return services(request).discovery


def users(request: Request) -> UserService:
    """People's accounts."""
    return services(request).users


def sessions(request: Request) -> SessionService:
    """Where people are signed in."""
    return services(request).sessions


def families(request: Request) -> FamilyService:
    """What people's sign-ins gave out."""
    return services(request).families


def consents(request: Request) -> ConsentService:
    """What people have agreed to."""
    return services(request).consents


def clients(request: Request) -> ClientService:
    """The programs that ask for tokens."""
    return services(request).clients


def registration(request: Request) -> RegistrationService:
    """What programs register of themselves."""
    return services(request).registration


def outbox(request: Request) -> OutboxService:
    """What is on its way out."""
    return services(request).outbox


def audit(request: Request) -> AuditService:
    """The log of events as evidence."""
    return services(request).audit


def health(request: Request) -> HealthService:
    """How the process is."""
    return services(request).health
