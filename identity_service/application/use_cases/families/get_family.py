"""One token family."""

from identity_service.application.dto.family_view import FamilyView
from identity_service.domain.refusals import NotFound
from identity_service.domain.value_objects.ids import FamilyId, is_uuid
from identity_service.ports.unit_of_work import Read


class GetFamily:
    """Shows a family, a dead one too until it is purged."""

    def __init__(self, *, read: Read) -> None:
        self._read = read

    async def __call__(self, family_id: str) -> FamilyView:
        """Raises NotFound."""
        if not is_uuid(family_id):
            raise NotFound
        async with self._read() as uow:
            record = await uow.family_desk.get(FamilyId(family_id))
        if record is None:
            raise NotFound
        return FamilyView.of(record)
