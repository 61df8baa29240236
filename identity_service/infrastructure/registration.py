"""The part of the composition root that puts together how programs register themselves."""

from collections.abc import Callable

from identity_service.application.authentication.registration import AuthenticateRegistration
from identity_service.application.services import ClientService, RegistrationService
from identity_service.application.use_cases.registration.delete_registration import DeleteRegistration
from identity_service.application.use_cases.registration.get_registration import GetRegistration
from identity_service.application.use_cases.registration.initial_access_tokens import (
    CreateInitialAccessToken,
    ListInitialAccessTokens,
    RevokeInitialAccessToken,
)
from identity_service.application.use_cases.registration.register_client import RegisterClient
from identity_service.application.use_cases.registration.registered_client import RegistrationPolicy
from identity_service.application.use_cases.registration.update_registration import UpdateRegistration
from identity_service.domain.oauth.client_registration import SCOPES
from identity_service.domain.value_objects.scope import Scope
from identity_service.infrastructure.config.settings import Settings
from identity_service.ports.cache.rate_limit import RateLimit
from identity_service.ports.unit_of_work import Begin, Read


def registration_policy(settings: Settings) -> RegistrationPolicy:
    """What the settings say of it."""
    return RegistrationPolicy(
        open=settings.client_registration == "open",
        most_clients=settings.client_registration_most_clients,
        per_hour=settings.client_registration_per_hour,
        scopes=SCOPES | Scope(settings.client_registration_scopes),
        without_pkce=settings.client_registration_without_pkce,
    )


def registration_service(
    settings: Settings,
    *,
    begin: Begin,
    read: Read,
    clients: ClientService,
    limit: RateLimit,
    random: Callable[[int], bytes],
    new_id: Callable[[], str],
) -> RegistrationService:
    """Registration by the same use cases as administrators have for clients, with a policy in front."""
    policy = registration_policy(settings)
    authenticate = AuthenticateRegistration(read=read)
    return RegistrationService(
        register_client=RegisterClient(
            read=read, create_client=clients.create_client, random=random, limit=limit, policy=policy
        ),
        get_registration=GetRegistration(authenticate=authenticate),
        update_registration=UpdateRegistration(
            authenticate=authenticate,
            update_client=clients.update_client,
            random=random,
            limit=limit,
            policy=policy,
        ),
        delete_registration=DeleteRegistration(
            authenticate=authenticate, delete_client=clients.delete_client
        ),
        create_initial_access_token=CreateInitialAccessToken(begin=begin, random=random, new_id=new_id),
        list_initial_access_tokens=ListInitialAccessTokens(read=read),
        revoke_initial_access_token=RevokeInitialAccessToken(begin=begin),
    )
