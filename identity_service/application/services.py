"""What the outside may ask of the house: bundles of use cases, without methods of their own."""

from dataclasses import dataclass

from identity_service.application.authentication.bearer import AuthenticateBearer
from identity_service.application.authentication.client import AuthenticateClient
from identity_service.application.liveness.known_callers import KnownCallers
from identity_service.application.liveness.told_answers import ToldAnswers
from identity_service.application.operator_services import AuditService, FamilyService, OutboxService
from identity_service.application.run_state import RunState
from identity_service.application.use_cases.clients.activate_client import ActivateClient
from identity_service.application.use_cases.clients.create_client import CreateClient
from identity_service.application.use_cases.clients.deactivate_client import DeactivateClient
from identity_service.application.use_cases.clients.delete_client import DeleteClient
from identity_service.application.use_cases.clients.get_client import GetClient
from identity_service.application.use_cases.clients.list_clients import ListClients
from identity_service.application.use_cases.clients.rotate_client_secret import RotateClientSecret
from identity_service.application.use_cases.clients.show_logo import ShowLogo
from identity_service.application.use_cases.clients.update_client import UpdateClient
from identity_service.application.use_cases.consents.list_consents import ListConsents
from identity_service.application.use_cases.consents.revoke_consent import RevokeConsent
from identity_service.application.use_cases.keys.add_key import GenerateKey, ImportKey
from identity_service.application.use_cases.keys.list_keys import ListKeys
from identity_service.application.use_cases.keys.publish_keys import PublishKeys
from identity_service.application.use_cases.keys.reseal_secrets import ResealSecrets
from identity_service.application.use_cases.keys.rotate_keys import RotateKeys
from identity_service.application.use_cases.oauth2.introspect_token import IntrospectToken
from identity_service.application.use_cases.oauth2.issue_token import IssueToken
from identity_service.application.use_cases.oauth2.read_metadata import ReadMetadata
from identity_service.application.use_cases.oauth2.revoke_token import RevokeToken
from identity_service.application.use_cases.oauth2.userinfo import GetUserInfo
from identity_service.application.use_cases.registration.delete_registration import DeleteRegistration
from identity_service.application.use_cases.registration.get_registration import GetRegistration
from identity_service.application.use_cases.registration.initial_access_tokens import (
    CreateInitialAccessToken,
    ListInitialAccessTokens,
    RevokeInitialAccessToken,
)
from identity_service.application.use_cases.registration.register_client import RegisterClient
from identity_service.application.use_cases.registration.update_registration import UpdateRegistration
from identity_service.application.use_cases.sessions.list_sessions import ListSessions
from identity_service.application.use_cases.sessions.revoke_globally import RevokeGlobally
from identity_service.application.use_cases.sessions.revoke_session import RevokeSession
from identity_service.application.use_cases.sessions.sign_out_everywhere import SignOutEverywhere
from identity_service.application.use_cases.sign_in.authorize import Authorize
from identity_service.application.use_cases.sign_in.decide_consent import DecideConsent
from identity_service.application.use_cases.sign_in.enter_own_page import EnterOwnPage
from identity_service.application.use_cases.sign_in.log_out import LogOut
from identity_service.application.use_cases.sign_in.sign_in import ChooseAccount, SignIn
from identity_service.application.use_cases.sign_in.way import Way
from identity_service.application.use_cases.system.check_health import CheckHealth
from identity_service.application.use_cases.system.purge import Purge
from identity_service.application.use_cases.system.revoke_everything import RevokeEverything
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


@dataclass(frozen=True, slots=True, kw_only=True)
class OAuth2Service:
    """The token endpoint and its companions."""

    authenticate_client: AuthenticateClient
    known_callers: KnownCallers
    told_answers: ToldAnswers
    issue_token: IssueToken
    introspect_token: IntrospectToken
    revoke_token: RevokeToken
    get_userinfo: GetUserInfo


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInService:
    """The pages between a client's request and its answer."""

    authorize: Authorize
    enter_own_page: EnterOwnPage
    way: Way
    sign_in: SignIn
    choose_account: ChooseAccount
    decide_consent: DecideConsent
    log_out: LogOut
    show_logo: ShowLogo


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscoveryService:
    """What anybody may know of the server."""

    read_metadata: ReadMetadata
    publish_keys: PublishKeys


@dataclass(frozen=True, slots=True, kw_only=True)
class UserService:
    """People's accounts."""

    create_user: CreateUser
    get_user: GetUser
    list_users: ListUsers
    update_user: UpdateUser
    update_own_profile: UpdateOwnProfile
    set_password: SetPassword
    deactivate_user: DeactivateUser
    activate_user: ActivateUser
    delete_user: DeleteUser
    list_activity: ListActivity
    count_hashes: CountHashes
    show_guessing: ShowGuessing


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionService:
    """Where people are signed in."""

    list_sessions: ListSessions
    revoke_session: RevokeSession
    sign_out_everywhere: SignOutEverywhere
    revoke_globally: RevokeGlobally


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentService:
    """What people have agreed to."""

    list_consents: ListConsents
    revoke_consent: RevokeConsent


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientService:
    """The programs that ask for tokens."""

    create_client: CreateClient
    get_client: GetClient
    list_clients: ListClients
    update_client: UpdateClient
    rotate_client_secret: RotateClientSecret
    deactivate_client: DeactivateClient
    activate_client: ActivateClient
    delete_client: DeleteClient


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistrationService:
    """What programs register of themselves, and what operators hand out for that."""

    register_client: RegisterClient
    get_registration: GetRegistration
    update_registration: UpdateRegistration
    delete_registration: DeleteRegistration
    create_initial_access_token: CreateInitialAccessToken
    list_initial_access_tokens: ListInitialAccessTokens
    revoke_initial_access_token: RevokeInitialAccessToken


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyService:
    """The keys that sign tokens."""

    list_keys: ListKeys
    generate_key: GenerateKey
    import_key: ImportKey
    reseal_secrets: ResealSecrets
    rotate_keys: RotateKeys


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemService:
    """What an operator does to the server as a whole."""

    purge: Purge
    revoke_everything: RevokeEverything


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthService:
    """How the process is."""

    check_health: CheckHealth
    state: RunState


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """Everything that an application instance serves."""

    authenticate_bearer: AuthenticateBearer
    oauth2: OAuth2Service
    sign_in: SignInService
    discovery: DiscoveryService
    users: UserService
    sessions: SessionService
    families: FamilyService
    consents: ConsentService
    clients: ClientService
    registration: RegistrationService
    keys: KeyService
    outbox: OutboxService
    audit: AuditService
    system: SystemService
    health: HealthService


@dataclass(frozen=True, slots=True, kw_only=True)
class OAuth2Queries:
    """The part of the OAuth 2 endpoints that changes nothing."""

    authenticate_client: AuthenticateClient
    known_callers: KnownCallers
    told_answers: ToldAnswers
    introspect_token: IntrospectToken


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryServices:
    """What an instance serves that holds no private key and may only read (ARCHITECTURE.md §4)."""

    oauth2: OAuth2Queries
    discovery: DiscoveryService
    health: HealthService
