"""Which places of networks the settings name."""

from identity_service.adapters.places.network_file import NetworkFile, UnusablePlaces
from identity_service.infrastructure.config.settings import Settings, WrongSettings


def places_of(settings: Settings) -> NetworkFile:
    """Without a file nobody knows where an address is. Raises WrongSettings."""
    path = settings.places_file
    if path is None:
        return NetworkFile({})
    try:
        return NetworkFile.read(path)
    except OSError as error:
        raise WrongSettings(f"PLACES_FILE: cannot read {path} ({error.strerror})") from error
    except UnusablePlaces as error:
        raise WrongSettings(f"PLACES_FILE: {path} cannot be used: {error}") from error
