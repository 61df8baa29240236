"""How passwords are hashed under these settings; part of the composition root."""

from typing import Any
from urllib.parse import urlsplit

from dependency_injector import containers, providers
from pydantic import SecretStr

from identity_service.adapters.breaches.range_folder import RangeFolder
from identity_service.adapters.breaches.range_service import RangeService
from identity_service.adapters.breaches.sorted_file import SortedFileRanges
from identity_service.adapters.crypto.argon2_hasher import Argon2Hasher
from identity_service.adapters.crypto.bcrypt_hasher import BcryptHasher
from identity_service.adapters.crypto.hashing_pool import HashingPool
from identity_service.adapters.crypto.password_hasher import PasswordSchemes, PooledPasswordHasher
from identity_service.adapters.crypto.prehash import Pepper
from identity_service.adapters.zxcvbn.appraiser import ZxcvbnAppraiser
from identity_service.application.use_cases.users.accept_password import AcceptPassword
from identity_service.domain.services.context_words import context_words
from identity_service.domain.services.password_policy import PasswordPolicy
from identity_service.infrastructure.config.settings import Settings, WrongSettings
from identity_service.ports.fetch import Fetcher
from identity_service.ports.passwords import BreachRanges


def password_schemes(settings: Settings, scheme: str) -> PasswordSchemes:
    """What makes and reads stored passwords; `scheme` makes new ones."""
    current = BcryptHasher(cost=settings.bcrypt_cost) if scheme == "bcrypt" else Argon2Hasher()
    return PasswordSchemes(
        current,
        pepper=Pepper.of(_revealed(settings.password_pepper)),
        former_peppers=[
            Pepper.of(line) for line in (_revealed(settings.password_pepper_former) or "").splitlines()
        ],
    )


def _revealed(secret: SecretStr | None) -> str | None:
    return None if secret is None else secret.get_secret_value()


def hashing_pool_of(settings: Settings) -> HashingPool:
    """Where hashing happens, off the event loop."""
    return HashingPool(
        threads=settings.hashing_threads or None, max_wait_seconds=settings.hashing_max_wait_seconds
    )


def breach_ranges(settings: Settings, fetch: Fetcher) -> BreachRanges | None:
    """Where breached passwords are looked up, if anywhere. Raises WrongSettings."""
    path = settings.password_breaches
    if path is None:
        return (
            RangeService(settings.password_breach_url, fetch=fetch) if settings.password_breach_url else None
        )
    try:
        return RangeFolder(path) if path.is_dir() else SortedFileRanges(path)
    except OSError as error:
        raise WrongSettings(f"PASSWORD_BREACHES: cannot read {path} ({error.strerror or error})") from None
    except ValueError as error:
        raise WrongSettings(f"PASSWORD_BREACHES: {error}") from None


def accept_password(settings: Settings, pool: HashingPool, breaches: BreachRanges | None) -> AcceptPassword:
    """The one judge of new passwords."""
    least = settings.password_least_strength
    return AcceptPassword(
        policy=PasswordPolicy(fewest=settings.password_min_length, least_score=least),
        appraise=ZxcvbnAppraiser(run=pool.run, blocklist=settings.password_blocklist_file, scoring=least > 0),
        breaches=breaches,
        site_words=context_words(settings.site_name, urlsplit(settings.issuer).hostname),
    )


class Passwords(containers.DeclarativeContainer):
    """One pool of threads, and those who hash in it: `slow_hasher` what is hashed with argon2id whatever the scheme."""

    settings: Any = providers.Dependency()
    fetch: Any = providers.Dependency()

    pool = providers.Singleton(hashing_pool_of, settings)
    schemes = providers.Singleton(password_schemes, settings, settings.provided.password_scheme)
    slow_schemes = providers.Singleton(password_schemes, settings, "argon2id")
    hasher = providers.Singleton(PooledPasswordHasher, schemes, pool)
    accept = providers.Singleton(
        accept_password, settings, pool, providers.Singleton(breach_ranges, settings, fetch)
    )
    slow_hasher = providers.Singleton(PooledPasswordHasher, slow_schemes, pool)
