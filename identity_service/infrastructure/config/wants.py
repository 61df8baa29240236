"""What a setting wants, in words: for error messages and for the documentation."""

from pathlib import Path
from typing import Any, Literal, get_args, get_origin

from annotated_types import Ge, Gt, Le, MaxLen
from pydantic.fields import FieldInfo

KINDS = {int: "a whole number", float: "a number", bool: "true or false", Path: "a path"}


def wants(field: FieldInfo) -> str:
    """For example: a whole number from 4 to 18."""
    if get_origin(field.annotation) is Literal:
        return _either(get_args(field.annotation))
    if choices := _listed(field.annotation):
        return f"one or more of {_either(choices)}, separated by commas"
    return KINDS.get(_type(field.annotation), "text") + _range(field.metadata)


def _listed(annotation: Any) -> tuple[Any, ...]:
    """What the items of a tuple are chosen from; empty where they are free."""
    item = _type(annotation) if get_origin(annotation) is tuple else None
    return get_args(item) if get_origin(item) is Literal else ()


def _type(annotation: Any) -> Any:
    kinds = [kind for kind in get_args(annotation) or (annotation,) if kind is not type(None)]
    return kinds[0]


def _either(values: tuple[Any, ...]) -> str:
    *others, last = (str(value) for value in values)
    return f"{', '.join(others)} or {last}"


def _range(metadata: list[Any]) -> str:
    low = next((f" from {rule.ge}" for rule in metadata if isinstance(rule, Ge)), "")
    above = next((f" above {rule.gt}" for rule in metadata if isinstance(rule, Gt)), "")
    high = next((rule.le for rule in metadata if isinstance(rule, Le)), None)
    longest = next(
        (f" of at most {rule.max_length} characters" for rule in metadata if isinstance(rule, MaxLen)), ""
    )
    up_to = "" if high is None else f" to {high}" if low else f", at most {high}"
    return f"{low}{above}{up_to}{longest}"
