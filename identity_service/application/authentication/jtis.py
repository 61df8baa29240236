"""Under which name something that a client signed is kept as used."""

from hashlib import sha256


def jti_digest(kind: str, client_id: str, jti: str) -> bytes:
    """Names it among all that is spent like this: a `jti` is unique for its client and its kind alone (RFC 7523 §3)."""
    framed = f"{kind} {len(client_id)} {client_id}{jti}"
    return sha256(framed.encode("utf-8", "surrogatepass")).digest()
