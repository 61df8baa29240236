"""Every parser, fed with what it expects and what somebody has done to that: it answers, or refuses in its own way.

Which parsers there are is found by what they call: a module that decodes something stands in the table, or says why
not.
"""

import re
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.properties.parsers import ELSEWHERE, NOT_FROM_OUTSIDE, PACKAGE, PARSERS, Parser

FEW_EXAMPLES, MANY_EXAMPLES = 15, 500
"""Beside the pieces, which are tried in any case."""
DECODES = frozenset(
    {
        *("loads", "b64decode", "urlsafe_b64decode", "a2b_base64", "unquote", "unquote_to_bytes", "fromhex"),
        *(
            "urlsplit",
            "urlparse",
            "parse_qs",
            "parse_qsl",
            "ip_address",
            "ip_network",
            "IPv4Address",
            "IPv6Address",
        ),
        *("load_pem_private_key", "load_pem_public_key", "load_der_private_key", "fromisoformat", "strptime"),
        *("from_bytes", "unpack", "unpack_from", "fullmatch", "enforce"),
    }
)
"""Functions and methods that make something of text or bytes."""
NOT_LOOKED_AT = ("cli", "demo", "server", "infrastructure/metrics", "infrastructure/logging.py")
"""Operators and the demo; server/ reads no more than tests/properties/test_early_exit.py feeds to it."""

PIECES = (
    *(
        "",
        "\0",
        "\r\n",
        " ",
        "\t",
        "+",
        "%",
        "%00",
        "%ff",
        "%zz",
        "%25",
        "&",
        "=",
        ";",
        ",",
        "#",
        "?",
        "@",
        ":",
        "//",
        "\\",
    ),
    *(
        '"',
        "'",
        "{",
        "}",
        "[",
        "]",
        "[" * 3000,
        '{"a":' * 1500,
        "null",
        "true",
        "NaN",
        "1e400",
        "-0",
        "9" * 5000,
    ),
    *(
        "é",
        "\u0661",
        "\u202e",
        "\ud800",
        "\U0001f511",
        "ß",
        "\uff0f",
        "a" * 70_000,
        "..",
        "%2e%2e",
        "xn--",
        "::",
        "0x7f.1",
    ),
    *(
        "-----BEGIN PRIVATE KEY-----",
        "-----END",
        "\n\n",
        "=" * 5,
        "eyJhbGciOiJub25lIn0.e30.",
        "idr_",
        "Basic ",
        "Bearer ",
    ),
)


def utf8(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def spliced(seed: Any, start: int, size: int, pieces: list[Any]) -> Any:
    """The seed, a part of which has given way to something else."""
    at = start % (len(seed) + 1)
    return seed[:at] + seed[:0].join(pieces) + seed[at + size :]


def fed_to(parser: Parser) -> st.SearchStrategy[Any]:
    """Text or bytes, as its seeds are; most of it near one of them."""
    as_bytes = isinstance(parser.seeds[0], bytes)
    anything: st.SearchStrategy[Any] = st.binary(max_size=60) if as_bytes else st.text(max_size=60)
    known = st.sampled_from([utf8(piece) if as_bytes else piece for piece in PIECES])
    edits = st.lists(
        st.tuples(st.integers(0, 500), st.integers(0, 8), st.lists(known | anything, max_size=2)), max_size=3
    )

    def edited(seed: Any, changes: list[tuple[int, int, list[Any]]]) -> Any:
        for change in changes:
            seed = spliced(seed, *change)
        return seed

    return st.builds(edited, st.sampled_from(parser.seeds), edits) | anything | known


def feed(parser: Parser, fed: Any) -> None:
    """Any exception but the parser's own fails the test."""
    try:
        with suppress(*parser.refuses):
            parser.read(fed)
    except Exception as defect:
        raise AssertionError(f"{parser.name}: {type(defect).__name__}: {str(defect)[:200]}") from defect


ALWAYS_REFUSED = {
    "a line of a statement",
    "a software statement",
    "a URL to fetch",
    "claims of an assertion",
    "claims of a request object",
}

NAMED = pytest.mark.parametrize("parser", PARSERS, ids=lambda parser: parser.name)


@NAMED
def test_a_seed_is_understood(parser: Parser) -> None:
    """Or else what is made of it would never get past the first check."""
    for seed in parser.seeds:
        if parser.name in ALWAYS_REFUSED:
            with pytest.raises(parser.refuses):
                parser.read(seed)
        else:
            parser.read(seed)


@NAMED
def test_every_piece_in_front_behind_and_within_is_read_or_refused(parser: Parser) -> None:
    for piece in PIECES:
        known = utf8(piece) if isinstance(parser.seeds[0], bytes) else piece
        feed(parser, known)
        for seed in parser.seeds:
            for at in (0, len(seed) // 2, len(seed)):
                feed(parser, spliced(seed, at, 0, [known]))


@NAMED
def test_whatever_comes_is_read_or_refused(parser: Parser) -> None:
    _tried(parser, FEW_EXAMPLES)


@pytest.mark.all
@NAMED
def test_whatever_comes_is_read_or_refused_however_long_it_is_tried(parser: Parser) -> None:
    _tried(parser, MANY_EXAMPLES)


def _tried(parser: Parser, examples: int) -> None:
    chosen = settings(max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck))
    chosen(given(fed_to(parser))(lambda fed: feed(parser, fed)))()


_CALL = re.compile(rf"\b(?:{'|'.join(sorted(DECODES))})\(")


def decoding(path: Path) -> bool:
    """Whether the module calls something that decodes."""
    return _CALL.search(path.read_text("utf-8")) is not None


def test_every_module_that_decodes_something_is_in_the_table_or_says_why_not() -> None:
    found = {
        name
        for path in PACKAGE.rglob("*.py")
        if not (name := path.relative_to(PACKAGE).as_posix()).startswith(NOT_LOOKED_AT) and decoding(path)
    }
    apart = NOT_FROM_OUTSIDE.keys() | ELSEWHERE.keys()
    assert found - {module for parser in PARSERS for module in parser.modules} == apart
    assert all((PACKAGE.parent / test).is_file() for test in ELSEWHERE.values())


def test_a_parser_that_is_not_in_the_table_would_be_noticed(tmp_path: Path) -> None:
    module = tmp_path / "new.py"
    module.write_text("import json\n\ndef read(text):\n    return json.loads(text)\n")
    assert decoding(module)
    module.write_text("def read(text):\n    return text\n")
    assert not decoding(module)


def test_another_exception_than_the_parsers_own_is_a_defect() -> None:
    with pytest.raises(AssertionError, match="a defect: KeyError"):
        feed(Parser("a defect", lambda text: {}[text], ("a",), (ValueError,)), "a")
