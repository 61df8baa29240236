"""Under which name a client knows a person (OIDC Core §8)."""

from collections.abc import Collection

from identity_service.domain.value_objects.redirect_uri import web_host


def sector(redirect_uris: Collection[str], sector_identifier_uri: str | None) -> str | None:
    """The host that a client's pairwise subjects are made for (OIDC Core §8.1): that of its sector identifier, else the
    one host of its redirect URIs.

    None where there is no such host: several, or one that is on every machine, or none at all. What the sector
    identifier answers is not asked for, so clients share a sector only as those who register them say.
    """
    if sector_identifier_uri is not None:
        return web_host(sector_identifier_uri)
    hosts = {web_host(uri) for uri in redirect_uris}
    return hosts.pop() if len(hosts) == 1 else None
