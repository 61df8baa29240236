"""A real server process for a test: started, spoken to over HTTP, told to stop, killed."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2

from identity_service.infrastructure.container import build
from tests.house import House, settings_for
from tests.servers.process import LAUNCHER, free_port

CHECKOUT = Path(__file__).resolve().parents[1]
SERVE = """
import sys
from identity_service.server.run import serve
sys.exit(serve(port=int(sys.argv[1]), workers=int(sys.argv[2])))
"""
SECONDS_TO_WAIT = 60.0


def environment(folder: Path, database_url: str, **changes: str) -> dict[str, str]:
    """The settings of `settings_for`, as a process reads them."""
    settings = settings_for(folder, database_url=database_url)
    assert settings.master_key is not None
    assert settings.jwt_private_key is not None
    chosen = {
        "ISSUER": settings.issuer,
        "DATA_DIR": str(folder),
        "DATABASE_URL": database_url,
        "BCRYPT_COST": "4",
        "MASTER_KEY": settings.master_key.get_secret_value(),
        "JWT_PRIVATE_KEY": settings.jwt_private_key.get_secret_value(),
        "CLIENT_SIGNING_ALGORITHMS": ",".join(settings.client_signing_algorithms),
    }
    return chosen | changes


@dataclass
class Program:
    """One server process on a port of its own. Its output is in `log`."""

    folder: Path
    settings: Mapping[str, str]
    workers: int = 1
    command: tuple[str, ...] = ()
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> Path:
        return self.folder / f"server-{self.port}.log"

    @property
    def output(self) -> str:
        return self.log.read_text(errors="replace")

    @property
    def pid(self) -> int:
        assert self.process is not None
        return self.process.pid

    def start(self) -> None:
        """Start it; it ends with this process, however that one ends."""
        command = self.command or (sys.executable, "-c", SERVE, str(self.port), str(self.workers))
        launcher = (str(LAUNCHER), str(int(signal.SIGKILL)), str(os.getpid()))
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-I", "-S", *launcher, str(os.geteuid()), str(os.getegid()), *command],
                cwd=self.folder,
                env={"PATH": os.environ["PATH"], "PYTHONPATH": str(CHECKOUT), **self.settings},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def tell(self, number: signal.Signals) -> None:
        """Send a signal to the process."""
        os.kill(self.pid, number)

    def kill(self) -> None:
        """`kill -9` of the process and of its workers."""
        if self.process is not None and self.process.poll() is None:
            os.killpg(self.pid, signal.SIGKILL)
            self.process.wait()

    async def exit_status(self) -> int:
        """Its exit status, once it has ended."""
        assert self.process is not None
        await until(lambda: self.process is not None and self.process.poll() is not None, "the server ends")
        return int(self.process.returncode)

    async def answers(self, http: httpx2.AsyncClient, path: str, status: int) -> httpx2.Response:
        """The answer at a path, as soon as it has this status."""
        deadline = time.monotonic() + SECONDS_TO_WAIT
        while True:
            try:
                answer = await http.get(path)
                if answer.status_code == status:
                    return answer
            except httpx2.TransportError:
                answer = None
            assert self.process is not None
            assert self.process.poll() is None, self.output
            assert time.monotonic() < deadline, f"{path} has not answered {status}: {answer}\n{self.output}"
            await asyncio.sleep(0.01)


async def until(condition: Callable[[], bool], what: str) -> None:
    """Wait for something that happens outside of this process."""
    deadline = time.monotonic() + SECONDS_TO_WAIT
    while not condition():
        assert time.monotonic() < deadline, f"not within a minute: {what}"
        await asyncio.sleep(0.005)


@asynccontextmanager
async def running(
    folder: Path, database_url: str, *, ready: bool = True, workers: int = 1, **changes: str
) -> AsyncIterator[tuple[Program, House]]:
    """A server process, and a house whose `http` speaks to it and whose `add_…` write to its database."""
    program = Program(folder, environment(folder, database_url, **changes), workers=workers)
    program.start()
    try:
        async with house_of(program, database_url) as house:
            await program.answers(house.http, "/health/ready" if ready else "/health/live", 200)
            yield program, house
    finally:
        program.kill()


@asynccontextmanager
async def house_of(program: Program, database_url: str, **changes: Any) -> AsyncIterator[House]:
    """The house around a server process."""
    container = build(settings_for(program.folder, database_url=database_url, **changes))
    try:
        async with httpx2.AsyncClient(base_url=program.url, timeout=SECONDS_TO_WAIT) as http:
            yield House(container, None, http)  # type: ignore[arg-type]  # the application is in the other process
    finally:
        await container.hashing_pool().close()
        await container.database().close()
