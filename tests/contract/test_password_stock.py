"""What the port `PasswordStock` promises, on every database: every hash is counted, by what it was made by."""

from argon2 import PasswordHasher

from identity_service.adapters.crypto.argon2_hasher import Argon2Hasher
from identity_service.adapters.crypto.bcrypt_hasher import BcryptHasher
from identity_service.adapters.crypto.password_hasher import PasswordSchemes
from identity_service.adapters.crypto.prehash import Pepper
from identity_service.application.use_cases.users.count_hashes import HashCount
from identity_service.domain.entities.client import ClientSecret
from identity_service.infrastructure.container import new_id
from tests.house import NOW, House

PEPPER = Pepper.of("a pepper of before")
DJANGO = "pbkdf2_sha256$600000$abcdefghijkl$" + "A" * 43 + "="


def kept(stored: str, scheme: str) -> ClientSecret:
    return ClientSecret(id=new_id(), scheme=scheme, stored=stored, expires_at=None, created_at=NOW)


def count(
    owner: str, scheme: str, cost: str | None, pepper: str | None, standing: str, number: int
) -> HashCount:
    return HashCount(owner=owner, scheme=scheme, cost=cost, pepper=pepper, standing=standing, number=number)


async def test_every_hash_is_counted_by_what_it_was_made_by(house: House) -> None:
    cheap = PasswordSchemes(Argon2Hasher(memory_kib=64, passes=1))
    own = PasswordSchemes(Argon2Hasher())
    hashes = {
        "a": None,
        "b": await house.container.hasher().hash("one", address=None),
        "c": await house.container.hasher().hash("two", address=None),
        "d": PasswordSchemes(BcryptHasher(cost=5)).hash("three"),
        "e": PasswordSchemes(BcryptHasher(cost=4), pepper=PEPPER).hash("four"),
        "f": cheap.hash("five"),
        "g": BcryptHasher(cost=6).hash(b"six"),
        "h": PasswordHasher(memory_cost=64, time_cost=1, hash_len=16).hash("seven"),
        "i": DJANGO,
        "j": "{SSHA}nothing that is known",
    }
    for name, stored in hashes.items():
        await house.add_user(f"user-{name}", password_hash=stored)
    gone = await house.add_user("gone", password_hash=hashes["b"])
    async with house.container.begin() as uow:
        await uow.users.delete(gone.id)
        await uow.commit()
    await house.add_client(secrets=(kept(own.hash("brought along"), "password"),))
    await house.add_client(secrets=(kept("0" * 64, "sha256"),))

    found = await house.container.services().users.count_hashes()

    assert found[0] == count("user", "bcrypt", "4", "none", "current", 2)
    assert found[-1] == count("client", "argon2id", "m=19456,t=2,p=1", "none", "current", 1)
    assert set(found[1:-1]) == {
        count("user", "bcrypt", "5", "none", "outdated", 1),
        count("user", "bcrypt", "4", PEPPER.id, "unreadable", 1),
        count("user", "argon2id", "m=64,t=1,p=1", "none", "outdated", 1),
        count("user", "bcrypt", "6", None, "outdated", 1),
        count("user", "argon2id", None, None, "outdated", 1),
        count("user", "pbkdf2_sha256", None, None, "outdated", 1),
        count("user", "unknown", None, None, "unreadable", 1),
    }


async def test_in_an_empty_database_there_is_nothing(house: House) -> None:
    async with house.container.read() as uow:
        assert await uow.password_stock.heads() == []
