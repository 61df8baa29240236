"""How the demo runs beside the server."""

import logging
import socket

import httpx2
import pytest

from identity_service.demo.party import Party
from identity_service.demo.running import THREAD, beside

UVICORN = logging.getLogger("uvicorn.error")


def test_the_log_has_the_start_and_the_stop_of_the_server_alone(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, UVICORN.name)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        with beside(Party(issuer="http://127.0.0.1:1", client_id="demo", url=url), listener):
            httpx2.get(f"{url}/nowhere", trust_env=False)
            UVICORN.info("of the server")
    assert caplog.messages == ["of the server"]


def test_what_goes_wrong_in_the_demo_is_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        with beside(Party(issuer="http://127.0.0.1:1", client_id="demo", url=url), listener):
            record = UVICORN.makeRecord(UVICORN.name, logging.ERROR, __file__, 1, "broken", (), None)
            record.threadName = THREAD
            UVICORN.handle(record)
    assert "broken" in caplog.messages
