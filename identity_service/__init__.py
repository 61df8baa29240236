"""An OAuth 2 / OpenID Connect authorization server."""

__version__ = "0.1.0"
