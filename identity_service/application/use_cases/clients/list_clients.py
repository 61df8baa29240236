"""Which clients there are, page by page."""

from dataclasses import dataclass

from identity_service.application.cursors import Cursors, Page, check_limit, check_sort
from identity_service.application.dto.client_view import ClientView
from identity_service.domain.entities.client import Client
from identity_service.ports.repositories.clients import ClientQuery
from identity_service.ports.unit_of_work import Read

SORTS = ("created_at", "client_name")


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientListing:
    """Exact filters (None: any), order (`-` in front: descending), place and size of the page."""

    client_name: str | None = None
    active: bool | None = None
    self_registered: bool | None = None
    sort: str = "created_at"
    limit: int = 50
    cursor: str | None = None


class ListClients:
    """Lists clients."""

    def __init__(self, *, read: Read, cursors: Cursors) -> None:
        self._read = read
        self._cursors = cursors

    async def __call__(self, order: ClientListing) -> Page[ClientView]:
        """Raises Unacceptable(`limit` | `sort` | `cursor`)."""
        check_limit(order.limit)
        check_sort(order.sort, SORTS)
        question = {
            "of": "clients",
            "sort": order.sort,
            "client_name": order.client_name,
            "active": order.active,
            "self_registered": order.self_registered,
        }
        query = ClientQuery(
            sort=order.sort,
            limit=order.limit + 1,  # one more tells whether there is a next page
            after=self._cursors.read(question, order.cursor),
            active=order.active,
            client_name=order.client_name,
            self_registered=order.self_registered,
        )
        async with self._read() as uow:
            found = await uow.clients.page(query)
        shown = found[: order.limit]
        more = len(found) > order.limit
        return Page(
            tuple(map(ClientView.of, shown)),
            self._cursors.make(question, _place(order.sort, shown[-1])) if more else None,
        )


def _place(sort: str, client: Client) -> tuple[str, str]:
    by_name = sort.removeprefix("-") == "client_name"
    return (client.client_name if by_name else client.created_at.isoformat(), client.client_id)
