"""The master key seals, opens and digests; every wrong key, purpose, context and bit is refused."""

import base64
import hashlib
import hmac

import pytest

from identity_service.adapters.crypto.aes_gcm_sealer import AesGcmSealer, HmacDigest, framed, parse_master_key
from identity_service.ports.security import Unsealable

KEY = bytes(range(200, 232))
OTHER_KEY = bytes(range(100, 132))
BINDING = {"purpose": "signing-key", "context": "kid-1"}


@pytest.mark.parametrize(
    "text",
    [
        KEY.hex(),
        KEY.hex().upper(),
        base64.b64encode(KEY).decode(),
        base64.b64encode(KEY).decode().rstrip("="),
        base64.urlsafe_b64encode(KEY).decode(),
        base64.urlsafe_b64encode(KEY).decode().rstrip("="),
        f"  {KEY.hex()}\n",
    ],
)
def test_a_master_key_is_read_from_hex_base64_and_base64url(text):
    assert parse_master_key(text) == KEY


@pytest.mark.parametrize(
    "text",
    [
        "",
        "changeme",
        KEY.hex()[:-1],
        KEY.hex() + "00",
        KEY.hex()[:-1] + "g",
        base64.b64encode(KEY[:-1]).decode(),
        base64.b64encode(KEY + b"x").decode(),
        base64.b64encode(KEY).decode()[:-2] + "!=",
        base64.b64encode(KEY).decode()[:20] + " " + base64.b64encode(KEY).decode()[20:],
        "é" * 43,
        "\0" * 44,
    ],
)
def test_anything_but_32_bytes_is_refused_without_repeating_it(text):
    with pytest.raises(ValueError, match="32 bytes in base64, base64url or hexadecimal") as refusal:
        parse_master_key(text)
    assert not text or text not in str(refusal.value)


@pytest.mark.parametrize("size", [0, 16, 31, 33])
def test_a_key_of_another_size_makes_neither_sealer_nor_digest(size):
    with pytest.raises(ValueError, match="32 bytes"):
        AesGcmSealer(bytes(size))
    with pytest.raises(ValueError, match="32 bytes"):
        HmacDigest(bytes(size))


@pytest.mark.parametrize("plaintext", [b"", b"x", b"\0" * 5_000])
def test_what_is_sealed_opens_again_also_in_another_process_with_the_same_key(plaintext):
    sealed = AesGcmSealer(KEY).seal(plaintext, **BINDING)
    assert AesGcmSealer(KEY).open(sealed, **BINDING) == plaintext


def test_the_sealed_form_is_version_key_id_nonce_ciphertext():
    sealer = AesGcmSealer(KEY, entropy=lambda size: b"N" * size)
    sealed = sealer.seal(b"plain", **BINDING)
    assert sealed[:1] == b"\x01"
    assert sealed[1:9].hex() == sealer.key_id
    assert sealed[9:21] == b"N" * 12
    assert len(sealed) == 21 + len(b"plain") + 16
    assert b"plain" not in sealed


def test_two_seals_of_one_plaintext_differ():
    sealer = AesGcmSealer(KEY)
    assert sealer.seal(b"same", **BINDING) != sealer.seal(b"same", **BINDING)


@pytest.mark.parametrize(
    "binding",
    [
        {"purpose": "totp", "context": "kid-1"},
        {"purpose": "signing-key", "context": "kid-2"},
        {"purpose": "signing-keyk", "context": "id-1"},
        {"purpose": "kid-1", "context": "signing-key"},
        {"purpose": "", "context": ""},
    ],
)
def test_another_purpose_or_context_does_not_open(binding):
    sealer = AesGcmSealer(KEY)
    with pytest.raises(Unsealable) as refusal:
        sealer.open(sealer.seal(b"plain", **BINDING), **binding)
    assert refusal.value.key_id == sealer.key_id


def test_a_wrong_key_is_told_which_key_id_is_wanted():
    maker, other = AesGcmSealer(KEY), AesGcmSealer(OTHER_KEY)
    reason = f"under key {maker.key_id}; the key here is {other.key_id}"
    with pytest.raises(Unsealable, match=reason) as refusal:
        other.open(maker.seal(b"plain", **BINDING), **BINDING)
    assert refusal.value.key_id == maker.key_id


def test_a_forged_key_id_does_not_make_a_wrong_key_right():
    maker, other = AesGcmSealer(KEY), AesGcmSealer(OTHER_KEY)
    sealed = maker.seal(b"plain", **BINDING)
    with pytest.raises(Unsealable, match="changed since"):
        other.open(sealed[:1] + bytes.fromhex(other.key_id) + sealed[9:], **BINDING)


def test_every_flipped_bit_and_every_cut_is_refused():
    sealer = AesGcmSealer(KEY)
    sealed = sealer.seal(b"plain", **BINDING)
    flipped = [
        sealed[: bit // 8] + bytes([sealed[bit // 8] ^ (1 << bit % 8)]) + sealed[bit // 8 + 1 :]
        for bit in range(len(sealed) * 8)
    ]
    cut = [sealed[:size] for size in range(len(sealed))]
    for spoilt in (*flipped, *cut, sealed + b"\0"):
        with pytest.raises(Unsealable):
            sealer.open(spoilt, **BINDING)


def test_the_key_id_tells_keys_apart_and_tells_nothing_of_them():
    key_id = AesGcmSealer(KEY).key_id
    assert key_id == AesGcmSealer(KEY).key_id != AesGcmSealer(OTHER_KEY).key_id
    assert len(key_id) == 16
    assert bytes.fromhex(key_id) not in (KEY[:8], KEY[-8:], hashlib.sha256(KEY).digest()[:8])


def test_the_digest_is_hmac_sha_256_under_the_hkdf_sub_key_of_the_purpose():
    info = b"".join(
        len(part).to_bytes(8, "big") + part for part in (b"identity-service", b"mac", b"refresh-successor")
    )
    extracted = hmac.digest(bytes(32), KEY, "sha256")  # RFC 5869 §2.2: no salt is 32 zero bytes
    sub_key = hmac.digest(extracted, info + b"\x01", "sha256")  # §2.3: one block is enough
    message = (5).to_bytes(8, "big") + b"token" + (5).to_bytes(8, "big") + b"nonce"
    expected = hmac.digest(sub_key, message, "sha256")
    assert HmacDigest(KEY).mac("refresh-successor", b"token", b"nonce") == expected


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ((b"ab", b"c"), (b"a", b"bc")),
        ((b"ab",), (b"ab", b"")),
        ((b"", b"ab"), (b"ab", b"")),
        ((), (b"",)),
        ((b"ab",), (framed(b"ab"),)),
    ],
)
def test_parts_are_framed_never_merely_concatenated(one, other):
    digest = HmacDigest(KEY)
    assert digest.mac("p", *one) != digest.mac("p", *other)
    assert digest.mac("p", *one) == digest.mac("p", *one)


def test_purpose_and_key_change_the_digest():
    macs = {HmacDigest(key).mac(purpose, b"x") for key in (KEY, OTHER_KEY) for purpose in ("p", "q")}
    assert len(macs) == 4
