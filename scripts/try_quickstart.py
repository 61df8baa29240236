"""Decides whether quickstart keeps its word: starts it, pastes its curl lines, looks at the answers.

Run as `python3 scripts/try_quickstart.py sh scripts/quickstart`; `--port` is added. Needs bash and curl.
"""

import http.client
import re
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

SECONDS_TO_SERVE = 240.0
SECONDS_TO_STOP = 20.0
# curl with an option or an address, or a variable that takes what it prints; a prompt before it is no part of it.
PASTED = re.compile(r"""^\s*(?:\$\s+)?((?:\w+=["']?\$\()?curl\s+(?:-|["']?http).*)$""")
EXPECTED = (r'"access_token":\s*"[^"]+"', r'"refresh_token":\s*"[^"]+"', r'"active":\s*true')
PASTE = """set -euo pipefail
curl() { command curl --fail-with-body --silent --show-error "$@" | tee -a "$ANSWERS"; echo >>"$ANSWERS"; }
"""


class Broken(Exception):
    """Quickstart does not do what it says; the text tells what and shows the output."""


def curl_lines(printed: str) -> list[str]:
    """The commands to paste, each on one line, continuation lines joined."""
    lines = re.sub(r"\\\n\s*", "", printed).splitlines()
    return [found[1] for line in lines if (found := PASTED.match(line))]


def try_quickstart(command: Sequence[str]) -> str:
    """Run the command with a free port, paste what it prints, and stop it.

    Returns:
        What the pasted lines were answered.

    Raises:
        Broken: it did not serve, a line failed, an answer is not there, or it did not stop in good order.
    """
    port = _free_port()
    with tempfile.TemporaryFile("w+") as output:
        server = subprocess.Popen(
            [*command, "--port", str(port)], stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT
        )
        try:
            _until_it_serves(server, port)
            answers = _paste(_text(output.fileno()))
        except Broken as broken:
            raise Broken(f"{broken}\n{_text(output.fileno())}") from None
        finally:
            server.terminate()
            status = server.wait(SECONDS_TO_STOP)
        if status not in (0, -15, 143):
            raise Broken(f"told to stop, it ended with {status}\n{_text(output.fileno())}")
    return answers


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _text(file: int) -> str:
    return Path(f"/proc/self/fd/{file}").read_text()


def _until_it_serves(server: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + SECONDS_TO_SERVE
    while not _is_live(port):
        if server.poll() is not None:
            raise Broken(f"it ended with {server.returncode} instead of serving")
        if time.monotonic() > deadline:
            raise Broken(f"it does not serve after {SECONDS_TO_SERVE:.0f} s")
        time.sleep(0.1)


def _is_live(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/health/live")
        return connection.getresponse().status == http.HTTPStatus.OK
    except OSError:
        return False
    finally:
        connection.close()


def _paste(printed: str) -> str:
    lines = curl_lines(printed)
    if len(lines) < 4:
        raise Broken(f"it prints {len(lines)} curl lines; token, refresh, introspect and revoke are promised")
    with tempfile.NamedTemporaryFile("r") as answers:
        pasted = subprocess.run(
            ["bash", "-c", PASTE + "\n".join(lines)],
            env={"PATH": "/usr/local/bin:/usr/bin:/bin", "ANSWERS": answers.name},
            capture_output=True,
            text=True,
            check=False,
        )
        text = answers.read()
    if pasted.returncode != 0:
        raise Broken(f"a pasted line failed:\n{pasted.stderr}{text}")
    for expected in EXPECTED:
        if not re.search(expected, text):
            raise Broken(f"no answer holds {expected}:\n{text}")
    return text


def main() -> None:
    """Try the command of the arguments; exit status 1 with the reason where it is broken."""
    try:
        answers = try_quickstart(sys.argv[1:]).split("\n")
        print(f"quickstart serves; pasted, its lines had {len([a for a in answers if a])} answers")
    except Broken as broken:
        sys.exit(f"quickstart is broken: {broken}")


if __name__ == "__main__":
    main()
