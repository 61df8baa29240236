"""The curl lines that a newcomer pastes into a shell, one after the other."""

import shutil
import sys
from shlex import quote

from identity_service.cli.demo import Demo

STAND_IN = """\
curl() { %s - "$@" <<'END'
import base64, sys, urllib.error, urllib.request
_, _, who, url, *rest = sys.argv[1:]
form = "&".join(part for part in rest if part != "-d").encode()
headers = {"Authorization": "Basic " + base64.b64encode(who.encode()).decode()}
try:
    answer = urllib.request.urlopen(urllib.request.Request(url, form, headers))
except urllib.error.HTTPError as error:
    answer = error
print(answer.read().decode(), end="")
END
}"""
"""Does what the lines below need of curl: `-s -u USER:PASSWORD URL -d NAME=VALUE ...`."""


def curl_lines(demo: Demo, issuer: str) -> list[tuple[str, str]]:
    """(what it does, the command): each prints its answer; tokens travel from one to the next in $answer.

    They need a POSIX shell, sed, and curl, or the function that comes first where there is no curl.
    """
    call = f"curl -s \\\n  -u {quote(f'{demo.client_id}:{demo.client_secret}')} \\\n  {issuer}/oauth2"
    sign_in = f"-d grant_type=password -d username={quote(demo.username)} -d password={quote(demo.password)}"
    refresh = f"-d grant_type=refresh_token -d refresh_token={_member('refresh_token')}"
    token = f"-d token={_member('access_token')}; echo"
    lines = [
        ("A token for the demo user", _keep(f"{call}/token \\\n  {sign_in}")),
        ("A new one for its refresh token", _keep(f"{call}/token \\\n  {refresh}")),
        ("What the server says of the access token", f"{call}/introspect \\\n  {token}"),
        ("Revoke it; after that, 3. says that it is not active", f"{call}/revoke \\\n  {token}"),
    ]
    return (
        lines if shutil.which("curl") else [("curl is not installed: this does instead", _stand_in()), *lines]
    )


def _stand_in() -> str:
    return STAND_IN % quote(sys.executable)


def _keep(command: str) -> str:
    return f'answer=$({command})\necho "$answer"'


def _member(name: str) -> str:
    """A shell word: the string member of the JSON object in $answer."""
    return f"""$(echo "$answer" | sed 's/.*"{name}": *"\\([^"]*\\)".*/\\1/')"""
