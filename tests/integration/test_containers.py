"""The Dockerfile and the compose file are linted and keep their promises; `scripts/check-image` builds the image."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

CHECKOUT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent


def run(*command: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=False)


def compose() -> dict[str, Any]:
    return dict(yaml.safe_load((CHECKOUT / "docker-compose.yml").read_text()))


def test_hadolint_finds_nothing_in_the_dockerfile() -> None:
    done = run(BIN / "hadolint", "Dockerfile")
    assert (done.returncode, done.stdout) == (0, "")


def test_hadolint_would_find_something(tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text("FROM python\nRUN cd /tmp\n")
    assert run(BIN / "hadolint", tmp_path / "Dockerfile").returncode == 1


def check_compose(path: Path) -> subprocess.CompletedProcess[str]:
    return run(BIN / "check-jsonschema", "--builtin-schema", "vendor.compose-spec", path)


def test_the_compose_file_is_one() -> None:
    done = check_compose(CHECKOUT / "docker-compose.yml")
    assert done.returncode == 0, done.stdout


@pytest.mark.all
def test_a_wrong_compose_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "wrong.yml").write_text("services: {app: {imago: x}}\n")
    assert check_compose(tmp_path / "wrong.yml").returncode == 1


def test_the_app_starts_after_the_migration_and_healthy_servers() -> None:
    services = compose()["services"]
    assert {name: each["condition"] for name, each in services["app"]["depends_on"].items()} == {
        "migrate": "service_completed_successfully",
        "postgres": "service_healthy",
        "redis": "service_healthy",
    }
    assert services["migrate"]["depends_on"]["postgres"]["condition"] == "service_healthy"
    assert services["migrate"]["restart"] == "no"


@pytest.mark.parametrize("name", ["app", "migrate"])
def test_the_server_has_a_read_only_root_no_capabilities_and_its_secrets_as_files(name: str) -> None:
    service = compose()["services"][name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert not {"DATABASE_URL", "MASTER_KEY", "PASSWORD_PEPPER"} & set(service["environment"])
    assert set(service["secrets"]) == {"database_url", "master_key"}


def test_the_image_takes_the_hashed_lock_and_an_ordinary_user() -> None:
    text = (CHECKOUT / "Dockerfile").read_text()
    assert "--require-hashes -r requirements/app.txt" in " ".join(text.replace("\\\n", " ").split())
    assert "USER 10001:10001" in text
    assert "/health/live" in text


@pytest.mark.system
def test_the_image_can_be_built_without_a_docker_engine_and_keeps_its_promises(tool: Any) -> None:
    tool("buildah")
    tool("debootstrap")
    done = subprocess.run(
        ["sh", "scripts/check-image"], cwd=CHECKOUT, capture_output=True, text=True, timeout=900, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
