"""Passwords: what is stored, what matches, what is outdated, what is refused without an exception (PROTOCOL
§7).
"""

import base64
import hashlib
import hmac
import logging
import unicodedata

import argon2
import bcrypt
import pytest

from identity_service.adapters.crypto.argon2_hasher import Argon2Hasher
from identity_service.adapters.crypto.bcrypt_hasher import BcryptHasher
from identity_service.adapters.crypto.hashing_pool import HashingPool
from identity_service.adapters.crypto.password_hasher import PasswordSchemes, PooledPasswordHasher
from identity_service.adapters.crypto.prehash import NO_PEPPER, Pepper, prehash
from identity_service.ports.security import Verdict

RIGHT = Verdict(matches=True, outdated=False)
OUTDATED = Verdict(matches=True, outdated=True)
WRONG = Verdict(matches=False, outdated=False)
CURRENT = {
    "bcrypt": lambda: BcryptHasher(cost=4),
    "argon2id": lambda: Argon2Hasher(memory_kib=8, passes=1, lanes=1),
}
ODD_PASSWORDS = [
    "x",
    "correct horse battery staple",
    "  spaces  ",
    "p\0q",
    "\0",
    "x" * 1_024,
    "🗝" * 1_024,
    "lone \ud800 surrogate",
]


@pytest.fixture(params=CURRENT)
def scheme(request):
    return CURRENT[request.param]()


@pytest.fixture
def counted(monkeypatch):
    """Every verification that bcrypt is asked for."""
    calls = []
    verify = bcrypt.checkpw
    monkeypatch.setattr(bcrypt, "checkpw", lambda *given: calls.append(given) or verify(*given))
    return calls


@pytest.mark.parametrize("password", ODD_PASSWORDS, ids=ascii)
def test_s7_a_password_matches_its_own_hash_and_no_other_does(scheme, password):
    schemes = PasswordSchemes(scheme)
    stored = schemes.hash(password)
    assert schemes.check(password, stored) == RIGHT
    for other in (
        "",
        password[:-1],
        password + "\0",
        password + "x",
        "y" + password[1:],
        password.swapcase() + " ",
    ):
        assert schemes.check(other, stored) == WRONG


def test_s7_what_is_hashed_is_base64_of_hmac_sha_384_under_the_pepper():
    pepper = Pepper.of("a pepper of the operator")
    expected = base64.b64encode(hmac.new(b"a pepper of the operator", b"word", hashlib.sha384).digest())
    assert prehash("word", pepper) == expected
    stored = PasswordSchemes(BcryptHasher(cost=4), pepper=pepper).hash("word")
    head, made = stored[: stored.index("$2b$")], stored[stored.index("$2b$") :]
    assert head == f"$identity$v=1,pepper={pepper.id}"
    assert bcrypt.checkpw(expected, made.encode())


def test_s7_without_a_pepper_a_fixed_constant_stands_for_it():
    assert Pepper.of(None) == Pepper.of("") == NO_PEPPER
    assert PasswordSchemes(BcryptHasher(cost=4)).hash("word").startswith("$identity$v=1,pepper=none$2b$04$")
    assert prehash("word", NO_PEPPER) == b"drlOAv399RsDIg65BLGnjVExfti3TicqAKFth5gDiTFuo5akRdZHR8NhuGY017sW"


def test_s7_nothing_is_cut_at_72_bytes():
    schemes = PasswordSchemes(BcryptHasher(cost=4))
    stored = schemes.hash("x" * 72 + "a")
    assert schemes.check("x" * 72 + "a", stored) == RIGHT
    assert schemes.check("x" * 72 + "b", stored) == WRONG
    assert schemes.check("x" * 72, stored) == WRONG


def test_s7_nul_bytes_and_trailing_nuls_count():
    schemes = PasswordSchemes(BcryptHasher(cost=4))
    stored = schemes.hash("word\0tail")
    for other in ("word", "word\0", "word\0tale", "word\0tail\0"):
        assert schemes.check(other, stored) == WRONG


def test_s7_composed_and_decomposed_spellings_are_one_password_compatible_ones_are_not():
    schemes = PasswordSchemes(BcryptHasher(cost=4))
    stored = schemes.hash("pâté ﬁn")
    assert schemes.check(unicodedata.normalize("NFD", "pâté ﬁn"), stored) == RIGHT
    assert schemes.check("pâté fin", stored) == WRONG


def test_two_hashes_of_one_password_differ(scheme):
    schemes = PasswordSchemes(scheme)
    assert schemes.hash("word") != schemes.hash("word")


@pytest.mark.parametrize(
    ("made_by", "read_by", "verdict"),
    [
        (BcryptHasher(cost=4), BcryptHasher(cost=4), RIGHT),
        (BcryptHasher(cost=4), BcryptHasher(cost=5), OUTDATED),
        (BcryptHasher(cost=5), BcryptHasher(cost=4), OUTDATED),
        (BcryptHasher(cost=4), CURRENT["argon2id"](), OUTDATED),
        (CURRENT["argon2id"](), BcryptHasher(cost=4), OUTDATED),
        (CURRENT["argon2id"](), CURRENT["argon2id"](), RIGHT),
        (CURRENT["argon2id"](), Argon2Hasher(memory_kib=9, passes=1, lanes=1), OUTDATED),
        (CURRENT["argon2id"](), Argon2Hasher(memory_kib=8, passes=2, lanes=1), OUTDATED),
        (CURRENT["argon2id"](), Argon2Hasher(memory_kib=16, passes=1, lanes=2), OUTDATED),
    ],
)
def test_s7_any_known_scheme_is_read_and_another_scheme_or_cost_is_outdated(made_by, read_by, verdict):
    stored = PasswordSchemes(made_by).hash("word")
    assert PasswordSchemes(read_by).check("word", stored) == verdict
    assert PasswordSchemes(read_by).check("wrong", stored) == WRONG


def test_s7_a_new_pepper_makes_hashes_outdated_while_the_former_one_is_known(scheme, caplog):
    old, new = Pepper.of("old pepper"), Pepper.of("new pepper")
    stored = PasswordSchemes(scheme, pepper=old).hash("word")
    assert PasswordSchemes(scheme, pepper=old).check("word", stored) == RIGHT
    assert PasswordSchemes(scheme, pepper=new, former_peppers=[old]).check("word", stored) == OUTDATED
    assert PasswordSchemes(scheme, pepper=new, former_peppers=[old]).check("wrong", stored) == WRONG
    assert PasswordSchemes(scheme, pepper=new).check("word", stored) == WRONG
    assert f"under pepper {old.id}, which is not configured" in caplog.text


def test_s7_hashes_from_before_the_first_pepper_stay_readable(scheme):
    stored = PasswordSchemes(scheme).hash("word")
    assert PasswordSchemes(scheme, pepper=Pepper.of("first")).check("word", stored) == OUTDATED


def test_a_pepper_never_prints_itself_and_its_id_tells_peppers_apart():
    pepper = Pepper.of("very secret pepper")
    assert "secret" not in repr(pepper)
    assert pepper.id != Pepper.of("very secret pepper ").id
    assert len(pepper.id) == 8


FOREIGN = [  # known answers: crypt_blowfish's and Django's own tests; $argon2id$ is made by the library
    ("U*U", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"),
    ("U*U", "$2b$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"),
    ("U*U", "$2y$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"),
    ("lètmein", "pbkdf2_sha256$12000$seasalt$Ybw8zsFxqja97tY/o6G+Fy1ksY4U/Hw3DRrGED6Up4s="),
    ("word", argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash("word")),
    ("p\0q", argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash("p\0q")),
]


@pytest.mark.parametrize(("password", "stored"), FOREIGN, ids=lambda text: ascii(text[:16]))
@pytest.mark.parametrize("current", CURRENT)
def test_s7_foreign_hashes_match_and_are_always_outdated(current, password, stored):
    schemes = PasswordSchemes(CURRENT[current](), pepper=Pepper.of("ours"))
    assert schemes.check(password, stored) == OUTDATED
    for wrong in ("", password + "x", password + "\0", password[:-1]):
        assert schemes.check(wrong, stored) == WRONG


def test_s7_a_foreign_bcrypt_hash_is_of_the_first_72_bytes_as_its_maker_cut_it():
    beyond = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
    stored = "$2a$05$abcdefghijklmnopqrstuu5s2v8.iXieOjg/.AySBTTZIIVFJeBui"  # crypt_blowfish's own test
    schemes = PasswordSchemes(BcryptHasher(cost=4))
    assert schemes.check(beyond + "chars after 72 are ignored", stored) == OUTDATED
    assert schemes.check(beyond, stored) == OUTDATED
    assert schemes.check(beyond[:-1], stored) == WRONG
    in_the_middle = bcrypt.hashpw(("a" * 71 + "é").encode()[:72], bcrypt.gensalt(4)).decode()
    assert schemes.check("a" * 71 + "é", in_the_middle) == OUTDATED


def test_s7_nul_never_matches_a_foreign_bcrypt_hash_whatever_its_maker_did_with_it():
    schemes = PasswordSchemes(BcryptHasher(cost=4))
    for made_from in (b"word", b"word\0", b"word\0tail"):
        stored = bcrypt.hashpw(made_from, bcrypt.gensalt(4)).decode()
        assert schemes.check("word\0tail", stored) == WRONG
        assert schemes.check("word\0", stored) == WRONG


# Of "word", with fixed salts: they stand in the names of tests, which two processes must agree on.
GOOD_BCRYPT = "$2b$04$abcdefghijklmnopqrstuuB/GrfUOm5dtrEiT8lcouu5XB5ftbWLi"
GOOD_ARGON2 = "$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHRzYWx0c2FsdA$kJJvAIv19cu+oslmTXwN6g9MuzzIxt6QclR+NrUmqC8"
MALFORMED = [
    "",
    " ",
    "word",
    "\0",
    "\ud800",
    "{SSHA}9xq8rKoPHjVZLyfrYpq2xbT0SF4=",
    "$1$abc$def",
    "$2x$" + GOOD_BCRYPT[4:],
    "$2b$",
    GOOD_BCRYPT[:-1],
    GOOD_BCRYPT + "x",
    GOOD_BCRYPT + "\n",
    GOOD_BCRYPT.replace("$04$", "$03$"),
    GOOD_BCRYPT.replace("$04$", "$31$"),
    GOOD_BCRYPT.replace("$04$", "$0é$"),
    "$2b$04$" + "z" * 53,
    "$argon2id$",
    GOOD_ARGON2[:-1] + "!",
    GOOD_ARGON2.rsplit("$", 1)[0] + "$AAA",
    GOOD_ARGON2.rsplit("$", 1)[0] + "$",
    GOOD_ARGON2.replace("m=8", "m=7"),
    GOOD_ARGON2.replace("m=8", "m=4194304"),
    GOOD_ARGON2.replace("t=1", "t=0"),
    GOOD_ARGON2.replace("t=1", "t=9999999"),
    GOOD_ARGON2.replace("p=1", "p=0"),
    GOOD_ARGON2.replace("p=1", "p=255"),
    GOOD_ARGON2.replace("argon2id", "argon2i"),
    "pbkdf2_sha256$",
    "pbkdf2_sha256$0$salt$Ybw8zsFxqja97tY/o6G+Fy1ksY4U/Hw3DRrGED6Up4s=",
    "pbkdf2_sha256$9999999$salt$Ybw8zsFxqja97tY/o6G+Fy1ksY4U/Hw3DRrGED6Up4s=",
    "pbkdf2_sha256$-1$salt$Ybw8zsFxqja97tY/o6G+Fy1ksY4U/Hw3DRrGED6Up4s=",
    "pbkdf2_sha256$1000$salt$Ybw8zsFxqja97tY",
    "pbkdf2_sha256$1000$salt$Ybw8zsFxqja97tY/o6G+Fy1ksY4U/Hw3DRrGED6Up4s=$more",
    "$identity$v=1,pepper=none",
    "$identity$v=2,pepper=none" + GOOD_BCRYPT,
    "$identity$v=1,pepper=NONE" + GOOD_BCRYPT,
    "$identity$v=1,pepper=none" + GOOD_BCRYPT.replace("$2b$", "$2a$"),
    "$identity$v=1,pepper=none$pbkdf2_sha256$1000$salt$Ybw8zsFxqja97tY/o6G+Fy1ksY4U/Hw3DRrGED6Up4s=",
]


def test_the_hashes_that_are_spoilt_below_are_good():
    for stored in (GOOD_BCRYPT, GOOD_ARGON2):
        assert PasswordSchemes(BcryptHasher(cost=4)).check("word", stored) == OUTDATED


@pytest.mark.parametrize("stored", MALFORMED, ids=ascii)
def test_s7_an_unknown_or_malformed_hash_is_no_match_and_one_log_line_without_it(stored, caplog, counted):
    schemes = PasswordSchemes(BcryptHasher(cost=4))
    with caplog.at_level(logging.DEBUG):
        assert schemes.check("word", stored) == WRONG
    (record,) = caplog.records
    assert record.getMessage().startswith("a stored password hash cannot be read and matches nothing: ")
    assert "word" not in record.getMessage().removeprefix("a stored password")
    assert not any(part in caplog.text for part in stored.split("$")[2:] if len(part) > 12)
    assert counted[-1][1].startswith(b"$2b$04$"), "it costs what an unknown user costs"


def test_s7_an_unknown_user_costs_one_hash_of_the_current_scheme_and_cost(counted):
    schemes = PasswordSchemes(BcryptHasher(cost=5))
    counted.clear()
    assert schemes.check("word", None) == WRONG
    assert [encoded[:7] for _, encoded in counted] == [b"$2b$05$"]
    assert len(counted[0][0]) == 64


def test_s7_an_unknown_user_under_argon2id_costs_argon2id(monkeypatch):
    asked = []
    monkeypatch.setattr(
        "identity_service.adapters.crypto.argon2_hasher.verify_secret",
        lambda encoded, secret, kind: asked.append(encoded) or False,
    )
    assert PasswordSchemes(Argon2Hasher(memory_kib=16, passes=3, lanes=2)).check("word", None) == WRONG
    assert [encoded[:30] for encoded in asked] == [b"$argon2id$v=19$m=16,t=3,p=2$AA"]


@pytest.mark.parametrize("current", CURRENT)
def test_what_stands_for_an_unknown_user_is_a_well_formed_hash(current, caplog):
    assert PasswordSchemes(CURRENT[current]()).check("", None) == WRONG
    assert not CURRENT[current]().verify(b"", CURRENT[current]().unmatchable())
    assert not caplog.records


@pytest.mark.parametrize("cost", [3, 17, 0, -4])
def test_a_bcrypt_cost_out_of_range_is_refused_at_start(cost):
    with pytest.raises(ValueError, match="must be 4 to 16"):
        BcryptHasher(cost=cost)


@pytest.mark.parametrize(
    "parameters",
    [
        {"memory_kib": 7},
        {"memory_kib": 1 << 21},
        {"passes": 0},
        {"passes": 1_000},
        {"lanes": 0},
        {"lanes": 17},
    ],
)
def test_argon2id_parameters_out_of_range_are_refused_at_start(parameters):
    with pytest.raises(ValueError, match=r"argon2id: .* allowed"):
        Argon2Hasher(**parameters)


def test_the_defaults_are_bcrypt_12_and_owasp_argon2id():
    assert BcryptHasher().unmatchable().startswith("$2b$12$")
    assert Argon2Hasher().unmatchable().startswith("$argon2id$v=19$m=19456,t=2,p=1$")


@pytest.fixture
async def hasher():
    pool = HashingPool(threads=1)
    yield PooledPasswordHasher(PasswordSchemes(BcryptHasher(cost=4)), pool)
    await pool.close()


async def test_the_pooled_hasher_hashes_and_verifies(hasher):
    stored = await hasher.hash("word", address="192.0.2.1")
    assert await hasher.verify("word", stored, address="192.0.2.1") == RIGHT
    assert await hasher.verify("wrong", stored, address=None) == WRONG
    assert await hasher.verify("word", None, address=None) == WRONG


async def test_s7_over_1024_characters_is_no_match_without_hashing(hasher, counted):
    longest, longer = "x" * 1_024, "x" * 1_025
    stored = await hasher.hash(longest, address=None)
    assert await hasher.verify(longest, stored, address=None) == RIGHT
    counted.clear()
    assert await hasher.verify(longer, stored, address=None) == WRONG
    assert await hasher.verify(longer, None, address=None) == WRONG
    assert counted == []
    with pytest.raises(ValueError, match="more than 1024 characters"):
        await hasher.hash(longer, address=None)
