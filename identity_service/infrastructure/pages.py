"""Which pages the settings ask for."""

from urllib.parse import urlsplit

from identity_service.infrastructure.config.settings import Settings, WrongSettings
from identity_service.web.pages import Pages
from identity_service.web.static import Assets, read_assets


def assets_of(settings: Settings) -> Assets:
    """The files that pages load. Raises WrongSettings where one of a deployment cannot be read."""
    try:
        return read_assets(theme_css_file=settings.theme_css_file, logo_file=settings.logo_file)
    except OSError as error:
        name = "LOGO_FILE" if error.filename == str(settings.logo_file) else "THEME_CSS_FILE"
        raise WrongSettings(f"{name}: cannot read {error.filename} ({error.strerror})") from error


def pages_of(settings: Settings, assets: Assets) -> Pages:
    """What renders the pages; the links to their files begin with the path of the issuer."""
    return Pages(
        site_name=settings.site_name, static_url=f"{urlsplit(settings.issuer).path}/static", assets=assets
    )
