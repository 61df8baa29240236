"""Which revisions of the schema this program has, and which one a database is at: asked without Alembic.

Every server asks for them and hardly one migrates; Alembic alone would take a tenth of its memory.
"""

import ast
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, inspect, text

PACKAGE = Path(__file__).parents[2]


def scripts() -> Path:
    """Where the migrations are: in the installed package, or beside it in a checkout."""
    installed = PACKAGE / "migrations"
    return installed if installed.is_dir() else PACKAGE.parent / "alembic"


@cache
def revisions() -> tuple[str, ...]:
    """Every revision, the newest first; read from the scripts, of which each names the one before it.

    Raises RuntimeError if they are missing.
    """
    scripts_by_parent = dict(map(_parent_and_revision, (scripts() / "versions").glob("*.py")))
    chain: list[str] = []
    while (following := scripts_by_parent.get(chain[-1] if chain else None)) is not None:
        chain.append(following)
    if not chain:
        raise RuntimeError("the migrations are missing from this installation")
    return tuple(reversed(chain))


def current_revision(connection: Connection) -> str | None:
    """The revision the database is at; None before the first."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def _parent_and_revision(script: Path) -> tuple[str | None, str]:
    """What the script says of itself: `down_revision` and `revision`, two literals."""
    said: dict[str, Any] = {
        target.id: node.value.value
        for node in ast.parse(script.read_text("utf-8")).body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    return said["down_revision"], said["revision"]
