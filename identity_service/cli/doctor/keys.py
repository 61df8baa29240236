"""Can the keys be opened, with the master key that is set?"""

from collections.abc import Sequence
from typing import Any

from identity_service.adapters.sql.database import Database
from identity_service.adapters.sql.unit_of_work import SqlUnitOfWork
from identity_service.application.use_cases.keys.sealing import PURPOSE
from identity_service.cli.doctor.finding import Finding, fail, ok, warn
from identity_service.domain.entities.signing_key import SigningKey
from identity_service.infrastructure.config.master_key import FILE
from identity_service.infrastructure.config.settings import Settings, WrongSettings
from identity_service.ports.security import Unsealable

CHECK = "keys"


async def check_keys(container: Any) -> Finding:
    """Judges the master key by what was sealed under it; makes neither a master key nor a signing key."""
    settings = container.settings()
    stored, wanted = await _stored(container.database())
    if not _has_master_key(settings):
        return _without_master_key(settings, stored, wanted)
    try:
        container.master_key()
        here = container.sealer().key_id
        if wanted not in (None, here):
            return _wrong_master_key(here=here, wanted=str(wanted))
        given = container.signing_keys.given()
        for key in stored:
            container.sealer().open(key.sealed, purpose=PURPOSE, context=key.kid)
    except WrongSettings as error:
        return fail(CHECK, str(error), "correct the variable in the environment or in .env")
    except Unsealable as error:
        return _unsealable(error, here=container.sealer().key_id)
    return _judged(stored, given, settings.signing_algorithm)


async def _stored(database: Database) -> tuple[list[SigningKey], str | None]:
    """The keys, and the id of the master key.

    Not by the container's unit of work, whose way to tell of endings wants the master key.
    """
    async with SqlUnitOfWork(database, writing=False, on_endings=_nobody) as uow:
        return await uow.keys.all(), await uow.server.master_key_id()


def _nobody(tags: Sequence[str]) -> None:
    """A read ends nothing."""


def _judged(stored: Sequence[SigningKey], given: Any, alg: str) -> Finding:
    if given is not None:
        return ok(
            CHECK,
            f"JWT_PRIVATE_KEY signs (kid {given.kid}); {len(stored)} more in the database can be opened",
        )
    current = next((key for key in stored if (key.status, key.alg) == ("current", alg)), None)
    if current is None:
        return warn(
            CHECK,
            f"there is no {alg} key yet: the server makes one at its first start",
            "identity-service keys generate, or set JWT_PRIVATE_KEY",
        )
    return ok(CHECK, f"{current.alg} key {current.kid} signs; {len(stored)} in all can be opened")


def _has_master_key(settings: Settings) -> bool:
    return settings.master_key is not None or (settings.data_dir / FILE).exists()


def _without_master_key(settings: Settings, stored: Sequence[SigningKey], wanted: str | None) -> Finding:
    path = settings.data_dir / FILE
    if stored or wanted:
        return fail(
            CHECK,
            f"MASTER_KEY is missing (neither set nor in {path}), but this database was set up with one, under which "
            f"{len(stored)} keys are sealed",
            "set the MASTER_KEY that this database was used with",
        )
    return warn(
        CHECK,
        f"MASTER_KEY is not set: the server makes one in {path} at its first start",
        "set MASTER_KEY (openssl rand -base64 32), and keep it",
    )


def _unsealable(error: Unsealable, *, here: str) -> Finding:
    if error.key_id in (None, here):
        return fail(CHECK, f"a signing key in the database is damaged: {error}", "restore it from a backup")
    return _wrong_master_key(here=here, wanted=str(error.key_id))


def _wrong_master_key(*, here: str, wanted: str) -> Finding:
    return fail(
        CHECK,
        f"MASTER_KEY (key id {here}) is not the one that this database was set up with (key id {wanted})",
        "set the MASTER_KEY that this database was used with; docs/operations.md says how to change it",
    )
