"""Something that is to reach somebody outside, written with what caused it and delivered later."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from identity_service.domain.value_objects.ids import MessageId


class MessageStatus(StrEnum):
    """`waiting` for an attempt, or over: `delivered`, or `dead`, which an operator may send again."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    DEAD = "dead"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewMessage:
    """What is to be delivered. `kind` names who knows how, `recipient` whom it is for (a client id, say).

    `payload` is JSON and holds no secret: what has to be signed or fresh is made at each attempt. After `life_seconds`
    an attempt that fails is the last one.
    """

    kind: str
    recipient: str
    payload: Mapping[str, Any]
    life_seconds: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A message and how it fares.

    Attributes:
        attempts: how often it was taken in hand, the attempt under way included.
        due_at: the next attempt; while one is under way, when it counts as lost.
        give_up_at: an attempt that fails is the last one if the next would be later.
        settled_at: when it was delivered or given up.
        last_error: why the last attempt failed.
    """

    id: MessageId
    kind: str
    recipient: str
    payload: Mapping[str, Any]
    status: MessageStatus
    attempts: int
    created_at: datetime
    due_at: datetime
    give_up_at: datetime
    settled_at: datetime | None
    last_error: str | None
