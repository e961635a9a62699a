"""The events of Event Streams: CloudEvents of the types that the sandbox emits.

Sources: CloudEvents 1.0; Twilio docs, "Event Streams": "Error Logs", "Call Insights Events"; twilio-oai,
twilio_insights_v1 (a summary's fields). What `from` and `to` of a summary contain is not in that document.
"""

from __future__ import annotations

import json
import uuid
from typing import TYPE_CHECKING

from ..dates import iso8601
from ..sids import new_sid

if TYPE_CHECKING:
    from ..store import Document

ERROR_LOGGED = "com.twilio.error-logs.error.logged"
SUMMARY = "com.twilio.voice.insights.call-summary."
PARTIAL, COMPLETE = f"{SUMMARY}partial", f"{SUMMARY}complete"
TEST = "com.twilio.eventstreams.test-event"
# By type: its schema, the latest version of it, and what it reports.
TYPES = {
    ERROR_LOGGED: ("ErrorLogs.Error", 2, "An error or a warning was logged"),
    "com.twilio.voice.insights.call-event.gateway": (
        "VoiceInsights.CallEvent",
        3,
        "A gateway reports a step of a call",
    ),
    COMPLETE: ("VoiceInsights.CallSummary", 3, "The summary of a call"),
    PARTIAL: ("VoiceInsights.CallSummary", 3, "What the summary of a call contains so far"),
    "com.twilio.voice.status-callback.call.completed": (
        "Voice.WebhookEvent",
        2,
        "A status callback of a call",
    ),
}
_STATES = {"failed": "fail", "no-answer": "noanswer"}
_LEVELS = {"error": "ERROR", "warning": "WARNING", "notice": "INFO", "debug": "DEBUG"}


def cloud_event(kind: str, account_sid: str, data: Document, moment: float) -> Document:
    """An event with an ID of its own."""
    schema, version, _ = TYPES.get(kind, ("EventStreams.TestSink", 1, ""))
    return {
        "specversion": "1.0",
        "type": kind,
        "source": f"/{account_sid}/{kind}",
        "id": new_sid("EZ"),
        "dataschema": f"https://events-schemas.twilio.com/{schema}/{version}",
        "datacontenttype": "application/json",
        "time": iso8601(moment),
        "data": data,
    }


def sink_test() -> Document:
    """What a sink's test event says."""
    return {"test_id": str(uuid.uuid4())}


def logged_error(alert: Document) -> Document:
    """What an event says of an alert."""
    payload = {
        "resource_sid": alert["call_sid"],
        "service_sid": None,
        "error_code": alert["error_code"],
        "more_info": {"msg": alert["alert_text"]},
        "webhook": {"request": {"url": alert["request_url"], "method": alert["request_method"]}},
    }
    return {
        "sid": alert["sid"],
        "account_sid": alert["account_sid"],
        "date_created": iso8601(alert["generated"]),
        "level": _LEVELS[alert["log_level"]],
        "correlation_sid": alert["call_sid"],
        "product_name": "Programmable Voice",
        "error_code": alert["error_code"],
        "payload": json.dumps(payload),
    }


def call_summary(call: Document, *, complete: bool) -> Document:
    """What an event says of a call leg that is over."""
    started = call["started"] or call["created"]
    return {
        "account_sid": call["account_sid"],
        "call_sid": call["sid"],
        "call_type": _call_type(call),
        "call_state": _STATES.get(call["status"], call["status"]),
        "processing_state": "complete" if complete else "partial",
        "answered_by": call["answered_by"],
        "created_time": iso8601(call["created"]),
        "start_time": iso8601(started),
        "end_time": iso8601(call["ended"]),
        "duration": round(call["ended"] - started),
        "connect_duration": call["duration"],
        "from": {"caller": call["from"]},
        "to": {"callee": call["to"]},
        "carrier_edge": None,
        "client_edge": None,
        "sdk_edge": None,
        "sip_edge": None,
        "properties": {"direction": call["direction"].replace("-", "_")},
        "trust": {},
        "attributes": {},
        "tags": [],
        "annotation": {},
    }


def _call_type(call: Document) -> str:
    other = call["from"] if call["direction"] == "inbound" else call["to"]
    scheme = str(other).partition(":")[0]
    return {"client": "client", "sip": "sip", "sips": "sip"}.get(scheme, "carrier")
