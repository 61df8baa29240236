"""The committed pages about settings say what the classes say."""

import subprocess
import sys
from pathlib import Path

import pytest

from identity_service.infrastructure.config.example import configuration_page, env_example
from identity_service.infrastructure.config.settings import Settings

CHECKOUT = Path(__file__).resolve().parents[3]


@pytest.mark.parametrize(
    ("name", "made"), [(".env.example", env_example), ("docs/configuration.md", configuration_page)]
)
def test_the_committed_page_is_fresh(name: str, made: object) -> None:
    assert callable(made)
    assert (CHECKOUT / name).read_text() == made(), "run `python scripts/configuration.py`"


def test_s9_every_setting_is_documented_on_both_pages() -> None:
    for name, field in Settings.model_fields.items():
        assert field.description, name
        assert f"#{name.upper()}=" in env_example()
        assert f"| `{name.upper()}`" in configuration_page()


def test_the_check_of_the_pages_passes_on_what_is_committed() -> None:
    done = subprocess.run(
        [sys.executable, "scripts/configuration.py", "--check"], cwd=CHECKOUT, capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_the_example_as_it_is_changes_nothing(tmp_path: Path) -> None:
    copy = tmp_path / ".env"
    copy.write_text(env_example())
    lines = [line[1:] for line in copy.read_text().splitlines() if line.startswith("#") and "=" in line[:60]]
    (tmp_path / "all").write_text("\n".join(line for line in lines if line[:1].isupper()))
    assert Settings(_env_file=copy) == Settings(_env_file=tmp_path / "all") == Settings(_env_file=None)
