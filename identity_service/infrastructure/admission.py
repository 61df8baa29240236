"""How requests are counted on their way in. The container hands in what is below."""

import time
from pathlib import Path
from typing import Any

from dependency_injector import containers, providers

from identity_service.application.admission.admission import Admission, Tally
from identity_service.application.admission.policy_in_use import PolicyInUse
from identity_service.application.admission.shares import Shares
from identity_service.application.workers.policy_watch import PolicyWatch
from identity_service.application.workers.spoofing import SpoofingWatch
from identity_service.domain.services.quota_policy import QuotaPolicy, built_in_policy, parse_policy
from identity_service.infrastructure.config.settings import Settings, WrongSettings


def policy_of(settings: Settings) -> QuotaPolicy:
    """What the file says, or what holds without one. Raises WrongSettings."""
    path = settings.rate_limit_policy_file
    if path is None:
        return built_in_policy()
    try:
        return parse_policy(read_policy(path))
    except (OSError, ValueError) as error:
        raise WrongSettings(f"RATE_LIMIT_POLICY_FILE: {error}") from None


def read_policy(path: Path) -> str:
    """The file as it is. Raises OSError, ValueError."""
    return path.read_text(encoding="utf-8")


def _watch(settings: Settings, policy: PolicyInUse) -> PolicyWatch | None:
    path = settings.rate_limit_policy_file
    if path is None or settings.rate_limits == "off":
        return None
    return PolicyWatch(policy, lambda: read_policy(path))


class AdmissionParts(containers.DeclarativeContainer):
    """Policy, counts, who asks them, and who lied about their address. Knows no adapter."""

    settings: Any = providers.Dependency()
    quotas: Any = providers.Dependency()
    begin: Any = providers.Dependency()

    tally = providers.Singleton(Tally)
    policy = providers.Singleton(PolicyInUse, providers.Singleton(policy_of, settings))
    admission = providers.Singleton(Admission, quotas=quotas, policy=policy, tally=tally)
    shares = providers.Singleton(
        Shares,
        endpoint="introspect",
        quotas=quotas,
        policy=policy,
        tally=tally,
        clock=providers.Object(time.monotonic),
    )
    watch = providers.Singleton(_watch, settings, policy)
    spoofing = providers.Singleton(SpoofingWatch, begin=begin, clock=providers.Object(time.monotonic))
