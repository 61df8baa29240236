"""How events are written for other programs: a line each, as JSON, in the Elastic Common Schema, or as CEF."""

import json
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from identity_service import __version__

ECS_VERSION: Final = "8.17.0"
FAILURES: Final = re.compile(r"failed|refused|denied")
CATEGORIES: Final = {
    "user": ["iam"],
    "client": ["configuration"],
    "session": ["session"],
    "consent": ["iam"],
    "family": ["session"],
    "refresh_token": ["session"],
    "access_token": ["session"],
}


def as_jsonl(event: Mapping[str, Any]) -> str:
    """The event as `--json` and REST show it."""
    return _json(event)


def as_ecs(event: Mapping[str, Any]) -> str:
    """Elastic Common Schema; what has no field there stands under `labels` and `identity_service`."""
    members = event["members"]
    document = {
        "@timestamp": event["at"],
        "ecs": {"version": ECS_VERSION},
        "event": {
            "id": event["id"],
            "kind": "event",
            "dataset": "identity_service.audit",
            "action": event["name"],
            "category": _categories(event),
            "outcome": _outcome(event),
            "reason": members.get("reason"),
            "sequence": event["position"],
        },
        "service": {"name": "identity-service", "type": "identity-service", "version": __version__},
        "user": {"id": event["subject"], "name": members.get("username"), "email": members.get("email")},
        "source": {"ip": event["address"]},
        "user_agent": {"original": members.get("user_agent")},
        "http": {"request": {"id": event["request_id"]}},
        "labels": {"actor": event["actor"], "client_id": event["client_id"]},
        "identity_service": {"members": members},
    }
    return _json(_filled(document))


def as_cef(event: Mapping[str, Any]) -> str:
    """ArcSight Common Event Format, version 0. The actor is the source user, the subject the destination user."""
    members = event["members"]
    extension = {
        "rt": int(datetime.fromisoformat(event["at"]).timestamp() * 1000),
        "externalId": event["id"],
        "suser": event["actor"],
        "duid": event["subject"],
        "duser": members.get("username"),
        "src": event["address"],
        "requestClientApplication": members.get("user_agent"),
        "outcome": _outcome(event),
        "reason": members.get("reason"),
        "cn1Label": "chainPosition",
        "cn1": event["position"],
        "cs1Label": event["client_id"] and "clientId",
        "cs1": event["client_id"],
        "cs2Label": event["request_id"] and "requestId",
        "cs2": event["request_id"],
        "msg": _json(members),
    }
    head = "|".join(
        map(_cef_head, ("identity-service", "identity-service", __version__, event["name"], event["name"]))
    )
    severity = 6 if _outcome(event) == "failure" else 3
    pairs = " ".join(
        f"{name}={_cef_value(str(value))}" for name, value in extension.items() if value not in (None, "")
    )
    return f"CEF:0|{head}|{severity}|{pairs}"


FORMATS: Final[Mapping[str, Callable[[Mapping[str, Any]], str]]] = {
    "jsonl": as_jsonl,
    "ecs": as_ecs,
    "cef": as_cef,
}


def _categories(event: Mapping[str, Any]) -> list[str]:
    if ".sign_in" in event["name"] or event["name"] == "session.started":
        return ["authentication"]
    return CATEGORIES.get(event["name"].partition(".")[0], ["configuration"])


def _outcome(event: Mapping[str, Any]) -> str:
    return "failure" if FAILURES.search(event["name"]) else "success"


def _filled(value: Any) -> Any:
    """Without what is not there."""
    if not isinstance(value, dict):
        return value
    filled = {name: _filled(each) for name, each in value.items()}
    return {name: each for name, each in filled.items() if each is not None and each != {}}


def _cef_head(text: str) -> str:
    return _one_line(text).replace("\\", "\\\\").replace("|", "\\|")


def _cef_value(text: str) -> str:
    return _one_line(text.replace("\\", "\\\\").replace("=", "\\="))


def _one_line(text: str) -> str:
    """CEF knows \\n and \\r; any other control character would be somebody's attempt at another line."""
    text = text.replace("\n", "\\n").replace("\r", "\\r")
    return "".join(c if c.isprintable() else " " for c in text)


def _json(value: Any) -> str:
    """ASCII only: line separators and direction marks come out escaped."""
    return json.dumps(value, separators=(",", ":"))
