"""What the health checks answer, for the description of the API."""

from typing import Any

TEXT = {"type": "string"}
DEPENDENCY = {
    "type": "object",
    "required": ["status", "milliseconds"],
    "properties": {
        "status": {"enum": ["ok", "degraded", "down"]},
        "problem": TEXT,
        "milliseconds": {"type": "number", "minimum": 0},
    },
}
HEALTH = {
    "type": "object",
    "required": ["status", "version", "dependencies"],
    "properties": {
        "status": {"enum": ["ok", "degraded", "down"]},
        "version": TEXT,
        "dependencies": {"type": "object", "additionalProperties": DEPENDENCY},
    },
}
LIVE = {"type": "object", "required": ["status"], "properties": {"status": {"const": "ok"}}}
READY = {"type": "object", "required": ["status"], "properties": {"status": {"const": "ready"}}}
NOT_READY = {
    "type": "object",
    "required": ["status", "reasons"],
    "properties": {"status": {"const": "not ready"}, "reasons": {"type": "array", "items": TEXT}},
}


def _answer(text: str, schema: dict[str, Any], example: Any) -> dict[str, Any]:
    return {"description": text, "content": {"application/json": {"schema": schema, "example": example}}}


def _health(status: str) -> dict[str, Any]:
    database = {"status": "ok", "milliseconds": 1.5}
    if status == "down":
        database = {"status": "down", "problem": "does not answer", "milliseconds": 1000.1}
    return {"status": status, "version": "1.0.0", "dependencies": {"database": database}}


ANSWERS: dict[str, dict[int | str, dict[str, Any]]] = {
    "/health": {
        200: _answer("Every dependency, with its latency.", HEALTH, _health("ok")),
        503: _answer("One is away without which nothing works.", HEALTH, _health("down")),
    },
    "/health/live": {200: _answer("The process answers.", LIVE, {"status": "ok"})},
    "/health/ready": {
        200: _answer("Requests may be sent here.", READY, {"status": "ready"}),
        503: _answer(
            "They may not.", NOT_READY, {"status": "not ready", "reasons": ["database: does not answer"]}
        ),
    },
}
