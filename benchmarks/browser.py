"""A person's browser, as far as setting up a measurement needs one: it keeps cookies and sends forms."""

import re
from collections.abc import Mapping
from http.client import HTTPConnection, HTTPResponse
from typing import NamedTuple
from urllib.parse import urlencode, urlsplit

from benchmarks.processes import Void
from benchmarks.wire import FORM, SECONDS

CSRF = re.compile(r'name="csrf" value="([^"]+)"')
LEFT_OUT = frozenset({"date", "x-request-id"})
"""Headers that no two answers share."""


class Page(NamedTuple):
    """What is shown, with the headers that do not change."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def csrf(self) -> str:
        """The hidden token of its form. Raises Void."""
        found = CSRF.search(self.body.decode())
        if found is None:
            raise Void(f"no form at {self.path}")
        return found[1]


class Browser:
    """One browser at one server on loopback."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._cookies: dict[str, str] = {}

    @property
    def cookie(self) -> str:
        """The value of its Cookie header."""
        return "; ".join(f"{name}={value}" for name, value in self._cookies.items())

    def redirected(self, path: str, form: Mapping[str, str] | None = None) -> str:
        """Where the server sends it from there. Raises Void when it does not."""
        answer, body = self._ask(path, form)
        if answer.status != 303:
            raise Void(f"{path.partition('?')[0]} answers {answer.status} {body[:200]!r}")
        return str(answer.headers["location"])

    def page(self, path: str) -> Page:
        """The page that is shown there. Raises Void when there is none."""
        answer, body = self._ask(path, None)
        if answer.status != 200:
            raise Void(f"{path} answers {answer.status} {body[:200]!r}")
        headers = {name.lower(): value for name, value in answer.getheaders()}
        return Page(path, {name: value for name, value in headers.items() if name not in LEFT_OUT}, body)

    def _ask(self, path: str, form: Mapping[str, str] | None) -> tuple[HTTPResponse, bytes]:
        connection = HTTPConnection("127.0.0.1", self._port, timeout=SECONDS)
        try:
            headers = {"Cookie": self.cookie} if self._cookies else {}
            if form is None:
                connection.request("GET", path, headers=headers)
            else:
                connection.request("POST", path, urlencode(form), {**headers, "Content-Type": FORM})
            answer = connection.getresponse()
            body = answer.read()
        finally:
            connection.close()
        for line in answer.headers.get_all("set-cookie", []):
            name, _, value = line.partition(";")[0].partition("=")
            self._cookies[name] = value
        return answer, body


def path_of(url: str) -> str:
    """The path of a page of this server, whether the address names the host or not."""
    return urlsplit(url).path
