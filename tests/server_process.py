"""Our server as processes of the operating system: what a test needs to run several of them on one database."""

import asyncio
import os
import signal
import socket
import sys
from pathlib import Path

from tests.house import ISSUER, private_key
from tests.servers.process import Home, Recipe, ServerProcess, free_port, own_account

CHECKOUT = Path(__file__).resolve().parents[1]
MASTER_KEY = "A" * 43 + "="


def environment(database_url: str, data_dir: Path, **settings: str) -> dict[str, str]:
    """What a process of this server has in its environment; the test's own settings go before these."""
    chosen = {
        "ISSUER": ISSUER,
        "DATABASE_URL": database_url,
        "DATA_DIR": str(data_dir),
        "MASTER_KEY": MASTER_KEY,
        "JWT_PRIVATE_KEY": private_key(),
        "CLIENT_SIGNING_ALGORITHMS": "RS256",
        "BCRYPT_COST": "4",
        "RATE_LIMITS": "on",
        "DATABASE_CONNECT_TIMEOUT_SECONDS": "0.5",
        "DATABASE_STATEMENT_TIMEOUT_SECONDS": "0.5",
        "DATABASE_POOL_TIMEOUT_SECONDS": "1",
        "PATH": os.defpath,
    }
    return chosen | settings


def uvicorn(home: Home, variables: dict[str, str]) -> tuple[ServerProcess, str]:
    """One worker of `uvicorn identity_service.main:app`, not started yet, and its address."""
    port, account = free_port(), own_account()
    folder = home.folder("server", account)
    process = ServerProcess(
        Recipe(
            name="identity-service",
            command=(
                "/usr/bin/env",
                *(f"{name}={value}" for name, value in variables.items()),
                *(sys.executable, "-m", "uvicorn", "identity_service.main:app", "--port", str(port)),
            ),
            account=account,
            home=folder,
            log=home.path / f"{folder.name}.log",
            is_ready=lambda: _answers(port),
            stop=signal.SIGTERM,
            orphaned=signal.SIGKILL,
        )
    )
    return process, f"http://127.0.0.1:{port}"


def _answers(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
            connection.sendall(b"GET /health/live HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
            return connection.recv(12) == b"HTTP/1.1 200"
    except OSError:
        return False


async def run_module(module: str, *arguments: str, variables: dict[str, str]) -> None:
    """Run a program of the tests to its end, as a process of its own."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", module, *arguments, cwd=CHECKOUT, env=variables
    )
    assert await process.wait() == 0
