"""How the outbox fits: who delivers what, and what operators do with it. The container hands in what is below."""

import random
import time
from collections.abc import Callable
from typing import Any

from dependency_injector import containers, providers

from identity_service.application.operator_services import OutboxService
from identity_service.application.use_cases.mail.letters import MAIL
from identity_service.application.use_cases.outbox.discard_message import DiscardMessage
from identity_service.application.use_cases.outbox.get_message import GetMessage
from identity_service.application.use_cases.outbox.list_messages import ListMessages
from identity_service.application.use_cases.outbox.retry_message import RetryMessage
from identity_service.application.use_cases.sessions.logout_messages import BACKCHANNEL_LOGOUT
from identity_service.application.use_cases.sessions.send_logout_token import SendLogoutToken
from identity_service.application.workers.delivery import Courier, Delivery
from identity_service.application.workers.outbox_watch import OutboxWatch
from identity_service.infrastructure.config.settings import Settings
from identity_service.ports.form_sender import FormSender
from identity_service.ports.tokens.signer import TokenSigner
from identity_service.ports.unit_of_work import Begin, Read


def delivery(
    settings: Settings,
    *,
    begin: Begin,
    read: Read,
    sign: TokenSigner,
    send: FormSender,
    clock: Callable[[], float],
    new_id: Callable[[], str],
    id_token_alg: str,
    send_mail: Courier,
) -> Delivery:
    """The couriers of every kind of message."""
    send_logout_token = SendLogoutToken(
        read=read,
        sign=sign,
        send=send,
        clock=clock,
        new_id=new_id,
        issuer=settings.issuer,
        signing_alg=id_token_alg,
    )
    couriers: dict[str, Courier] = {BACKCHANNEL_LOGOUT: send_logout_token, MAIL: send_mail}
    return Delivery(begin=begin, couriers=couriers, chance=random.random)


class OutboxParts(containers.DeclarativeContainer):
    """Messages on their way out. Knows no adapter."""

    settings: Any = providers.Dependency()
    begin: Any = providers.Dependency()
    read: Any = providers.Dependency()
    sign: Any = providers.Dependency()
    send: Any = providers.Dependency()
    clock: Any = providers.Dependency()
    new_id: Any = providers.Dependency()
    id_token_alg: Any = providers.Dependency()
    send_mail: Any = providers.Dependency()

    delivery = providers.Singleton(
        delivery,
        settings,
        begin=begin,
        read=read,
        sign=sign,
        send=send,
        clock=clock,
        new_id=new_id,
        id_token_alg=id_token_alg,
        send_mail=send_mail,
    )
    watch = providers.Singleton(OutboxWatch, read=read, clock=providers.Object(time.monotonic))
    service = providers.Singleton(
        OutboxService,
        list_messages=providers.Singleton(ListMessages, read=read),
        get_message=providers.Singleton(GetMessage, read=read),
        retry_message=providers.Singleton(RetryMessage, begin=begin),
        discard_message=providers.Singleton(DiscardMessage, begin=begin),
    )
