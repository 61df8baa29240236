"""How the way from a client's request to its answer fits. The container hands in what is below."""

import time
from typing import Any

from dependency_injector import containers, providers

from identity_service.application.liveness.answers import Answers
from identity_service.application.liveness.known_clients import MOST, KnownClients
from identity_service.application.services import SignInService
from identity_service.application.use_cases.clients.show_logo import ShowLogo
from identity_service.application.use_cases.sign_in.authorize import Authorize
from identity_service.application.use_cases.sign_in.decide_consent import DecideConsent
from identity_service.application.use_cases.sign_in.enter_own_page import EnterOwnPage
from identity_service.application.use_cases.sign_in.keep_interaction import KeepInteraction
from identity_service.application.use_cases.sign_in.log_out import LogOut
from identity_service.application.use_cases.sign_in.open_session import OpenSession
from identity_service.application.use_cases.sign_in.request_objects import RequestObjects
from identity_service.application.use_cases.sign_in.request_references import RequestReferences
from identity_service.application.use_cases.sign_in.sign_in import ChooseAccount, SignIn
from identity_service.application.use_cases.sign_in.way import Way, WayPolicy
from identity_service.infrastructure.config.settings import Settings
from identity_service.ports.fetch import Fetcher


def _references(settings: Settings, fetch: Fetcher) -> RequestReferences | None:
    return RequestReferences(fetch=fetch, clock=time.monotonic) if settings.request_uri_parameter else None


class SignInParts(containers.DeclarativeContainer):
    """Everything that a person with a browser meets. Knows no adapter."""

    settings: Any = providers.Dependency()
    begin: Any = providers.Dependency()
    read: Any = providers.Dependency()
    authenticate_user: Any = providers.Dependency()
    devices: Any = providers.Dependency()
    targets: Any = providers.Dependency()
    hints: Any = providers.Dependency()
    subjects: Any = providers.Dependency()
    client_keys: Any = providers.Dependency()
    fetch: Any = providers.Dependency()
    window: Any = providers.Dependency()
    lease: Any = providers.Dependency()
    clock: Any = providers.Dependency()
    random: Any = providers.Dependency()
    new_id: Any = providers.Dependency()

    issuer = settings.provided.issuer
    clients = providers.Singleton(
        KnownClients, answers=providers.Singleton(Answers, window=window, lease=lease, most=MOST), clock=clock
    )
    way = providers.Singleton(
        Way,
        begin=begin,
        read=read,
        clock=clock,
        random=random,
        new_id=new_id,
        clients=clients,
        subjects=subjects,
        policy=providers.Singleton(
            WayPolicy,
            issuer=issuer,
            session_idle=settings.provided.session_idle_seconds,
            session_management=settings.provided.session_management,
        ),
    )
    keep = providers.Singleton(
        KeepInteraction,
        begin=begin,
        random=random,
        lifetime_seconds=settings.provided.interaction_lifetime_seconds,
    )
    requests = providers.Singleton(
        RequestObjects,
        keys=client_keys,
        begin=begin,
        references=providers.Callable(_references, settings, fetch),
        issuer=issuer,
        clock=clock,
    )
    service = providers.Singleton(
        SignInService,
        authorize=providers.Singleton(
            Authorize,
            read=read,
            way=way,
            clients=clients,
            keep=keep,
            requests=requests,
            hints=hints,
            targets=targets,
            issuer=issuer,
            new_id=new_id,
        ),
        enter_own_page=providers.Singleton(
            EnterOwnPage, begin=begin, read=read, way=way, keep=keep, clock=clock, new_id=new_id
        ),
        way=way,
        sign_in=providers.Singleton(
            SignIn,
            begin=begin,
            way=way,
            authenticate=authenticate_user,
            open_=providers.Singleton(
                OpenSession,
                random=random,
                new_id=new_id,
                lifetime_seconds=settings.provided.session_lifetime_seconds,
            ),
            devices=devices,
        ),
        choose_account=providers.Singleton(ChooseAccount, begin=begin, way=way),
        decide_consent=providers.Singleton(DecideConsent, begin=begin, way=way),
        log_out=providers.Singleton(LogOut, begin=begin, read=read, way=way, hints=hints, issuer=issuer),
        show_logo=providers.Singleton(ShowLogo, read=read),
    )
