"""Settings: what people see on the pages where they sign in."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings


class PagesSettings(BaseSettings):
    """Pages"""

    site_name: str = Field(
        "identity-service", description="What this server is called on its pages.", max_length=100
    )
    theme_css_file: Path | None = Field(
        None,
        description="A style sheet that sets what of `identity_service/web/static/theme.css` shall be different, for "
        "light and for dark mode.",
    )
    logo_file: Path | None = Field(
        None, description="A picture (.svg or .png) that stands on the pages instead of SITE_NAME."
    )
