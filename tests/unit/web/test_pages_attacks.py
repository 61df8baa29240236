"""ATTACKS 36: whatever stands in names, scopes, errors and answers of a client is text on our pages."""

from dataclasses import fields, is_dataclass, replace
from typing import Any

import pytest

from identity_service.web.pages import harmless, monogram
from tests.html import NAMESPACE, elements, parsed, skeleton
from tests.pages import CLIENT, SAMPLES, SIGNED_OUT
from tests.unit.web.test_pages import shown

PAYLOADS = {
    "a script": "<script>alert(1)</script>",
    "a handler": "x\" onfocus=alert(1) autofocus x='",
    "the end of an attribute": "'\"><img src=x onerror=alert(1)>",
    "the end of an element": "</bdi></code></title></button></ul></main><h1>",
    "entities": "&lt;script&gt;&#x3c;b&#x3e;&quot;",
    "a template": "{{ 7 * 7 }}{% raw %}{{ page.csrf }}",
    "a format": "%(client)s %s %d %%",
    "a comment": "<!-- --> ]]> <![CDATA[",
    "direction": "\u202eevil\u2066\u200f",
    "another alphabet": "Ünïcødé 漢字 🗝",
}
KEPT = {"advice", "problem", "status", "cancel", "done", "member"}
"""What nobody outside chooses."""


def filled(value: Any, text: str) -> Any:
    """The same value with this text in every place that holds a text."""
    if isinstance(value, str):
        return text
    if isinstance(value, tuple):
        return tuple(filled(each, text) for each in value)
    if is_dataclass(value) and not isinstance(value, type):
        names = [each.name for each in fields(value) if each.name not in KEPT]
        return replace(value, **{name: filled(getattr(value, name), text) for name in names})
    return value


@pytest.mark.parametrize("payload", PAYLOADS.values(), ids=PAYLOADS)
@pytest.mark.parametrize("name", [name for name in SAMPLES if "-" not in name])
async def test_36_a_text_changes_nothing_but_text(name: str, payload: str) -> None:
    attacked = (await shown(filled(SAMPLES[name], payload))).text
    assert skeleton(attacked) == skeleton((await shown(filled(SAMPLES[name], "harmless"))).text)


@pytest.mark.parametrize("payload", PAYLOADS.values(), ids=PAYLOADS)
async def test_36_what_a_client_is_sent_is_what_was_to_be_sent(payload: str) -> None:
    html = (await shown(filled(SAMPLES["form_post"], payload))).text
    sent = [(each["name"], each["value"]) for each in elements(html, "input")]
    assert sent == [(payload, payload)] * 3


@pytest.mark.parametrize("text", ["\x00", "\ud800", "a\r\nb", "\x1b[31m", "\ufffe"], ids=ascii)
@pytest.mark.parametrize("name", ["login", "consent", "error", "form_post"])
async def test_36_what_is_no_text_does_not_break_a_page(name: str, text: str) -> None:
    assert (await shown(filled(SAMPLES[name], text))).status_code in (200, 400)


@pytest.mark.parametrize(
    "uri",
    [
        "javascript:alert(1)",
        "JavaScript:alert(1)",
        " javascript:alert(1)",
        "java\tscript:alert(1)",
        "data:text/html,x",
        "vbscript:x",
        "file:///etc/passwd",
        "//evil.example",
        "/relative",
        "",
        None,
    ],
)
async def test_36_a_link_that_is_more_than_a_link_is_not_shown(uri: str | None) -> None:
    client = replace(CLIENT, client_uri=uri, policy_uri=uri, tos_uri=uri)
    for page in (replace(SAMPLES["login"], client=client), replace(SIGNED_OUT, continue_to=uri)):
        assert elements((await shown(page)).text, "a") == []
    assert not harmless(uri)


@pytest.mark.parametrize("uri", ["https://a.example/", "http://127.0.0.1:1/", "com.example.app:/signed-out"])
async def test_36_a_link_to_the_web_or_to_an_app_is_shown(uri: str) -> None:
    [link] = elements((await shown(replace(SIGNED_OUT, continue_to=uri))).text, "a")
    assert link["href"] == uri


async def test_36_names_that_others_chose_do_not_turn_the_text_around_them() -> None:
    html = (await shown(SAMPLES["consent"])).text
    isolated = {each.text for each in parsed(html).iter(f"{NAMESPACE}bdi")}
    assert {CLIENT.name, "ada@house.example", "album.example"} <= isolated


@pytest.mark.parametrize(
    ("name", "letter"), [("photo", "P"), ("<b>", "B"), ("ßa", "S"), ("…", "·"), ("", "·"), ("漢", "漢")]
)
def test_a_monogram_is_one_letter(name: str, letter: str) -> None:
    assert monogram(name) == letter
