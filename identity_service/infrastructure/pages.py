"""Which pages the settings ask for."""

from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from identity_service.infrastructure.config.settings import Settings, WrongSettings
from identity_service.web.static import Assets, read_assets

if TYPE_CHECKING:
    from identity_service.web.pages import Pages


def assets_of(settings: Settings) -> Assets:
    """The files that pages load. Raises WrongSettings where one of a deployment cannot be read."""
    try:
        return read_assets(theme_css_file=settings.theme_css_file, logo_file=settings.logo_file)
    except OSError as error:
        name = "LOGO_FILE" if error.filename == str(settings.logo_file) else "THEME_CSS_FILE"
        raise WrongSettings(f"{name}: cannot read {error.filename} ({error.strerror})") from error


def pages_of(settings: Settings, assets: Assets) -> "Callable[[], Pages]":
    """What renders the pages, made when the first is asked for: a process that only answers programs need not hold
    templates and their engine. The links to the pages' files begin with the path of the issuer."""

    @cache
    def made() -> "Pages":
        from identity_service.web.pages import Pages

        static_url = f"{urlsplit(settings.issuer).path}/static"
        return Pages(site_name=settings.site_name, static_url=static_url, assets=assets)

    return made
