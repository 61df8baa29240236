"""The early exit stands on uvicorn's own methods: they are what they were when it was proven."""

import inspect
from hashlib import sha256
from pathlib import Path

import pytest
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from identity_service.server import run
from identity_service.server.early_exit import EarlyExit
from identity_service.server.protocol import BoundedHeads
from tests.house import settings_for

# After an update: read what has changed, run tests/properties/test_early_exit.py with --all, write the digests here.
KNOWN = {
    "data_received": "010a7ae59a5d3b1a",
    "on_message_begin": "96d377fdc7c2baef",
    "on_url": "37be44e962b04ca8",
    "on_header": "65d62c044f61fdbd",
    "on_headers_complete": "1ea8589acfad92d8",
    "on_body": "dba9c32aeba35b6a",
    "on_message_complete": "1fbad42dc31fc01f",
    "_start_asgi_task": "9c08c2571ae9b038",
    "connection_lost": "c91a4c9bf2e29c55",
    "shutdown": "d7351fa33f00d430",
    "send": "abdd8601b326a8da",
    "run_asgi": "0f33f2449a444bc2",
}
OF_A_CYCLE = ("send", "run_asgi")


def test_the_methods_of_uvicorn_are_the_ones_that_were_looked_at() -> None:
    found = {
        name: getattr(RequestResponseCycle if name in OF_A_CYCLE else HttpToolsProtocol, name)
        for name in KNOWN
    }
    digests = {
        name: sha256(inspect.getsource(method).encode()).hexdigest()[:16] for name, method in found.items()
    }

    assert digests == KNOWN


@pytest.mark.parametrize(
    ("wanted", "protocol"), [("early", EarlyExit), ("on", BoundedHeads), ("off", BoundedHeads)]
)
def test_the_setting_says_whether_there_is_one(tmp_path: Path, wanted: str, protocol: type) -> None:
    config = run.uvicorn_config("none:app", settings_for(tmp_path, fast_path=wanted), "127.0.0.1", 0)

    assert config.http is protocol
