"""A Node program that a test speaks to in lines of JSON, with the npm packages of the lock in `node/`."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import playwright
import pytest

HERE = Path(__file__).with_name("node")
PACKAGES = HERE / "node_modules"
# The one that drives browsers for Playwright. It comes with the test lock, so that no Node of the machine matters.
NODE = Path(playwright.__file__).parent / "driver" / "node"
PATIENCE_SECONDS = 60


def require_packages() -> None:
    """Fails the test where the packages are not those of the lock."""
    lock, installed = HERE / "package-lock.json", PACKAGES / ".installed-lock.json"
    if not installed.exists() or installed.read_bytes() != lock.read_bytes():
        pytest.fail("npm packages are missing: run `sh scripts/ci-packages`", pytrace=False)


class NodeProgram:
    """The running program."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def says(self) -> dict[str, Any]:
        """Its next line."""
        assert self._process.stdout is not None
        line = await asyncio.wait_for(self._process.stdout.readline(), PATIENCE_SECONDS)
        if not line:
            assert self._process.stderr is not None
            raise AssertionError((await self._process.stderr.read()).decode(errors="replace"))
        return dict(json.loads(line))

    async def hears(self, **told: Any) -> None:
        """A line for it."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{json.dumps(told)}\n".encode())
        await self._process.stdin.drain()


@asynccontextmanager
async def node_program(name: str, given: dict[str, Any]) -> AsyncIterator[NodeProgram]:
    """The program in `node/`, with one JSON object as its argument, until the block ends."""
    require_packages()
    process = await asyncio.create_subprocess_exec(
        NODE,
        str(HERE / name),
        json.dumps(given),
        cwd=HERE,
        env={},
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        yield NodeProgram(process)
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()
