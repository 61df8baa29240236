"""What the posture is told of the settings, and how its part fits; part of the composition root."""

import re
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from pydantic import SecretStr

from identity_service.adapters.sql.database import Database
from identity_service.adapters.sql.unit_of_work import SqlUnitOfWork
from identity_service.application.use_cases.system.examine_posture import ExaminePosture
from identity_service.domain.posture.rule import Values
from identity_service.infrastructure.config.settings import Settings
from identity_service.ports.tokens.key_ring import HeldKey

_USER = re.compile(r"(?<=://)[^/?#]*@")


def judged_values(settings: Settings) -> Values:
    """Every setting as a plain value: of a secret only whether it is there, of an address nothing of its user."""
    return {name: _plain(getattr(settings, name)) for name in type(settings).model_fields}


def _plain(value: Any) -> Any:
    if isinstance(value, SecretStr):
        return bool(value.get_secret_value())
    return _USER.sub("", value) if isinstance(value, str) else value


def posture_of(
    settings: Settings, database: Database, *, given: HeldKey | None, clock: Callable[[], float]
) -> ExaminePosture:
    """Reads by a unit of work of its own: the usual one wants the master key, which nothing here is opened with."""
    return ExaminePosture(
        read=partial(SqlUnitOfWork, database, writing=False, on_endings=_nobody),
        values=judged_values(settings),
        given=given,
        clock=clock,
    )


def _nobody(tags: Sequence[str]) -> None:
    """A read ends nothing."""
