"""All of a person's tokens end by order from outside (draft-parecki-oauth-global-token-revocation)."""

from dataclasses import dataclass, replace
from typing import Literal

from identity_service.application.use_cases.sessions.sign_out_everywhere import SignOutEverywhere
from identity_service.domain.entities.user import User
from identity_service.domain.refusals import NotFound
from identity_service.domain.services.access_policy import Actor
from identity_service.domain.value_objects.ids import UserId, is_uuid
from identity_service.domain.value_objects.invalid_name import InvalidName
from identity_service.ports.names import AccountNames
from identity_service.ports.unit_of_work import Read, UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class GlobalRevocation:
    """Whose tokens end, as RFC 9493 §3.2 names people: `value` is the id (`opaque`), the subject at `iss` (`iss_sub`),
    or the address (`email`)."""

    by: Actor
    format: Literal["opaque", "iss_sub", "email"]
    value: str
    iss: str | None = None


class RevokeGlobally:
    """Signs a person out everywhere, by whichever name the caller knows them.

    - Administrators, too: whoever may give this order was given that right by one, and it gives nobody anything.
    - An address is a name only once its owner has proved it; a pairwise subject is none, for the client alone knows it.
    - Nothing is issued again until the person has signed in anew (§ "Revocation Expectations").
    """

    def __init__(
        self, *, read: Read, names: AccountNames, sign_out_everywhere: SignOutEverywhere, issuer: str
    ) -> None:
        self._read = read
        self._names = names
        self._sign_out_everywhere = sign_out_everywhere
        self._issuer = issuer

    async def __call__(self, order: GlobalRevocation) -> None:
        """Raises NotFound."""
        async with self._read() as uow:
            user = await self._user(uow, order)
        if user is None:
            raise NotFound
        await self._sign_out_everywhere(user.id, by=replace(order.by, administers=True))

    async def _user(self, uow: UnitOfWork, order: GlobalRevocation) -> User | None:
        if order.format == "email":
            return await self._by_address(uow, order.value)
        foreign = order.format == "iss_sub" and order.iss != self._issuer
        return None if foreign or not is_uuid(order.value) else await uow.users.get(UserId(order.value))

    async def _by_address(self, uow: UnitOfWork, address: str) -> User | None:
        try:
            key = self._names.email(address).key
        except InvalidName:
            return None
        return await uow.users.by_verified_email(key)
