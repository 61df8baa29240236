"""Which settings are refused in production, and which combinations everywhere."""

from identity_service.infrastructure.config.settings import Settings
from identity_service.infrastructure.config.sources import WrongSettings

THIS_MACHINE = ("localhost", "127.0.0.1", "::1")


def refuse_unsafe(settings: Settings, *, side: str, workers: int = 1) -> None:
    """Raises WrongSettings, with a line for each setting that must not be used like this."""
    found = _unsafe(settings, side, workers) if settings.environment == "production" else []
    if settings.metrics == "guarded" and settings.metrics_token is None:
        found.append("METRICS_TOKEN: wants a value where METRICS=guarded (`openssl rand -hex 32`)")
    if settings.smtp_username is not None and settings.smtp_password is None:
        found.append("SMTP_PASSWORD: wants the password of SMTP_USERNAME")
    if found:
        raise WrongSettings("\n".join(found))


def _unsafe(settings: Settings, side: str, workers: int) -> list[str]:
    rules = {
        "ISSUER: wants https in production": settings.issuer.startswith("http://"),
        "DATABASE_URL: wants a server database for several workers in production": (
            settings.embedded and workers > 1
        ),
        "MASTER_KEY: wants 32 random bytes as base64 (`openssl rand -base64 32`) in production": (
            settings.master_key is None and side != "query"
        ),
        "RATE_LIMITS: wants `on` in production": settings.rate_limits == "off",
        "FETCH_EXCEPTIONS: wants no host in production": bool(settings.fetch_exceptions),
        "SMTP_TLS: wants `starttls` or `tls` in production, unless SMTP_HOST is this machine": (
            settings.smtp_tls == "off" and settings.smtp_host not in (None, *THIS_MACHINE)
        ),
        "LOG_LEVEL: wants `info` or less talkative in production": settings.log_level == "debug",
    }
    return [line for line, broken in rules.items() if broken]


def refuse_workers(settings: Settings, workers: int) -> None:
    """Raises WrongSettings: several processes need to share what one process keeps for itself."""
    if workers < 2:
        return
    if settings.embedded:
        raise WrongSettings(
            "DATABASE_URL: several workers want a server database (postgresql://…): SQLite lets one process write "
            "at a time, and the others wait"
        )
    if not settings.redis_url:
        raise WrongSettings(
            "REDIS_URL: several workers want Redis: without it each of them counts sign-in attempts for itself, so a "
            "guesser gets as many times the attempts as there are workers"
        )
