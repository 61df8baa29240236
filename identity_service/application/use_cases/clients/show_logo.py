"""A client's logo, as this server keeps it, for everybody who is asked to sign in."""

import re

from identity_service.ports.repositories.logos import Logo
from identity_service.ports.unit_of_work import Read

_DIGEST = re.compile(r"[0-9a-f]{64}")


class ShowLogo:
    """Answers the picture of this digest, if some client has it."""

    def __init__(self, *, read: Read) -> None:
        self._read = read

    async def __call__(self, digest: str) -> Logo | None:
        """Raises StorageUnavailable."""
        if _DIGEST.fullmatch(digest) is None:
            return None
        async with self._read() as uow:
            return await uow.logos.get(digest)
