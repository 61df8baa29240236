"""Keys: made, read as ssh-keygen and openssl write them, refused when weak or wrong, named and published."""

import base64
import itertools
import subprocess

import pytest
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, rsa, x25519
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from joserfc.jwk import ECKey, OKPKey, RSAKey

from identity_service.adapters.jwt import jwk as keys
from identity_service.adapters.jwt.algorithms import ALGORITHMS
from identity_service.adapters.jwt.encoding import from_base64url, to_base64url
from identity_service.adapters.jwt.jws import VerificationKey

PEERS = {"RSA": RSAKey, "EC": ECKey, "OKP": OKPKey}
TRADITIONAL, PKCS8 = PrivateFormat.TraditionalOpenSSL, PrivateFormat.PKCS8


def pem(key, form=PKCS8, encryption=None):
    return key.private_bytes(Encoding.PEM, form, encryption or NoEncryption()).decode()


def public_pem(key, form=PublicFormat.SubjectPublicKeyInfo):
    return key.public_key().public_bytes(Encoding.PEM, form).decode()


def in_base64(text):
    return base64.b64encode(text.encode()).decode()


@pytest.fixture(scope="session")
def small():
    return rsa.generate_private_key(65537, 1024)  # noqa: S505 - the weak key that must be refused


@pytest.fixture(params=ALGORITHMS)
def each(request, signing_keys):
    return signing_keys[request.param]


@pytest.fixture
def rsa_key(signing_keys):
    return signing_keys["RS256"].private_key


@pytest.mark.parametrize("bits", [2048, 2056])
def test_s3_an_rsa_key_has_the_bits_asked_for(bits):
    made = keys.generate_private_key("RS256", bits=bits)
    assert (made.key_size, made.public_key().public_numbers().e) == (bits, 65537)


@pytest.mark.parametrize(
    ("alg", "bits"), [("RS256", 2047), ("PS256", 1024), ("HS256", 2048), ("none", 2048), ("", 2048)]
)
def test_s3_no_key_is_made_under_2048_bits_or_for_a_foreign_algorithm(alg, bits):
    with pytest.raises(ValueError, match=r"at least 2048 bits|is none of RS256"):
        keys.generate_private_key(alg, bits=bits)


@pytest.mark.parametrize(
    "wrap",
    [
        str,
        in_base64,
        lambda text: f"\n {text} ",
        lambda text: in_base64(text)[:60] + "\n" + in_base64(text)[60:],
    ],
)
@pytest.mark.parametrize("form", [TRADITIONAL, PKCS8])
def test_s3_an_rsa_key_is_read_from_pkcs1_and_pkcs8_plain_and_in_base64(rsa_key, form, wrap):
    assert keys.to_pkcs8(keys.load_private_key(wrap(pem(rsa_key, form)))) == keys.to_pkcs8(rsa_key)


@pytest.mark.parametrize("name", ["ES256", "EdDSA"])
def test_the_other_key_types_are_read_too(signing_keys, name):
    key = signing_keys[name].private_key
    assert keys.to_pkcs8(keys.load_private_key(in_base64(pem(key)))) == keys.to_pkcs8(key)


@pytest.mark.parametrize("wrap", [str, in_base64])
@pytest.mark.parametrize("form", [PublicFormat.SubjectPublicKeyInfo, PublicFormat.PKCS1])
def test_s3_the_public_key_is_read_and_must_belong_to_the_private_one(rsa_key, form, wrap):
    public_key = keys.load_public_key(wrap(public_pem(rsa_key, form)))
    keys.refuse_mismatch(rsa_key, public_key)
    with pytest.raises(ValueError, match="does not belong"):
        keys.refuse_mismatch(keys.generate_private_key("ES256"), public_key)
    with pytest.raises(ValueError, match="does not belong"):
        keys.refuse_mismatch(keys.generate_private_key("RS256"), public_key)


@pytest.mark.system
def test_s3_what_ssh_keygen_makes_is_read(tmp_path, tool):
    file, ssh_keygen = tmp_path / "key", tool("ssh-keygen")
    subprocess.run(
        [ssh_keygen, "-q", "-t", "rsa", "-b", "2048", "-m", "PEM", "-N", "", "-f", file], check=True
    )
    assert file.read_text().startswith("-----BEGIN RSA PRIVATE KEY-----")
    exported = subprocess.run(
        [ssh_keygen, "-e", "-m", "PEM", "-f", file], check=True, capture_output=True, text=True
    )
    private_key = keys.load_private_key(in_base64(file.read_text()))
    keys.refuse_mismatch(private_key, keys.load_public_key(in_base64(exported.stdout)))


def test_s3_a_private_key_that_cannot_be_used_is_refused_with_the_reason(rsa_key, small):
    openssh = rsa_key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()).decode()
    locked = pem(rsa_key, PKCS8, BestAvailableEncryption(b"word"))
    cases = [
        ("", "must be a key in PEM"),
        ("changeme", "must be a key in PEM"),
        ("é", "must be a key in PEM"),
        (in_base64("changeme"), "must be a key in PEM"),
        (pem(rsa_key)[:300], r"\w"),
        (pem(rsa_key).replace("M", "N", 30), r"\w"),
        (public_pem(rsa_key), "public key; the private one is wanted"),
        (openssh, "ssh-keygen -p -m PEM"),
        (locked, "is encrypted"),
        (pem(small), "2048 to 8192 bits; this one has 1024"),
        (pem(small, TRADITIONAL), "this one has 1024"),
        (
            pem(ec.generate_private_key(ec.SECP384R1())),
            "must be RSA of 2048 bits or more, EC on P-256, or Ed25519",
        ),
        (pem(ec.generate_private_key(ec.SECP256K1())), "must be RSA of 2048"),
        (pem(x25519.X25519PrivateKey.generate()), "must be RSA of 2048"),
        (pem(ed448.Ed448PrivateKey.generate()), "must be RSA of 2048"),
        (pem(dsa.generate_private_key(1024)), "must be RSA of 2048"),  # noqa: S505 - to be refused
    ]
    for text, reason in cases:
        with pytest.raises(ValueError, match=reason) as refusal:
            keys.load_private_key(text)
        assert not text or text[30:60] not in str(refusal.value) or len(text) < 60


def test_s3_a_public_key_that_cannot_be_used_is_refused_with_the_reason(rsa_key, small):
    cases = [
        ("", "must be a key in PEM"),
        (pem(rsa_key), "private key; the public one is wanted"),
        (public_pem(rsa_key)[:200], r"\w"),
        (public_pem(small), "this one has 1024"),
        (public_pem(ec.generate_private_key(ec.SECP521R1())), "must be RSA of 2048"),
        (public_pem(x25519.X25519PrivateKey.generate()), "must be RSA of 2048"),
    ]
    for text, reason in cases:
        with pytest.raises(ValueError, match=reason):
            keys.load_public_key(text)


def test_a_private_key_goes_to_pkcs8_der_and_comes_back(each):
    der = keys.to_pkcs8(each.private_key)
    assert keys.thumbprint(keys.from_pkcs8(der).public_key()) == each.kid


def test_der_that_is_no_usable_private_key_is_refused(rsa_key, small):
    locked = rsa_key.private_bytes(Encoding.DER, PKCS8, BestAvailableEncryption(b"word"))
    for der in (b"", b"x", keys.to_pkcs8(rsa_key)[:-9], keys.to_pkcs8(small), locked):
        with pytest.raises(ValueError, match=r"\w"):
            keys.from_pkcs8(der)


def test_pem_goes_out_and_comes_back(each):
    loaded = keys.load_private_key(keys.to_pem(each.private_key))
    keys.refuse_mismatch(loaded, keys.load_public_key(keys.to_public_pem(each.private_key.public_key())))


def test_rfc7638_s3_1_the_thumbprint_of_the_example_key():
    modulus = (
        "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3ok"
        "njhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6q"
        "MQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJ"
        "zKnqDKgw"
    )
    key = keys.verification_key(
        {"kty": "RSA", "n": modulus, "e": "AQAB", "alg": "RS256", "kid": "2011-04-29"}
    )
    assert keys.thumbprint(key.public_key) == "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"


def test_thumbprint_and_public_jwk_are_those_of_joserfc(each):
    jwk = keys.public_jwk(each.verification_key())
    peer = PEERS[jwk["kty"]].import_key(keys.to_pem(each.private_key))
    assert jwk == peer.as_dict(private=False) | {"kid": peer.thumbprint(), "alg": each.alg, "use": "sig"}


def test_s1_the_public_jwk_has_public_members_only_and_reads_back(each):
    jwk = keys.public_jwk(each.verification_key())
    assert set(jwk) <= {"kty", "n", "e", "crv", "x", "y", "kid", "alg", "use"}
    read = keys.verification_key(jwk)
    assert (read.public_key, read.kid, read.alg) == (each.private_key.public_key(), each.kid, each.alg)


def test_coordinates_with_leading_zeros_keep_their_length():
    key = ec.derive_private_key(
        0x1B9, ec.SECP256R1()
    )  # small scalars until one coordinate begins with a zero byte
    scalar = next(
        n
        for n in range(1, 2_000)
        if ec.derive_private_key(n, ec.SECP256R1()).public_key().public_numbers().x >> 248 == 0
    )
    key = VerificationKey(ec.derive_private_key(scalar, ec.SECP256R1()).public_key(), "k", "ES256")
    jwk = keys.public_jwk(key)
    assert len(jwk["x"]) == len(jwk["y"]) == 43
    assert keys.verification_key(jwk).public_key == key.public_key


def spoilt(jwk, **members):
    changed = jwk | members
    return {name: value for name, value in changed.items() if value is not None}


@pytest.mark.parametrize(
    "members",
    [
        {"kid": None},
        {"kid": 1},
        {"kid": ""},
        {"kty": None},
        {"kty": "oct"},
        {"kty": ["RSA"]},
        {"use": "enc"},
        {"use": None, "key_ops": ["sign"]},
        {"use": None, "key_ops": []},
        {"alg": "HS256"},
        {"alg": "RSA-OAEP"},
        {"alg": ["RS256"]},
        {"d": "AQAB"},
        {"k": "AQAB"},
        {"p": "AQAB"},
    ],
    ids=str,
)
def test_a_jwk_that_is_not_a_public_signature_key_of_ours_is_refused(each, members):
    jwk = keys.public_jwk(each.verification_key())
    assert keys.verification_key(jwk)
    with pytest.raises(ValueError, match=r"\w"):
        keys.verification_key(spoilt(jwk, **members))


@pytest.mark.parametrize(
    ("name", "members"),
    [
        ("RS256", {"n": None}),
        ("RS256", {"n": ""}),
        ("RS256", {"n": "é"}),
        ("RS256", {"n": 5}),
        ("RS256", {"n": "AQAB"}),
        ("RS256", {"n": "A" * 5_000 + "B"}),
        ("RS256", {"e": "AQ"}),
        ("RS256", {"e": "AQAA"}),
        ("RS256", {"e": "BAAAAAAB"}),
        ("RS256", {"alg": "ES256"}),
        ("ES256", {"x": None}),
        ("ES256", {"x": "AA"}),
        ("ES256", {"y": "A" * 43}),
        ("ES256", {"crv": "P-384"}),
        ("ES256", {"crv": "Ed25519"}),
        ("ES256", {"crv": ["P-256"]}),
        ("EdDSA", {"x": "AAAA"}),
        ("EdDSA", {"crv": "X25519"}),
        ("EdDSA", {"crv": "P-256"}),
        ("EdDSA", {"kty": "EC"}),
    ],
    ids=str,
)
def test_a_jwk_with_a_bad_member_is_refused(signing_keys, name, members):
    jwk = keys.public_jwk(signing_keys[name].verification_key())
    with pytest.raises(ValueError, match=r"\w"):
        keys.verification_key(spoilt(jwk, **members))


def test_key_ops_with_verify_and_a_missing_alg_are_taken(each):
    jwk = spoilt(keys.public_jwk(each.verification_key()), use=None, alg=None, key_ops=["verify"])
    assert keys.verification_key(jwk).alg == ("RS256" if each.alg == "PS256" else each.alg)


P = 2**255 - 19
D = -121665 * pow(121666, -1, P) % P
IDENTITY = (0, 1)


def sum_of(one, other):
    """Two points of edwards25519 (RFC 8032 §5.1.4)."""
    (x1, y1), (x2, y2) = one, other
    both = D * x1 * x2 * y1 * y2
    return (
        (x1 * y2 + x2 * y1) * pow(1 + both, -1, P) % P,
        (y1 * y2 + x1 * x2) * pow(1 - both, -1, P) % P,
    )


def points_of_small_order():
    """The multiples of a point of order 8, which is any point times the order of the base point, if one is lucky."""
    order, y = 2**252 + 27742317777372353535851937790883648493, 3
    while True:
        square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
        root = pow(square, (P + 3) // 8, P)
        root = root if root * root % P == square else root * pow(2, (P - 1) // 4, P) % P
        if root * root % P == square:
            found, doubled = IDENTITY, (root, y)
            for bit in range(order.bit_length()):
                found = sum_of(found, doubled) if order >> bit & 1 else found
                doubled = sum_of(doubled, doubled)
            points = list(itertools.accumulate([found] * 8, sum_of))
            if len(set(points)) == 8:
                return points
        y += 1


def okp(y, sign=0):
    """The JWK of the Ed25519 key with this coordinate."""
    x = to_base64url((y | sign << 255).to_bytes(32, "little")).decode()
    return {"kty": "OKP", "crv": "Ed25519", "x": x, "kid": "k", "alg": "EdDSA"}


def test_rfc8032_s5_1_a_key_of_small_order_is_none_for_anybody_could_sign_with_it():
    points = points_of_small_order()
    forged = to_base64url((1).to_bytes(32, "little") + bytes(32))
    key = ed25519.Ed25519PublicKey.from_public_bytes((1).to_bytes(32, "little"))
    key.verify(from_base64url(forged), b"whatever")  # the library does not mind

    assert IDENTITY in points
    for y in {y for _, y in points} | {P, P + 1}:
        for sign in (0, 1):
            with pytest.raises(ValueError, match="small order"):
                keys.verification_key(okp(y, sign))
