"""The key by which the demo proves to the provider who it is (`private_key_jwt`, OIDC Core §9), and where it is."""

import json
import os
from pathlib import Path
from typing import Any

from joserfc.errors import JoseError
from joserfc.jwk import ECKey

ALG = "ES256"
CURVE = "P-256"


def read_key(path: Path) -> ECKey:
    """The private key in this file, as a JWK (RFC 7517 §4). Raises OSError, ValueError for what is none of ours."""
    try:
        key = ECKey.import_key(json.loads(path.read_text(encoding="utf-8")))
    except (JoseError, ValueError, TypeError, AttributeError, KeyError):
        raise ValueError(f"{path} holds no key of the demo") from None
    if not key.is_private or key.curve_name != CURVE or not key.kid:
        raise ValueError(f"{path} holds no key of the demo")
    return key


def make_key(path: Path) -> ECKey:
    """A new key, kept in this file."""
    key = ECKey.generate_key(CURVE, {"use": "sig", "alg": ALG}, private=True, auto_kid=True)
    keep(path, json.dumps(key.as_dict(private=True), indent=2) + "\n")
    return key


def key_in(path: Path) -> ECKey:
    """The key in this file, made if there is none. Raises OSError, ValueError."""
    try:
        return read_key(path)
    except FileNotFoundError:
        return make_key(path)


def public(key: ECKey) -> dict[str, Any]:
    """What the provider is told of it: a JWK Set (RFC 7517 §5)."""
    return {"keys": [key.as_dict(private=False)]}


def keep(path: Path, text: str) -> None:
    """Writes a file, readable for its owner alone, whole or not at all."""
    fresh = path.with_name(f"{path.name}.{os.getpid()}")
    fresh.unlink(missing_ok=True)
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    fresh.replace(path)
