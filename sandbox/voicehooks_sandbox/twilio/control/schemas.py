"""JSON Schemas of the control plane's request bodies."""

from __future__ import annotations

from typing import Any

from ..accounts.models import KEY_TYPES
from ..event_streams.models import STATUSES as SINK_STATUSES
from ..faults import REST_FAULTS, WEBHOOK_FAULTS
from ..simulation.scenario import OUTCOMES

_TEXT = {"type": "string"}
_COUNT = {"type": "integer", "minimum": 0}
_SECONDS = {"type": ["number", "null"], "minimum": 0}


def _object(properties: dict[str, Any], *required: str, closed: bool = True) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "object", "properties": properties}
    if closed:
        schema["additionalProperties"] = False
    if required:
        schema["required"] = list(required)
    return schema


TURN = {
    "oneOf": [
        _object({"digits": {"type": "string", "pattern": "^[0-9*#]+$"}}, "digits"),
        _object({"speech": _TEXT, "confidence": {"type": "number", "minimum": 0, "maximum": 1}}, "speech"),
        _object({"timeout": {"const": True}}, "timeout"),
    ]
}
_SCENARIO: dict[str, Any] = {
    "scenario": {"enum": list(OUTCOMES)},
    "setupSeconds": _SECONDS,
    "ringSeconds": _SECONDS,
    "talkSeconds": _SECONDS,
    "hangUpBy": {"enum": ["callee", "caller"]},
    "callerHangsUpAfter": _SECONDS,
    "recordingReadySeconds": _SECONDS,
    "recordSeconds": _SECONDS,
    "recordEndsBy": _TEXT,
    "transcription": _TEXT,
    "gather": {"type": "array", "items": TURN},
    "detectionSeconds": _SECONDS,
    "answeredBy": _TEXT,
    "recording": {"enum": ["ok", "absent"]},
    "parameters": {"type": "object"},
    "legs": {"type": "object"},
}
SCENARIOS = {"type": "object", "additionalProperties": _object(_SCENARIO)}
_SIP_CALLER = {"username": _TEXT, "sourceIp": _TEXT, "sipHeaders": {"type": "object"}}
CALL = _object(
    {"from": _TEXT, "to": _TEXT, "forwardedFrom": _TEXT, "callerName": _TEXT, **_SIP_CALLER, **_SCENARIO}, "to"
)
NUMBERS = _object(
    {
        "count": _COUNT,
        "phone_numbers": {"type": "array", "items": _TEXT},
        "capabilities": {"type": "object", "additionalProperties": {"type": "boolean"}},
        "account_sid": _TEXT,
    }
)
_FAULT = _object({"fault": {"enum": [*WEBHOOK_FAULTS, *REST_FAULTS]}, "times": _COUNT}, "fault", closed=False)
FAULTS = {"oneOf": [_FAULT, {"type": "array", "items": _FAULT}]}
RESET = _object({"only": {"enum": ["calls"]}})
CLOCK = _object(
    {
        "factor": {"oneOf": [{"type": "number", "exclusiveMinimum": 0}, {"const": "max"}]},
        "advanceSeconds": {"type": "number"},
    }
)
ACCOUNT = _object(
    {
        "account_sid": _TEXT,
        "status": {"enum": ["active", "suspended", "closed"]},
        "type": {"enum": ["Full", "Trial"]},
        "authToken": _TEXT,
        "secondaryAuthToken": _TEXT,
        "balance": _TEXT,
        "verifiedNumbers": {"type": "array", "items": _TEXT},
        "concurrencyLimit": {"type": ["integer", "null"]},
        "callsPerSecond": {"type": ["number", "null"], "exclusiveMinimum": 0},
        "requestSeconds": {"type": "number"},
    }
)
API_KEY = _object(
    {
        "type": {"enum": list(KEY_TYPES)},
        "permissions": {"type": "array", "items": _TEXT},
        "account_sid": _TEXT,
    }
)
EVENT_SINK = _object({"status": {"enum": list(SINK_STATUSES)}}, "status")
MEDIA_HOSTS = _object({"hosts": {"type": "array", "items": _TEXT}}, "hosts")
RESEND = _object(
    {
        "params": {"type": "object", "additionalProperties": {"type": ["string", "null"]}},
        "signature": {"enum": ["valid", "wrong", "none"]},
    }
)
SNAPSHOT = {"oneOf": [_object({"save": _TEXT}, "save"), _object({"load": _TEXT}, "load")]}
