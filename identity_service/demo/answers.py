"""How an answer of the provider is read, and what is said where it cannot be."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import httpx2
from authlib.integrations.httpx_client import OAuthError
from joserfc.errors import JoseError

from identity_service.demo.problem import Problem

CHALLENGED = re.compile(r'error="([^"]*)"(?:.*error_description="([^"]*)")?')


@contextmanager
def asking(what: str) -> Iterator[None]:
    """Tells in one way what came of asking the provider. Raises Problem."""
    try:
        yield
    except OAuthError as error:
        raise Problem(str(error.error), error.description) from None
    except (httpx2.HTTPError, httpx2.InvalidURL) as error:
        raise Problem(
            "no_answer", f"{what} gave no good answer: {error or type(error).__name__}", status=502
        ) from None
    except (JoseError, ValueError, KeyError):
        raise Problem("bad_answer", f"{what} gave an answer that cannot be read", status=502) from None


def challenge(answer: httpx2.Response) -> Problem:
    """What a protected resource says against a token (RFC 6750 §3)."""
    found = CHALLENGED.search(answer.headers.get("www-authenticate", ""))
    if found is None:
        return Problem("no_answer", f"the userinfo endpoint answered {answer.status_code}")
    return Problem(found[1], found[2])


def text_of(answer: Mapping[str, Any], member: str) -> str:
    """A member that has to be there. Raises Problem."""
    value = answer.get(member)
    if not isinstance(value, str):
        raise Problem("bad_answer", f"the provider names no {member}", status=502)
    return value


def members(answer: object) -> dict[str, Any]:
    """The members of a JSON object. Raises ValueError for what is none."""
    if not isinstance(answer, dict):
        raise ValueError("no JSON object")
    return answer
