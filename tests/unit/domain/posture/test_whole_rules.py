"""Rules about the keys that sign, about all clients together; and what every rule has to say."""

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import click
import pytest

from identity_service.cli import root
from identity_service.domain.posture.judging import NOT_OFFERED, counted, examined
from identity_service.domain.posture.register import KEY_RULES, WHOLE_RULES, every_rule
from identity_service.domain.posture.rule import Rule
from identity_service.domain.posture.seen import SeenKey, Tally
from identity_service.domain.value_objects.scope import Scope
from identity_service.infrastructure.config.settings import Settings
from tests.unit.domain.posture.safe import KEY, NOW, STRONG, VALUES, Watched

COMMAND = re.compile(r"identity-service ([a-z][a-z -]*[a-z])((?: CLIENT_ID)?(?: --[a-z0-9-]+[^-;()]*)*)")
VARIABLE = re.compile(r"\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\b|\b(?:DOCS|ISSUER|METRICS)\b(?==)")
BITS_1024 = {"kty": "RSA", "n": "7" + "A" * 170}
BITS_2048 = {"kty": "RSA", "n": "7" + "A" * 341}
BITS_3072 = {"kty": "RSA", "n": "7" + "A" * 511}
EVERY = list(every_rule())


def found(key: SeenKey) -> set[str]:
    return {rule.name for rule in KEY_RULES if rule.judge(key) is not None}


@pytest.mark.parametrize(
    ("change", "names"),
    [
        ({}, set()),
        ({"public_jwk": BITS_1024}, {"weak-key"}),
        ({"public_jwk": BITS_2048}, {"short-key"}),
        ({"public_jwk": BITS_3072}, set()),
        ({"activated_at": NOW - timedelta(days=92, seconds=1)}, {"overdue-key"}),
        ({"activated_at": NOW - timedelta(days=92)}, set()),
        ({"activated_at": None}, set()),
        (
            {"activated_at": NOW - timedelta(days=999), "values": {**VALUES, "signing_key_rotation_days": 0}},
            set(),
        ),
    ],
    ids=["good", "1024", "2048", "3072", "late", "just-in-time", "from-the-settings", "by-command-only"],
)
def test_keys(change: dict[str, Any], names: set[str]) -> None:
    assert found(replace(KEY, **change)) == names


@pytest.mark.parametrize("rule", KEY_RULES, ids=lambda rule: rule.name)
def test_a_rule_about_keys_reads_what_it_says(rule: Rule[SeenKey]) -> None:
    watched = Watched(KEY)
    rule.judge(watched)  # type: ignore[arg-type]  # notes what is asked of it
    assert watched.asked == set(rule.reads)


def test_many_that_administer_are_one_finding() -> None:
    tally = Tally()
    for _ in range(3):
        tally = tally.with_one(replace(STRONG, scope=Scope.parse("read admin"), resource_server=True))
    tally = tally.with_one(STRONG)
    assert (tally.clients, tally.administer, tally.introspect) == (4, 3, 3)
    assert [rule.judge(tally) for rule in WHOLE_RULES] == [None]
    more = tally.with_one(replace(STRONG, scope=Scope.parse("clients:read")))
    assert [rule.judge(more) for rule in WHOLE_RULES] == ["4 clients may be granted reserved scopes"]


def test_every_rule_says_all_there_is_to_say() -> None:
    assert len({rule.name for rule in EVERY}) == len(EVERY)
    for rule in EVERY:
        assert rule.clauses, rule.name
        assert rule.reads, rule.name
        assert rule.stake.endswith("."), rule.name
        assert rule.judge.__doc__, rule.name


def test_what_mends_it_exists() -> None:
    for rule in EVERY:
        check_mend(rule)


def check_mend(rule: Rule[Any]) -> None:
    for name in VARIABLE.findall(rule.mend.replace("CLIENT_ID", "")):
        assert {name.lower(), name.removesuffix("_FILE").lower()} & set(Settings.model_fields), name
    for words, rest in COMMAND.findall(rule.mend):
        command = command_of(words.split())
        options = {opt for param in command.params for opt in (*param.opts, *param.secondary_opts)}
        assert set(re.findall(r"--[a-z0-9-]+", rest)) <= options, rule.mend


def command_of(words: list[str]) -> click.Command:
    command: click.Command = root
    for word in words:
        if not isinstance(command, click.Group):
            break
        below = command.get_command(click.Context(command), word)
        assert below is not None, words
        command = below
    return command


def test_findings_are_told_by_profile_and_without_what_is_ignored() -> None:
    weak = replace(KEY, public_jwk=BITS_1024, activated_at=NOW - timedelta(days=999))
    thing = examined(KEY_RULES, weak, kind="key", subject="a key", label="ES256 a key")
    names = [each.rule.name for each in counted(thing.findings, profile=None, ignored=())]
    assert names == ["weak-key", "overdue-key"]
    assert [each.rule.name for each in counted(thing.findings, profile=None, ignored={"weak-key"})] == [
        "overdue-key"
    ]
    profile = NOT_OFFERED[0][0].profile
    assert [each.rule.name for each in counted(thing.findings, profile=profile, ignored=())] == ["weak-key"]
