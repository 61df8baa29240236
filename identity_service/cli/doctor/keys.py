"""Can the keys be opened, with the master key that is set, and is everything under it?"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from identity_service.adapters.crypto.data_key_ring import HeldDataKeys
from identity_service.adapters.crypto.key_encryption import LocalKeyEncryption
from identity_service.adapters.sql.database import Database
from identity_service.adapters.sql.unit_of_work import SqlUnitOfWork
from identity_service.application.use_cases.keys.sealing import PURPOSE
from identity_service.cli.doctor.finding import Finding, fail, ok, warn
from identity_service.domain.entities.data_key import DataKey
from identity_service.domain.entities.signing_key import SigningKey
from identity_service.infrastructure.config.master_key import FILE
from identity_service.infrastructure.config.settings import Settings, WrongSettings
from identity_service.ports.security import Unsealable

CHECK = "keys"
CORRECT = "correct the variable in the environment or in .env"
RESTORE = "restore it from a backup"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stored:
    """What the database holds. `stale` secrets are sealed with another key than the current data key."""

    signing: Sequence[SigningKey]
    data: Sequence[DataKey]
    wanted: str | None
    stale: int


async def check_keys(container: Any) -> Finding:
    """Judges the master key by what was wrapped and sealed under it; makes neither a master key nor any other."""
    settings = container.settings()
    stored = await _stored(container.database())
    if not _has_master_key(settings):
        return _without_master_key(settings, stored)
    try:
        encryption, given = container.key_encryption(), container.signing_keys.given()
        await _open_all(encryption, stored)
    except WrongSettings as error:
        return fail(CHECK, str(error), CORRECT)
    except Unsealable as error:
        return _unsealable(error, stored, known=(encryption.key_id, *encryption.former_ids))
    return _changing(encryption, stored) or _judged(stored.signing, given, settings, encryption)


async def _stored(database: Database) -> _Stored:
    """Not by the container's unit of work, whose way to tell of endings wants the master key."""
    async with SqlUnitOfWork(database, writing=False, on_endings=_nobody) as uow:
        data = await uow.data_keys.all()
        current = next((key.id for key in data if key.current and key.purpose == "seal"), None)
        stale = (
            0 if current is None else sum([await kind.count_stale(current) for kind in uow.sealed_records])
        )
        return _Stored(
            signing=await uow.keys.all(), data=data, wanted=await uow.server.master_key_id(), stale=stale
        )


def _nobody(tags: Sequence[str]) -> None:
    """A read ends nothing."""


async def _open_all(encryption: LocalKeyEncryption, stored: _Stored) -> None:
    """Raises Unsealable."""
    if stored.wanted not in (None, encryption.key_id, *encryption.former_ids):
        raise Unsealable("another master key", key_id=stored.wanted)
    ring = HeldDataKeys(encryption.direct)
    opened = {key.id: await encryption.unwrap(key.wrapped, context=key.context) for key in stored.data}
    current = {key.purpose: key.id for key in stored.data if key.current}
    if "seal" in current:
        ring.take(opened, sealing=current["seal"], digesting=current.get("digest", ""))
    for key in stored.signing:
        ring.open(key.sealed, purpose=PURPOSE, context=key.kid)


def _changing(encryption: LocalKeyEncryption, stored: _Stored) -> Finding | None:
    wrapped = sum(key.wrapped_by != encryption.key_id for key in stored.data)
    if not wrapped and not stored.stale:
        return None
    return warn(
        CHECK,
        f"{wrapped} of {len(stored.data)} data keys and {stored.stale} secrets are not under MASTER_KEY (key id "
        f"{encryption.key_id}) yet",
        "the leading server sees to it within a minute, or `identity-service keys reseal`; keep MASTER_KEY_FORMER "
        "until then",
    )


def _judged(
    stored: Sequence[SigningKey], given: Any, settings: Settings, encryption: LocalKeyEncryption
) -> Finding:
    rest = "; nothing needs MASTER_KEY_FORMER any more" if encryption.former_ids else ""
    if given is not None:
        return ok(
            CHECK,
            f"JWT_PRIVATE_KEY signs (kid {given.kid}); {len(stored)} more in the database can be opened{rest}",
        )
    alg = settings.signing_algorithm
    current = next((key for key in stored if (key.status, key.alg) == ("current", alg)), None)
    if current is None:
        return warn(
            CHECK,
            f"there is no {alg} key yet: the server makes one at its first start",
            "identity-service keys generate, or set JWT_PRIVATE_KEY",
        )
    return ok(CHECK, f"{current.alg} key {current.kid} signs; {len(stored)} in all can be opened{rest}")


def _has_master_key(settings: Settings) -> bool:
    return settings.master_key is not None or (settings.data_dir / FILE).exists()


def _without_master_key(settings: Settings, stored: _Stored) -> Finding:
    path = settings.data_dir / FILE
    if stored.signing or stored.data or stored.wanted:
        return fail(
            CHECK,
            f"MASTER_KEY is missing (neither set nor in {path}), but this database was set up with one, under which "
            f"{len(stored.signing)} keys are sealed",
            "set the MASTER_KEY that this database was used with",
        )
    return warn(
        CHECK,
        f"MASTER_KEY is not set: the server makes one in {path} at its first start",
        "set MASTER_KEY (openssl rand -base64 32), and keep it",
    )


def _unsealable(error: Unsealable, stored: _Stored, *, known: Sequence[str]) -> Finding:
    """`known` are the ids of the master keys that are set, the current one first."""
    if error.key_id in (None, *known, *(key.id for key in stored.data)):
        return fail(CHECK, f"a key in the database is damaged: {error}", RESTORE)
    return fail(
        CHECK,
        f"MASTER_KEY (key id {known[0]}) is not the one that this database was set up with (key id {error.key_id})",
        "set the MASTER_KEY that this database was used with; docs/operations.md says how to change it",
    )
