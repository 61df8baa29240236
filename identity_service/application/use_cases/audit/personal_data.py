"""What events say of people as persons is sealed, each under a key of its subject that can be destroyed."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from identity_service.application.use_cases.audit.keys import AuditKeyring
from identity_service.ports.repositories.audit_log import Waiting
from identity_service.ports.security import KeyedDigest, Sealer, Unsealable
from identity_service.ports.unit_of_work import UnitOfWork

SALT_BYTES = 32
NOBODY = ""
"""The subject of what was typed in by somebody who is not known."""
_IN_THE_CLEAR = b"{"
"""How JSON begins, and nothing that was sealed."""


class PersonalData:
    """A subject's key is derived from one key of the whole log and a random salt of the subject.

    - Without the salt nothing of the subject can be read any more, while what the chain commits to, the sealed bytes,
      stays as it was.
    - The key of the log is sealed under the master key, so another master key changes no sealed bytes.
    """

    def __init__(
        self,
        *,
        keyring: AuditKeyring,
        digest_under: Callable[[bytes], KeyedDigest],
        sealer_under: Callable[[bytes], Sealer],
        random: Callable[[int], bytes],
    ) -> None:
        """`digest_under` and `sealer_under` make one for a key of 32 bytes."""
        self._keyring = keyring
        self._digest_under = digest_under
        self._sealer_under = sealer_under
        self._random = random

    async def seal(self, uow: UnitOfWork, waiting: Sequence[Waiting]) -> Mapping[str, bytes]:
        """By the id of the event: what takes the place of its personal data. Raises Unsealable (another master key)."""
        clear = {each.entry.id: each for each in waiting if each.personal is not None}
        if not clear:
            return {}
        subjects = {each.entry.subject or NOBODY for each in clear.values()}
        sealers = await self._sealers(uow, subjects)
        return {
            id_: _sealed(sealers[each.entry.subject or NOBODY], each.personal or b"", id_)
            for id_, each in clear.items()
        }

    async def open(
        self, uow: UnitOfWork, stored: Sequence[tuple[str, str | None, bytes | None]]
    ) -> Mapping[str, Mapping[str, Any]]:
        """The members by the id of their event, of these (event id, subject, data as stored); those that were erased
        are left out. Raises Unsealable (another master key)."""
        there = [(id_, subject or NOBODY, data) for id_, subject, data in stored if data is not None]
        sealed = {subject for _, subject, data in there if not data.startswith(_IN_THE_CLEAR)}
        sealers = await self._known_sealers(uow, sealed)
        opened = ((id_, _opened(sealers.get(subject), data, id_)) for id_, subject, data in there)
        return {id_: members for id_, members in opened if members is not None}

    async def _sealers(self, uow: UnitOfWork, subjects: set[str]) -> dict[str, Sealer]:
        salts = await uow.subject_salts.get(subjects)
        if missing := subjects - salts.keys():
            await uow.subject_salts.add({subject: self._random(SALT_BYTES) for subject in sorted(missing)})
            salts = await uow.subject_salts.get(subjects)
        key = (await self._keyring.get(uow, "personal_data")).private
        return self._of(key, salts)

    async def _known_sealers(self, uow: UnitOfWork, subjects: set[str]) -> dict[str, Sealer]:
        key = await self._keyring.known(uow, "personal_data") if subjects else None
        return {} if key is None else self._of(key.private, await uow.subject_salts.get(subjects))

    def _of(self, key: bytes, salts: Mapping[str, bytes]) -> dict[str, Sealer]:
        digest = self._digest_under(key)
        return {
            subject: self._sealer_under(digest.mac("subject", subject.encode(), salt))
            for subject, salt in salts.items()
        }


def _sealed(sealer: Sealer, data: bytes, event_id: str) -> bytes:
    """Data that is sealed already stays as it is: a log that is chained anew has such."""
    if not data.startswith(_IN_THE_CLEAR):
        return data
    return sealer.seal(data, purpose="personal-data", context=event_id)


def _opened(sealer: Sealer | None, data: bytes, event_id: str) -> Mapping[str, Any] | None:
    if not data.startswith(_IN_THE_CLEAR):
        if sealer is None:
            return None
        try:
            data = sealer.open(data, purpose="personal-data", context=event_id)
        except (
            Unsealable
        ):  # under a salt that was destroyed, or somebody changed it: `audit verify` tells them apart
            return None
    members: Mapping[str, Any] = json.loads(data)
    return members
