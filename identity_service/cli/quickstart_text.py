"""What quickstart prints: how to try the demo with a browser and with a shell, for people and for programs."""

import json
import os
from dataclasses import asdict
from pathlib import Path

from identity_service.cli import demo
from identity_service.cli.curl_lines import curl_lines


def for_people(made: demo.Demo, issuer: str, data: Path, *, new: bool, demo_url: str | None) -> str:
    """The page to open comes first, then the lines to paste. `demo_url` None: no page is served."""
    lines = [
        *([] if demo_url is None else _browser(made, demo_url)),
        f"{'Made' if new else 'Using'} a demo user and demo clients in the embedded database "
        f"{data / 'identity.sqlite3'}.",
        f"They are for trying things out on this machine; their secrets are kept in {data / demo.FILE} (mode 0600).",
        "",
        f"  user    {made.username}",
        f"  client  {made.client_id}",
        f"  issuer  {issuer}",
        "",
        "Paste these into another terminal, one after the other:",
    ]
    commands = curl_lines(made, issuer)
    for number, (title, line) in enumerate(commands, 5 - len(commands)):
        lines += ["", f"# {number}. {title}", line]
    return "\n".join([*lines, ""])


def for_programs(made: demo.Demo, issuer: str, data: Path, *, demo_url: str | None) -> str:
    """One JSON document."""
    members = {
        "issuer": issuer,
        "data": os.fspath(data),
        **asdict(made),
        "demo_url": demo_url,
        "commands": [line for _, line in curl_lines(made, issuer)],
    }
    return json.dumps(members, indent=2)


def _browser(made: demo.Demo, url: str) -> list[str]:
    return [
        f"Open {url} in a browser, and sign in there:",
        "",
        f"  user      {made.username}",
        f"  password  {made.password}",
        "",
        "The page is a program of its own, which lets this server sign people in and shows what it learns.",
        "",
    ]
