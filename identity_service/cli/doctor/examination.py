"""In which order the doctor looks, and what cannot be looked at when something before it is broken."""

from typing import Any

from identity_service.cli.doctor.finding import Finding, Status, fail, ok, warn
from identity_service.cli.doctor.issuer import check_issuer
from identity_service.cli.doctor.keys import check_keys
from identity_service.cli.doctor.redis import check_redis
from identity_service.cli.doctor.storage import check_clock, check_database, check_migrations
from identity_service.infrastructure.config.settings import Settings, WrongSettings, load_settings
from identity_service.infrastructure.container import Container
from identity_service.ports.unit_of_work import StorageUnavailable


async def examine(url: str | None) -> list[Finding]:
    """Every finding, in the order they are looked for. Never raises for what it is to find."""
    try:
        settings = load_settings()
    except WrongSettings as error:
        mend = "correct the variable in the environment or in .env; nothing else can be checked before"
        return [fail("configuration", line, mend) for line in str(error).splitlines()]
    container = Container(settings=settings)
    try:
        return [
            check_configuration(settings),
            *await _stored(container),
            await check_redis(settings),
            await check_issuer(settings.issuer, url),
        ]
    finally:
        await container.hashing_pool().close()
        await container.database().close()


async def _stored(container: Any) -> list[Finding]:
    findings = [await check_database(container.database())]
    try:
        if findings[-1].status is not Status.FAIL:
            findings.append(await check_clock(container.database()))
            findings.append(await check_migrations(container.migrations()))
        if findings[-1].status is not Status.FAIL:
            findings.append(await check_keys(container))
    except StorageUnavailable as error:
        findings.append(fail("database", f"it went away meanwhile: {error}", "run the doctor again"))
    found = {finding.check for finding in findings}
    return findings + [_unknown(name) for name in ("clock", "migrations", "keys") if name not in found]


def _unknown(name: str) -> Finding:
    return warn(name, "not checked: the database cannot be used", "mend what fails above first")


def check_configuration(settings: Settings) -> Finding:
    """What `production` refuses was refused when the settings were read; here it is told beforehand."""
    if settings.environment == "production":
        return ok("configuration", "production")
    unsafe = [name for name, is_unsafe in _not_for_production(settings).items() if is_unsafe]
    text = "development"
    return ok("configuration", f"{text}; production would refuse {', '.join(unsafe)}" if unsafe else text)


def _not_for_production(settings: Settings) -> dict[str, bool]:
    return {
        f"ISSUER={settings.issuer} (wants https)": not settings.issuer.startswith("https://"),
        "a MASTER_KEY that nobody set": settings.master_key is None,
        "RATE_LIMITS=off": settings.rate_limits == "off",
    }
