"""The part of the composition root that decides how anything is fetched."""

import ssl

from identity_service.adapters.http_client.guarded import GuardedFetcher
from identity_service.infrastructure.config.settings import Settings, WrongSettings


def fetcher_of(settings: Settings) -> GuardedFetcher:
    """The one fetcher of a process. Raises WrongSettings for authorities that cannot be read."""
    if settings.fetch_ca_file is not None:
        try:
            ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cafile=settings.fetch_ca_file)
        except OSError as error:  # ssl.SSLError is one
            raise WrongSettings(
                f"FETCH_CA_FILE: cannot read certificates in {settings.fetch_ca_file} ({error.strerror or 'no PEM'})"
            ) from None
    return GuardedFetcher(
        exceptions=settings.fetch_exceptions,
        ca_file=settings.fetch_ca_file,
        timeout_seconds=settings.fetch_timeout_seconds,
    )
