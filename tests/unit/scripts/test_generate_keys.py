"""scripts/generate_keys.py: two lines for .env, files for their owner alone, nothing overwritten."""

import stat
import subprocess
import sys
from base64 import b64decode
from pathlib import Path

import pytest
from click.testing import CliRunner

from identity_service.adapters.jwt.jwk import load_private_key, load_public_key, refuse_mismatch, signing_key
from scripts.generate_keys import main

CHECKOUT = Path(__file__).parents[3]
NAMES = ["jwt_private.pem", "jwt_public.pem"]


@pytest.fixture
def call():
    return lambda *arguments: CliRunner().invoke(main, [str(argument) for argument in arguments])


def lines_of(output):
    return dict(line.split("=", 1) for line in output.splitlines())


def test_the_script_runs_as_the_readme_calls_it_and_prints_a_pair_that_the_server_reads():
    script = [sys.executable, "scripts/generate_keys.py"]
    done = subprocess.run(script, cwd=CHECKOUT, capture_output=True, text=True, check=True)
    lines = lines_of(done.stdout)
    assert list(lines) == ["JWT_PRIVATE_KEY", "JWT_PUBLIC_KEY"]
    private_key = load_private_key(lines["JWT_PRIVATE_KEY"])
    refuse_mismatch(private_key, load_public_key(lines["JWT_PUBLIC_KEY"]))
    assert private_key.key_size == 2048
    assert "kid" in done.stderr
    assert "PRIVATE" not in done.stderr


@pytest.mark.parametrize("alg", ["RS256", "PS256", "ES256", "EdDSA"])
def test_a_key_for_each_algorithm_is_one_that_the_server_takes_for_it(call, alg):
    done = call("--algorithm", alg)
    key = signing_key(load_private_key(lines_of(done.stdout)["JWT_PRIVATE_KEY"]), alg)
    assert f"{alg} key" in done.stderr
    assert key.kid in done.stderr
    assert call("--algorithm", "HS256").exit_code == 2


def test_out_writes_both_files_for_their_owner_alone(call, tmp_path):
    done = call("--bits", 2056, "--out", tmp_path / "new" / "keys")
    assert done.exit_code == 0
    files = [tmp_path / "new" / "keys" / name for name in NAMES]
    assert [stat.S_IMODE(file.stat().st_mode) for file in files] == [0o600, 0o600]
    assert stat.S_IMODE(files[0].parent.stat().st_mode) == 0o700
    refuse_mismatch(load_private_key(files[0].read_text()), load_public_key(files[1].read_text()))
    assert b64decode(lines_of(done.stdout)["JWT_PRIVATE_KEY"]).decode() == files[0].read_text()
    assert load_private_key(files[0].read_text()).key_size == 2056


@pytest.mark.parametrize("name", NAMES)
def test_an_existing_file_is_never_overwritten_and_no_key_is_printed(call, tmp_path, name):
    (tmp_path / name).write_text("precious")
    done = call("--out", tmp_path)
    assert (done.exit_code, done.stdout) == (1, "")
    assert f"{name} is there already" in done.stderr
    assert [file.name for file in tmp_path.iterdir()] == [name]
    assert (tmp_path / name).read_text() == "precious"


def test_a_directory_that_cannot_be_made_is_one_line_on_stderr(call, tmp_path):
    (tmp_path / "file").write_text("")
    done = call("--out", tmp_path / "file" / "keys")
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr.startswith("Error: cannot write into ")


@pytest.mark.parametrize("bits", [0, 1024, 2047, 8193, "many"])
def test_a_size_out_of_range_is_refused(call, bits):
    done = call("--bits", bits)
    assert (done.exit_code, done.stdout) == (2, "")
    assert "--bits" in done.stderr


def test_help_shows_an_example(call):
    assert "Example: python scripts/generate_keys.py --bits 3072" in " ".join(call("--help").stdout.split())
