"""scripts/try_quickstart.py passes a quickstart that keeps its word, and tells what another one lacks."""

import sys
from pathlib import Path

import pytest

from scripts.try_quickstart import Broken, curl_lines, try_quickstart

SERVER = """
import http.server, sys

class Answers(http.server.BaseHTTPRequestHandler):
    def answer(self, body):
        self.send_response(400 if b"error" in body else 200)
        self.end_headers()
        self.wfile.write(body)
    def do_GET(self):
        self.answer(b"{}")
    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.answer(ANSWERS[self.path])

ANSWERS = {
    "/token": b'{"access_token": "one", "refresh_token": "two"}',
    "/introspect": b'{"active": true}',
    "/revoke": b"{}",
}
server = http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[sys.argv.index("--port") + 1])), Answers)
at = f"http://127.0.0.1:{server.server_port}"
print(f'''Ready.
  TOKEN=$(curl {at}/token -d grant_type=password | cut -d '"' -f 4)
  curl {at}/token \\\\
      -d grant_type=refresh_token
  $ curl {at}/introspect -d "token=$TOKEN"
curl {at}/revoke -d "token=$TOKEN"
''', flush=True)
server.serve_forever()
"""

pytestmark = pytest.mark.system  # bash and curl


def quickstart(folder: Path, old: str = "", new: str = "") -> list[str]:
    assert old in SERVER
    script = folder / "server.py"
    script.write_text(SERVER.replace(old, new) if old else SERVER)
    return [sys.executable, str(script)]


def test_a_quickstart_that_keeps_its_word_passes(tmp_path: Path) -> None:
    answers = try_quickstart(quickstart(tmp_path)).split("\n")
    assert [answer for answer in answers if answer] == [
        '{"access_token": "one", "refresh_token": "two"}',
        '{"access_token": "one", "refresh_token": "two"}',
        '{"active": true}',
        "{}",
    ]


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("import http.server", "sys.exit(3)", "it ended with 1 instead of serving"),
        ("curl {at}/revoke", "revoke", "it prints 3 curl lines"),
        ('b"{}",', 'b\'{"error": "invalid_client"}\',', "a pasted line failed"),
        ('"active": true', '"active": false', "no answer holds.*active"),
        ('"refresh_token": "two"', '"scope": ""', "no answer holds.*refresh_token"),
        (
            "server.serve_forever()",
            "import signal; signal.signal(15, lambda *_: sys.exit(7)); server.serve_forever()",
            "told to stop, it ended with 7",
        ),
    ],
    ids=[
        "does not serve",
        "prints too little",
        "prints what is refused",
        "inactive token",
        "no refresh",
        "ends badly",
    ],
)
def test_a_quickstart_that_does_not_is_told_why(tmp_path: Path, old: str, new: str, complaint: str) -> None:
    with pytest.raises(Broken, match=complaint):
        try_quickstart(quickstart(tmp_path, old, new))


def test_the_lines_to_paste_are_curl_lines_with_their_continuations() -> None:
    pasted = ["curl -s \\\n   -d b", "  $ curl http://c", "X=$(curl 'https://d' | e)"]
    prose = ["use curl -s like this", "# curl -s", "curling -s", "curl is missing", ""]
    assert curl_lines("\n".join(pasted + prose)) == [
        "curl -s -d b",
        "curl http://c",
        "X=$(curl 'https://d' | e)",
    ]
