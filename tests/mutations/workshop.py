"""Makes a process for each trial out of one that has loaded what does not change, for starting Python anew costs more
than most trials."""

import importlib
import json
import os
import signal
import sys
import tempfile
import traceback
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import IO

from tests.mutations.catalogue import Mutation
from tests.mutations.trial import WRONG_REASON, Outcome, make_template, with_patch

HEAVY = (
    "alembic.command",
    "authlib.oauth2",
    "babel",
    "click",
    "cryptography.hazmat.primitives.asymmetric.rsa",
    "cryptography.x509",
    "dependency_injector.containers",
    "fastapi",
    "fastapi.openapi.utils",
    "httpx2",
    "hypothesis",
    "jinja2",
    "joserfc",
    "pydantic_settings",
    "rich.console",
    "sqlalchemy.ext.asyncio",
    "uvicorn",
)
"""Other people's packages that most tests load: children have them from their parent."""
OURS = "identity_service"
LONGEST_SECONDS = 240
"""Then a trial is ended: a server without a check may wait for ever."""


class Workshop:
    """Forks: make it where there is one thread, and nothing of ours is imported."""

    def __init__(self) -> None:
        sys.dont_write_bytecode = False  # or every trial would compile the tests anew
        for name in HEAVY:
            importlib.import_module(name)
        if OURS in sys.modules:
            raise RuntimeError(f"{OURS} is imported already, so no module of it can be patched")
        self._folder = tempfile.TemporaryDirectory()
        self._template = Path(self._folder.name, "template.sqlite3")
        self.trial(partial(make_template, self._template))

    def without(self, mutation: Mutation) -> Outcome:
        """What the tests say to a server that lacks this check."""
        return self.trial(partial(with_patch, mutation, self._template))

    def trial(self, work: Callable[[], Outcome]) -> Outcome:
        """What the work comes to in a process of its own."""
        with tempfile.TemporaryDirectory() as folder:
            said, told = Path(folder, "said"), Path(folder, "told")
            child = os.fork()
            if not child:
                _do(work, said, told)
            _, status = os.waitpid(child, 0)
            if not told.exists():
                last = said.read_text(encoding="utf-8", errors="replace")[-1500:]
                return Outcome(WRONG_REASON, f"its process ended with {status}: {last}")
            return Outcome(*json.loads(told.read_text(encoding="utf-8")))


def _do(work: Callable[[], Outcome], said: Path, told: Path) -> None:
    """Never returns."""
    try:
        signal.alarm(LONGEST_SECONDS)
        os.environ["HYPOTHESIS_STORAGE_DIRECTORY"] = str(said.parent)
        with said.open("w", encoding="utf-8") as output:
            _speak_into(output)
            outcome = work()
            told.with_suffix(".part").write_text(json.dumps(outcome), encoding="utf-8")
            told.with_suffix(".part").rename(told)
    except BaseException:  # of a process that nobody will ask
        said.write_text(traceback.format_exc(), encoding="utf-8")
    finally:
        os._exit(0 if told.exists() else 1)


def _speak_into(output: IO[str]) -> None:
    for stream in (1, 2):
        os.dup2(output.fileno(), stream)
