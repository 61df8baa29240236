"""Stands in for curl where it is not installed: what the lines of the documentation ask of it, and nothing more."""

import argparse
import base64
import sys
import urllib.error
import urllib.parse
import urllib.request


def main() -> int:
    """Prints the answer; exit status 22 for one of 400 or more with `--fail-with-body`, as curl has it."""
    options = argparse.ArgumentParser(prog="curl", allow_abbrev=False)
    options.add_argument("url")
    options.add_argument("-s", "--silent", action="store_true")
    options.add_argument("-S", "--show-error", action="store_true")
    options.add_argument("--fail-with-body", action="store_true")
    options.add_argument("-u", "--user")
    options.add_argument("-X", "--request")
    options.add_argument("-H", "--header", action="append", default=[])
    options.add_argument("-d", "--data", action="append", default=[])
    options.add_argument("--data-urlencode", action="append", default=[])
    given = options.parse_intermixed_args()
    asked = urllib.request.Request(given.url, _body(given), method=given.request)
    for header in given.header:
        name, _, value = header.partition(":")
        asked.add_header(name, value.strip())
    if given.user is not None:
        asked.add_header("Authorization", f"Basic {base64.b64encode(given.user.encode()).decode()}")
    try:
        answer = urllib.request.urlopen(asked)
    except urllib.error.HTTPError as refused:
        answer = refused
    sys.stdout.write(answer.read().decode())
    return 22 if given.fail_with_body and answer.status >= 400 else 0


def _body(given: argparse.Namespace) -> bytes | None:
    encoded = [part.partition("=") for part in given.data_urlencode]
    parts = [*given.data, *(f"{name}={urllib.parse.quote_plus(value)}" for name, _, value in encoded)]
    return "&".join(parts).encode() if parts else None


if __name__ == "__main__":
    sys.exit(main())
