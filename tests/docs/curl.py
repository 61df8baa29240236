"""Stands in for curl where it is not installed: what the lines of the documentation ask of it, and nothing more."""

import argparse
import base64
import http.client
import sys
import urllib.parse


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
    place = urllib.parse.urlsplit(given.url)
    body = _body(given)
    headers = {"Content-Type": "application/x-www-form-urlencoded"} if body is not None else {}
    headers |= dict(header.split(": ", 1) for header in given.header)
    if given.user is not None:
        headers["Authorization"] = f"Basic {base64.b64encode(given.user.encode()).decode()}"
    connection = http.client.HTTPConnection(place.netloc)
    path = urllib.parse.urlunsplit(("", "", place.path or "/", place.query, ""))
    connection.request(given.request or ("GET" if body is None else "POST"), path, body, headers)
    answer = connection.getresponse()
    sys.stdout.write(answer.read().decode())
    return 22 if given.fail_with_body and answer.status >= 400 else 0


def _body(given: argparse.Namespace) -> bytes | None:
    encoded = [part.partition("=") for part in given.data_urlencode]
    parts = [*given.data, *(f"{name}={urllib.parse.quote_plus(value)}" for name, _, value in encoded)]
    return "&".join(parts).encode() if parts else None


if __name__ == "__main__":
    sys.exit(main())
