"""The curl lines that a newcomer pastes into a shell, one after the other."""

from shlex import quote

from identity_service.cli.demo import Demo


def curl_lines(demo: Demo, issuer: str) -> list[tuple[str, str]]:
    """(what it does, the command): each prints its answer; tokens travel from one to the next in $answer.

    They need curl, sed and any POSIX shell.
    """
    who = f"-u {quote(f'{demo.client_id}:{demo.client_secret}')}"
    sign_in = f"-d grant_type=password -d username={quote(demo.username)} -d password={quote(demo.password)}"
    return [
        ("A token for the demo user", _keep(f"curl -s {who} {issuer}/oauth2/token \\\n  {sign_in}")),
        (
            "A new one for its refresh token",
            _keep(
                f"curl -s {who} {issuer}/oauth2/token \\\n"
                f"  -d grant_type=refresh_token -d refresh_token={_member('refresh_token')}"
            ),
        ),
        (
            "What the server says of the access token",
            f"curl -s {who} {issuer}/oauth2/introspect \\\n  -d token={_member('access_token')}; echo",
        ),
        (
            "Revoke it (then ask again: it is no longer active)",
            f"curl -s {who} {issuer}/oauth2/revoke \\\n  -d token={_member('access_token')}; echo",
        ),
    ]


def _keep(command: str) -> str:
    return f'answer=$({command})\necho "$answer"'


def _member(name: str) -> str:
    """A shell word: the string member of the JSON object in $answer."""
    return f"""$(echo "$answer" | sed 's/.*"{name}": *"\\([^"]*\\)".*/\\1/')"""
