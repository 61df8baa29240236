"""Another master key takes the place of the one that the database was set up with."""

from dataclasses import dataclass

from identity_service.application.use_cases.audit.keys import USES, AuditKeyring
from identity_service.application.use_cases.keys.sealing import KeySealing, wrong_master_key
from identity_service.domain.entities.event import KeysChanged
from identity_service.ports.security import Sealer
from identity_service.ports.tokens.key_ring import KeyMaker
from identity_service.ports.unit_of_work import Begin, UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyReseal:
    """`former` seals under the master key that the database was set up with."""

    former: Sealer
    by: str


class ResealKeys:
    """Seals every signing key, and those of the audit log, under the master key of this process, and makes that the
    database's, or changes nothing.

    The signing keys stay the same, and so do all tokens. A refresh token that was spent within the last seconds
    cannot be repeated any more, and cursors of listings end: both hang on the master key itself.
    """

    def __init__(self, *, begin: Begin, sealing: KeySealing, maker: KeyMaker, audit: AuditKeyring) -> None:
        self._begin = begin
        self._sealing = sealing
        self._maker = maker
        self._audit = audit

    async def __call__(self, order: KeyReseal) -> int:
        """How many keys were sealed anew.

        Raises KeysUnreadable when `former` is not the key of this database or a key is damaged, StorageUnavailable.
        """
        former, here = order.former.key_id, self._sealing.key_id
        async with self._begin() as uow:
            if not await uow.server.change_master_key(former, here):
                raise wrong_master_key(here=former, wanted=str(await uow.server.master_key_id()))
            number = await self._reseal(uow, KeySealing(sealer=order.former, maker=self._maker))
            number += await self._reseal_audit(uow, order.former)
            uow.events.add(KeysChanged(by=order.by, kid=here, change="sealed under another master key"))
            await uow.commit()
        return number

    async def _reseal(self, uow: UnitOfWork, former: KeySealing) -> int:
        keys = await uow.keys.all()
        for key in keys:
            sealed = self._sealing.seal(former.open(key), status=key.status).sealed
            await uow.keys.reseal(key.kid, sealed)
        return len(keys)

    async def _reseal_audit(self, uow: UnitOfWork, former: Sealer) -> int:
        keys = [key for use in USES if (key := await uow.audit_keys.get(use)) is not None]
        for key in keys:
            await uow.audit_keys.reseal(self._audit.resealed(key, former))
        return len(keys)
