"""What an ending names: whoever remembers an answer about it, under its tag, forgets it."""

SERVER = "server"
KEYS = "keys"
FAMILY = "family:"
TOKEN = "jti:"


def user_tag(user_id: str) -> str:
    """The tag of everything that hangs on a user."""
    return f"user:{user_id}"


def client_tag(client_id: str) -> str:
    """The tag of everything that hangs on a client."""
    return f"client:{client_id}"


def family_tag(family_id: str) -> str:
    """The tag of a token family."""
    return FAMILY + family_id


def token_tag(jti: str) -> str:
    """The tag of one access token."""
    return TOKEN + jti
