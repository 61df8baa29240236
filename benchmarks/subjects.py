"""What is measured: a running server, and the requests that are sent to it."""

from base64 import b64encode
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode

from benchmarks.processes import Void
from benchmarks.wire import Answer, ask_once, request

SEEDS_OF_A_TURN = 24
"""Refresh tokens that one turn begins with: more than it has connections, and one that wrk spends on a trial."""


def basic(client_id: str, client_secret: str) -> str:
    """The value of an Authorization header (RFC 6749 §2.3.1)."""
    return "Basic " + b64encode(f"{client_id}:{client_secret}".encode()).decode()


@dataclass(frozen=True, kw_only=True)
class Paths:
    """Where a server has its endpoints."""

    introspect: str
    token: str
    jwks: str
    discovery: str


@dataclass(frozen=True, kw_only=True)
class Subject:
    """A running server. CPU time counts for `pid` and its children; what its `backends` use is told beside it."""

    name: str
    port: int
    pid: int
    paths: Paths
    authorization: str
    backends: tuple[int, ...] = ()
    refresh_tokens: deque[str] = field(default_factory=deque, repr=False)
    extra: Mapping[str, str] = field(default_factory=dict)
    """More parameters of every token request."""

    def post(self, path: str, **form: str) -> Answer:
        """One authenticated request."""
        body = urlencode(form)
        data = request("POST", path, port=self.port, body=body, authorization=self.authorization)
        return ask_once(data, self.port)

    def access_token(self, **form: str) -> str:
        """A new token by client_credentials. Raises Void."""
        asked = {"grant_type": "client_credentials", **self.extra, **form}
        return self.post(self.paths.token, **asked).member("access_token")

    def take_seeds(self) -> list[str]:
        """Refresh tokens that nobody has used. Raises Void when there are no more."""
        if len(self.refresh_tokens) < SEEDS_OF_A_TURN:
            raise Void(f"{self.name} has no refresh tokens left")
        return [self.refresh_tokens.popleft() for _ in range(SEEDS_OF_A_TURN)]

    def introspection(self, name: str, tokens: list[str], expected: bytes = b'"active":') -> "Target":
        """Introspection of these tokens in turn."""
        bodies = tuple(urlencode({"token": token}) for token in tokens)
        return Target(name=name, subject=self, path=self.paths.introspect, bodies=bodies, expected=expected)

    def client_credentials(self, name: str, **form: str) -> "Target":
        """Tokens by client_credentials."""
        body = urlencode({"grant_type": "client_credentials", **self.extra, **form})
        return Target(
            name=name, subject=self, path=self.paths.token, bodies=(body,), expected=b'"access_token"'
        )

    def refresh(self, name: str) -> "Target":
        """Refreshing with rotation: each answer's refresh token is spent once, by a later request."""
        return Target(name=name, subject=self, path=self.paths.token, rotates=True)

    def document(self, name: str, path: str, expected: bytes, *, cookie: str = "") -> "Target":
        """A document by GET, for the browser with this cookie if there is one."""
        return Target(name=name, subject=self, path=path, method="GET", expected=expected, cookie=cookie)


@dataclass(frozen=True, kw_only=True)
class Target:
    """One kind of request to one subject."""

    name: str
    subject: Subject
    path: str
    method: str = "POST"
    bodies: tuple[str, ...] = ("",)
    expected: bytes = b""
    rotates: bool = False
    cookie: str = ""
    supply: Callable[[int], tuple[str, ...]] | None = None
    """Bodies that are good once, instead of `bodies`: so many that nobody has sent."""

    @property
    def url(self) -> str:
        """Where the requests go."""
        return f"http://127.0.0.1:{self.subject.port}{self.path}"

    def check(self) -> float:
        """The mean size of an answer, in bytes. Raises Void unless each is as it should be."""
        if self.rotates:
            return 0.0
        sample = self.supply(1) if self.supply else self.bodies[:: max(1, len(self.bodies) // 8)]
        return sum(self._checked(body).size for body in sample) / len(sample)

    def _checked(self, body: str) -> Answer:
        subject = self.subject
        authorization = subject.authorization if self.method == "POST" else ""
        data = request(
            self.method,
            self.path,
            port=subject.port,
            body=body,
            authorization=authorization,
            cookie=self.cookie,
        )
        answer = ask_once(data, subject.port)
        if answer.status != 200 or self.expected.replace(b" ", b"") not in answer.body.replace(b" ", b""):
            raise Void(f"{self.name} answers {answer.status} {answer.body[:200]!r}")
        return answer
