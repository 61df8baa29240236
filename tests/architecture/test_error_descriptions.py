"""No caller input in `error_description`: every text handed to a protocol error is written in the code.

`detail` is the place for what was sent. One door is left open: a value that its function declares as
`LiteralString`, which is how `Parameters.require` names the parameter it misses.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import identity_service
from identity_service.domain.oauth import errors

PACKAGE = Path(identity_service.__file__).parent
NAMES = {
    name
    for name, value in vars(errors).items()
    if isinstance(value, type) and issubclass(value, errors.OAuthError)
}
ALLOWED = re.compile(r"[\x20\x21\x23-\x5B\x5D-\x7E]+")
"""RFC 6749 §5.2."""


def complaints(source: str) -> Iterator[int]:
    """Lines that make a protocol error with a description that is not fixed, or not in ALLOWED."""
    for function in _functions(ast.parse(source)):
        literals = {a.arg for a in function.args.args if _is_literal_string(a)}
        for node in ast.walk(function):
            if isinstance(node, ast.Call) and _called(node) in NAMES:
                yield from (node.lineno for text in _descriptions(node) if not _is_fixed(text, literals))


def _functions(tree: ast.Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    return (n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef))


def _is_literal_string(argument: ast.arg) -> bool:
    return isinstance(argument.annotation, ast.Name) and argument.annotation.id == "LiteralString"


def _called(node: ast.Call) -> str:
    return getattr(node.func, "id", getattr(node.func, "attr", ""))


def _descriptions(node: ast.Call) -> list[ast.expr]:
    return [*node.args, *(k.value for k in node.keywords if k.arg in (None, "description"))]


def _is_fixed(text: ast.expr, literals: set[str]) -> bool:
    if isinstance(text, ast.JoinedStr):
        return all(_is_fixed(part, literals) for part in text.values)
    if isinstance(text, ast.FormattedValue):
        return isinstance(text.value, ast.Name) and text.value.id in literals
    return isinstance(text, ast.Constant) and ALLOWED.fullmatch(str(text.value)) is not None


@pytest.mark.parametrize(
    "call",
    [
        "InvalidGrant('fixed')",
        "InvalidGrant(detail=x)",
        "InvalidGrant(description='fixed', detail=f'{x}')",
        "errors.InvalidGrant('fixed')",
        "InvalidGrant(f'{literal} is missing')",
        "SomethingElse(x)",
    ],
)
def test_a_fixed_description_is_accepted(call: str) -> None:
    assert list(complaints(f"def f(x, literal: LiteralString):\n    raise {call}")) == []


@pytest.mark.parametrize(
    "call",
    [
        "InvalidGrant(x)",
        "InvalidGrant(f'no {x}')",
        "InvalidGrant('no %s' % x)",
        "InvalidGrant('no {}'.format(x))",
        "InvalidGrant('no ' + x)",
        "InvalidGrant(description=x)",
        "InvalidGrant(**x)",
        "errors.InvalidGrant(x)",
        "InvalidGrant('a \"quote\"')",
        "InvalidGrant('outside ASCII: é')",
    ],
)
def test_any_other_description_is_found(call: str) -> None:
    assert list(complaints(f"def f(x):\n    raise {call}")) == [2]


def test_s5_2_every_description_in_the_package_is_fixed() -> None:
    found = {
        str(path.relative_to(PACKAGE)): list(complaints(path.read_text())) for path in PACKAGE.rglob("*.py")
    }
    assert {path: lines for path, lines in found.items() if lines} == {}
