"""How passwords are hashed under these settings; part of the composition root."""

from typing import Any

from dependency_injector import containers, providers

from identity_service.adapters.crypto.argon2_hasher import Argon2Hasher
from identity_service.adapters.crypto.bcrypt_hasher import BcryptHasher
from identity_service.adapters.crypto.hashing_pool import HashingPool
from identity_service.adapters.crypto.password_hasher import PasswordSchemes, PooledPasswordHasher
from identity_service.adapters.crypto.prehash import Pepper
from identity_service.infrastructure.config.settings import Settings


def password_schemes(settings: Settings, scheme: str) -> PasswordSchemes:
    """What makes and reads stored passwords; `scheme` makes new ones."""
    current = BcryptHasher(cost=settings.bcrypt_cost) if scheme == "bcrypt" else Argon2Hasher()
    pepper = settings.password_pepper
    return PasswordSchemes(current, pepper=Pepper.of(None if pepper is None else pepper.get_secret_value()))


def hashing_pool_of(settings: Settings) -> HashingPool:
    """Where hashing happens, off the event loop."""
    return HashingPool(
        threads=settings.hashing_threads or None, max_wait_seconds=settings.hashing_max_wait_seconds
    )


class Passwords(containers.DeclarativeContainer):
    """One pool of threads, and those who hash in it: `slow_hasher` what is hashed with argon2id whatever the scheme."""

    settings: Any = providers.Dependency()

    pool = providers.Singleton(hashing_pool_of, settings)
    hasher = providers.Singleton(
        PooledPasswordHasher,
        providers.Singleton(password_schemes, settings, settings.provided.password_scheme),
        pool,
    )
    slow_hasher = providers.Singleton(
        PooledPasswordHasher, providers.Singleton(password_schemes, settings, "argon2id"), pool
    )
