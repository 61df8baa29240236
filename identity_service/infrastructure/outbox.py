"""How the delivery of messages fits; part of the composition root."""

import random
from collections.abc import Callable

from identity_service.application.services import OutboxService
from identity_service.application.use_cases.outbox.get_message import GetMessage
from identity_service.application.use_cases.outbox.list_messages import ListMessages
from identity_service.application.use_cases.outbox.retry_message import RetryMessage
from identity_service.application.use_cases.sessions.logout_messages import BACKCHANNEL_LOGOUT
from identity_service.application.use_cases.sessions.send_logout_token import SendLogoutToken
from identity_service.application.workers.delivery import Delivery
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
    return Delivery(begin=begin, couriers={BACKCHANNEL_LOGOUT: send_logout_token}, chance=random.random)


def outbox_service(*, begin: Begin, read: Read) -> OutboxService:
    """What an operator does with messages."""
    return OutboxService(
        list_messages=ListMessages(read=read),
        get_message=GetMessage(read=read),
        retry_message=RetryMessage(begin=begin),
    )
