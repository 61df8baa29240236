"""The chain of migrations is read from the scripts as Alembic reads it, and a server needs no Alembic for it."""

import subprocess
import sys
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory

from identity_service.adapters.sql import revisions as module
from identity_service.adapters.sql.migrations import config
from identity_service.adapters.sql.revisions import revisions

SCRIPT = '"""A step."""\n\nrevision = "{}"\ndown_revision = {!r}\n'


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where scripts are looked for, without any."""
    monkeypatch.setattr(module, "scripts", lambda: tmp_path)
    (tmp_path / "versions").mkdir()
    return tmp_path


def test_alembic_finds_the_same_in_the_same_order() -> None:
    assert revisions() == tuple(
        each.revision for each in ScriptDirectory.from_config(config()).walk_revisions()
    )


def test_the_chain_is_followed_whatever_the_files_are_called(folder: Path) -> None:
    for name, revision, before in (("a", "third", "second"), ("b", "first", None), ("c", "second", "first")):
        (folder / "versions" / f"{name}.py").write_text(SCRIPT.format(revision, before))

    assert revisions.__wrapped__() == ("third", "second", "first")


def test_an_installation_without_migrations_is_told(folder: Path) -> None:
    with pytest.raises(RuntimeError, match="missing"):
        revisions.__wrapped__()


def test_a_server_does_not_load_alembic() -> None:
    loaded = "import identity_service.server.run, sys; print('alembic' in sys.modules)"
    found = subprocess.run([sys.executable, "-c", loaded], capture_output=True, text=True, check=True)
    assert found.stdout == "False\n"
