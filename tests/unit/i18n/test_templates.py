"""No word in a template that a catalogue could not know."""

import re
from pathlib import Path

import pytest

TEMPLATES = sorted(
    (Path(__file__).resolve().parents[3] / "identity_service" / "web" / "templates").glob("*.html")
)
JINJA = re.compile(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", re.DOTALL)
TAG = re.compile(r"<[^>]*>")
SPOKEN = re.compile(r"""\b(?:alt|title|placeholder|aria-label|label)=(?:"([^"]*)"|'([^']*)')""")
WORD = re.compile(r"[^\W\d_]{2,}")
CODE = frozenset({"doctype"})


def unmarked(template: str) -> list[str]:
    """The words that stand in a template as they are."""
    text = JINJA.sub(" ", template)
    attributes = [
        word for found in SPOKEN.finditer(text) for word in WORD.findall(found[1] or found[2] or "")
    ]
    return [word for word in WORD.findall(TAG.sub(" ", text)) if word not in CODE] + attributes


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_every_word_is_marked_for_translation(path: Path) -> None:
    assert unmarked(path.read_text()) == []


@pytest.mark.parametrize(
    "template",
    [
        "<h1>Welcome</h1>",
        '<img alt="Welcome">',
        "<nav aria-label='Welcome'>",
        '{{ _("Sign in") }} Welcome',
        '<p class="x">{% if page.x %}Welcome{% endif %}</p>',
    ],
)
def test_a_word_that_is_not_would_be_found(template: str) -> None:
    assert unmarked(template) == ["Welcome"]
