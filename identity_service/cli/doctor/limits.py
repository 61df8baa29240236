"""Are requests counted, and against which quotas?"""

from identity_service.cli.doctor.finding import Finding, ok, warn
from identity_service.infrastructure.admission import policy_of
from identity_service.infrastructure.config.settings import Settings


def check_limits(settings: Settings) -> Finding:
    """A file that is broken is a fault of the configuration, which is looked at before."""
    if settings.rate_limits == "off":
        return warn("limits", "RATE_LIMITS=off: nobody is ever asked to wait", "set RATE_LIMITS=on")
    policy = policy_of(settings)
    path = settings.rate_limit_policy_file
    source = "built in" if path is None else f"from {path}"
    tiers = f", tiers: {', '.join(policy.tiers)}" if policy.tiers else ""
    if not policy.quotas:
        return warn("limits", f"there are no quotas in {path}", "`identity-service limits template` has some")
    return ok("limits", f"{len(policy.quotas)} quotas, {source}{tiers}")
