"""Under which name a client knows a person (OIDC Core §8)."""

from base64 import urlsafe_b64encode
from collections.abc import Callable, Collection

from identity_service.domain.entities.client import Client
from identity_service.domain.value_objects.ids import UserId
from identity_service.domain.value_objects.redirect_uri import web_host


def sector(redirect_uris: Collection[str], sector_identifier_uri: str | None) -> str | None:
    """The host that a client's pairwise subjects are made for (OIDC Core §8.1): that of its sector identifier, else the
    one host of its redirect URIs.

    None where there is no such host: several, or one that is on every machine, or none at all.
    """
    if sector_identifier_uri is not None:
        return web_host(sector_identifier_uri)
    hosts = {web_host(uri) for uri in redirect_uris}
    return hosts.pop() if len(hosts) == 1 else None


def sector_of(client: Client) -> str:
    """The sector of a client, which every client that is registered as pairwise has.

    Raises ValueError for one that has none.
    """
    found = sector(client.redirect_uris, client.sector_identifier_uri)
    if found is None:
        raise ValueError("a client without a host of its own has no sector")
    return found


def subject_for(client: Client, user_id: UserId, *, digest: Callable[[bytes], bytes]) -> str:
    """What `sub` is to this client, in every token and answer: the user's id, or for a pairwise client a name that
    tells nobody who it is, the same within the client's sector (OIDC Core §8.1).

    `digest` has a key that stays the same for ever: under another one everybody would be somebody else.
    Raises ValueError for a pairwise client without a sector.
    """
    if not client.is_pairwise:
        return user_id
    named = f"{sector_of(client)} {user_id}"  # no host has a space in it
    return urlsafe_b64encode(digest(named.encode())).rstrip(b"=").decode()
