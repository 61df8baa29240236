"""In which order the doctor looks, and what cannot be looked at when something before it is broken."""

from typing import Any

from identity_service.cli.doctor.audit import check_audit
from identity_service.cli.doctor.certificate import check_certificate
from identity_service.cli.doctor.finding import Finding, Status, fail, ok, warn
from identity_service.cli.doctor.issuer import check_issuer
from identity_service.cli.doctor.keys import check_keys
from identity_service.cli.doctor.limits import check_limits
from identity_service.cli.doctor.mail import check_mail
from identity_service.cli.doctor.outbound import check_fetching, check_outbox
from identity_service.cli.doctor.passwords import check_passwords
from identity_service.cli.doctor.redis import check_redis
from identity_service.cli.doctor.storage import check_clock, check_database, check_migrations
from identity_service.infrastructure.config.production import refuse_unsafe
from identity_service.infrastructure.config.settings import Settings, WrongSettings, load_settings
from identity_service.infrastructure.container import Container
from identity_service.ports.unit_of_work import StorageUnavailable

LOOKED_AT = ("clock", "migrations", "keys", "passwords", "outbox", "audit")
"""What can be looked at only in a database."""


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
            *check_configuration(settings),
            *await _stored(container),
            await check_redis(settings),
            check_limits(settings),
            check_fetching(settings),
            check_certificate(settings),
            await check_mail(settings, container.mail.smtp()),
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
            findings.append(await check_passwords(container))
            findings.append(await check_outbox(container.database()))
            findings.append(await check_audit(container.database(), container.settings()))
    except StorageUnavailable as error:
        findings.append(fail("database", f"it went away meanwhile: {error}", "run the doctor again"))
    found = {finding.check for finding in findings}
    return findings + [_unknown(name) for name in LOOKED_AT if name not in found]


def _unknown(name: str) -> Finding:
    return warn(name, "not checked: the database cannot be used", "mend what fails above first")


def check_configuration(settings: Settings) -> list[Finding]:
    """What a start refuses here; what production refuses is told beforehand."""
    if lines := _refused(settings):
        return [
            fail("configuration", line, "correct the variable in the environment or in .env")
            for line in lines
        ]
    later = _refused(settings.model_copy(update={"environment": "production"}))
    refused = ", ".join(line.partition(":")[0] for line in later)
    return [
        ok(
            "configuration",
            settings.environment + (f"; production would refuse {refused}" if refused else ""),
        )
    ]


def _refused(settings: Settings) -> list[str]:
    try:
        refuse_unsafe(settings, side=settings.side)
    except WrongSettings as error:
        return str(error).splitlines()
    return []
