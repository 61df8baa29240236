"""How the use cases for users and clients fit; the container hands in what they stand on."""

from typing import Any

from dependency_injector import containers, providers

from identity_service.application.cursors import Cursors
from identity_service.application.operator_services import FamilyService
from identity_service.application.services import ClientService, ConsentService, SessionService, UserService
from identity_service.application.use_cases.clients.activate_client import ActivateClient
from identity_service.application.use_cases.clients.create_client import CreateClient
from identity_service.application.use_cases.clients.credentials import ClientCredentials
from identity_service.application.use_cases.clients.deactivate_client import DeactivateClient
from identity_service.application.use_cases.clients.delete_client import DeleteClient
from identity_service.application.use_cases.clients.get_client import GetClient
from identity_service.application.use_cases.clients.list_clients import ListClients
from identity_service.application.use_cases.clients.members import ClientMembers
from identity_service.application.use_cases.clients.rotate_client_secret import RotateClientSecret
from identity_service.application.use_cases.clients.sectors import SectorIdentifiers
from identity_service.application.use_cases.clients.update_client import UpdateClient
from identity_service.application.use_cases.consents.list_consents import ListConsents
from identity_service.application.use_cases.consents.revoke_consent import RevokeConsent
from identity_service.application.use_cases.families.end_families import EndFamilies, EndFamily
from identity_service.application.use_cases.families.get_family import GetFamily
from identity_service.application.use_cases.families.list_families import ListFamilies
from identity_service.application.use_cases.sessions.list_sessions import ListSessions
from identity_service.application.use_cases.sessions.revoke_globally import RevokeGlobally
from identity_service.application.use_cases.sessions.revoke_session import RevokeSession
from identity_service.application.use_cases.sessions.sign_out_everywhere import SignOutEverywhere
from identity_service.application.use_cases.users.activate_user import ActivateUser
from identity_service.application.use_cases.users.count_hashes import CountHashes
from identity_service.application.use_cases.users.create_user import CreateUser
from identity_service.application.use_cases.users.deactivate_user import DeactivateUser
from identity_service.application.use_cases.users.delete_user import DeleteUser
from identity_service.application.use_cases.users.get_user import GetUser
from identity_service.application.use_cases.users.list_activity import ListActivity
from identity_service.application.use_cases.users.list_users import ListUsers
from identity_service.application.use_cases.users.set_password import SetPassword
from identity_service.application.use_cases.users.show_guessing import ShowGuessing
from identity_service.application.use_cases.users.update_own_profile import UpdateOwnProfile
from identity_service.application.use_cases.users.update_user import UpdateUser
from identity_service.domain.oauth.client_metadata import Offer
from identity_service.infrastructure.registration import registration_service


class Accounts(containers.DeclarativeContainer):
    """Users, what they signed in to and agreed to, and clients. Knows no adapter."""

    settings: Any = providers.Dependency()
    begin: Any = providers.Dependency()
    read: Any = providers.Dependency()
    names: Any = providers.Dependency()
    passwords: Any = providers.DependenciesContainer()
    keyed_digest: Any = providers.Dependency()
    random: Any = providers.Dependency()
    new_id: Any = providers.Dependency()
    grants: Any = providers.Dependency()
    key_sets: Any = providers.Dependency()
    fetch: Any = providers.Dependency()
    rate_limit: Any = providers.Dependency()
    throttle: Any = providers.Dependency()
    personal_data: Any = providers.Dependency()

    cursors = providers.Singleton(Cursors, keyed_digest)
    members = providers.Singleton(
        ClientMembers,
        offer=providers.Singleton(
            Offer,
            grants=grants,
            signing_algs=settings.provided.signing_algorithms,
            fetch_exceptions=settings.provided.fetch_exceptions,
        ),
        default_audience=settings.provided.default_audience,
        key_sets=key_sets,
    )
    sectors = providers.Singleton(SectorIdentifiers, fetch=fetch)
    credentials = providers.Singleton(
        ClientCredentials, random=random, new_id=new_id, slow=passwords.slow_hasher
    )

    users = providers.Singleton(
        UserService,
        create_user=providers.Singleton(
            CreateUser,
            begin=begin,
            names=names,
            accept=passwords.accept,
            hasher=passwords.hasher,
            new_id=new_id,
        ),
        get_user=providers.Singleton(GetUser, read=read, names=names),
        list_users=providers.Singleton(ListUsers, read=read, names=names, cursors=cursors),
        update_user=providers.Singleton(UpdateUser, begin=begin, names=names),
        update_own_profile=providers.Singleton(
            UpdateOwnProfile,
            begin=begin,
            read=read,
            names=names,
            accept=passwords.accept,
            hasher=passwords.hasher,
            throttle=throttle,
        ),
        set_password=providers.Singleton(
            SetPassword, begin=begin, read=read, accept=passwords.accept, hasher=passwords.hasher
        ),
        deactivate_user=providers.Singleton(DeactivateUser, begin=begin),
        activate_user=providers.Singleton(ActivateUser, begin=begin),
        delete_user=providers.Singleton(DeleteUser, begin=begin),
        list_activity=providers.Singleton(ListActivity, read=read, cursors=cursors, personal=personal_data),
        show_guessing=providers.Singleton(ShowGuessing, read=read, personal=personal_data),
        count_hashes=providers.Singleton(
            CountHashes, read=read, forms=passwords.schemes, slow_forms=passwords.slow_schemes
        ),
    )
    sign_out_everywhere = providers.Singleton(SignOutEverywhere, begin=begin, issuer=settings.provided.issuer)
    sessions = providers.Singleton(
        SessionService,
        list_sessions=providers.Singleton(
            ListSessions, read=read, idle_seconds=settings.provided.session_idle_seconds
        ),
        revoke_session=providers.Singleton(RevokeSession, begin=begin),
        sign_out_everywhere=sign_out_everywhere,
        revoke_globally=providers.Singleton(
            RevokeGlobally,
            read=read,
            names=names,
            sign_out_everywhere=sign_out_everywhere,
            issuer=settings.provided.issuer,
        ),
    )
    families = providers.Singleton(
        FamilyService,
        list_families=providers.Singleton(ListFamilies, read=read),
        get_family=providers.Singleton(GetFamily, read=read),
        end_family=providers.Singleton(EndFamily, begin=begin),
        end_families=providers.Singleton(EndFamilies, begin=begin),
    )
    consents = providers.Singleton(
        ConsentService,
        list_consents=providers.Singleton(ListConsents, read=read),
        revoke_consent=providers.Singleton(RevokeConsent, begin=begin),
    )
    clients = providers.Singleton(
        ClientService,
        create_client=providers.Singleton(
            CreateClient,
            begin=begin,
            credentials=credentials,
            new_id=new_id,
            members=members,
            sectors=sectors,
        ),
        get_client=providers.Singleton(GetClient, read=read),
        list_clients=providers.Singleton(ListClients, read=read, cursors=cursors),
        update_client=providers.Singleton(
            UpdateClient, begin=begin, read=read, members=members, credentials=credentials, sectors=sectors
        ),
        rotate_client_secret=providers.Singleton(
            RotateClientSecret,
            begin=begin,
            credentials=credentials,
            overlap_seconds=settings.provided.client_secret_overlap_seconds,
        ),
        deactivate_client=providers.Singleton(DeactivateClient, begin=begin),
        activate_client=providers.Singleton(ActivateClient, begin=begin),
        delete_client=providers.Singleton(DeleteClient, begin=begin),
    )
    registration = providers.Singleton(
        registration_service,
        settings,
        begin=begin,
        read=read,
        clients=clients,
        limit=rate_limit,
        random=random,
        new_id=new_id,
    )
