"""A small local server for each vendor: good answers, or odd ones, to every request.

Only to force faults that the sandbox has no reason to have; what is right is tested against the sandbox.
"""

from __future__ import annotations

import contextlib
import json
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from tests.support.waiting import PATIENCE

ACCOUNT = "AC" + "5a4db0c5" * 4
NUMBER = "+15551234567"
NUMBER_SID = "PN" + "1" * 32
CALL_SID = "CA" + "2" * 32
REF = "sandboxsandboxsandbo"
_DATE = "Sat, 28 Nov 2026 10:00:00 +0000"

Answer = Callable[["Handler"], None]


def _voice(sid: str) -> dict[str, Any]:
    return {
        "sid": sid,
        "friendly_name": "a name",
        "voice_url": "https://example.com/voice",
        "voice_method": "POST",
        "voice_fallback_url": None,
        "voice_fallback_method": "POST",
        "status_callback": "",
        "status_callback_method": "POST",
        "voice_caller_id_lookup": False,
    }


NUMBER_OBJECT = {
    **_voice(NUMBER_SID),
    "phone_number": NUMBER,
    "voice_application_sid": "",
    "trunk_sid": None,
    "sms_application_sid": "",
    "capabilities": {"voice": True, "sms": True},
}
CALL = {
    "sid": CALL_SID,
    "account_sid": ACCOUNT,
    "parent_call_sid": None,
    "status": "completed",
    "direction": "inbound",
    "from": "+15550100001",
    "to": NUMBER,
    "duration": "5",
    "start_time": _DATE,
    "end_time": _DATE,
    "date_created": _DATE,
    "date_updated": _DATE,
}
RECORDING = {
    "sid": "RE" + "3" * 32,
    "account_sid": ACCOUNT,
    "call_sid": CALL_SID,
    "status": "completed",
    "date_created": _DATE,
    "start_time": _DATE,
    "duration": "5",
    "channels": 1,
    "source": "DialVerb",
    "track": "both",
    "error_code": None,
    "media_url": "https://api.twilio.com/x",
}
_COUNTRY = {
    "iso_code": "US",
    "country_codes": ["+1"],
    "low_risk_numbers_enabled": True,
    "high_risk_special_numbers_enabled": False,
    "high_risk_tollfraud_numbers_enabled": False,
}
_BASE = f"/2010-04-01/Accounts/{ACCOUNT}"
TWILIO = {
    f"GET {_BASE}.json": {"sid": ACCOUNT, "status": "active", "type": "Full", "friendly_name": "x"},
    f"GET {_BASE}/Balance.json": {"balance": "20.5", "currency": "USD"},
    f"GET {_BASE}/IncomingPhoneNumbers.json": {
        "incoming_phone_numbers": [NUMBER_OBJECT],
        "next_page_uri": None,
    },
    f"GET {_BASE}/IncomingPhoneNumbers/{NUMBER_SID}.json": NUMBER_OBJECT,
    f"POST {_BASE}/IncomingPhoneNumbers/{NUMBER_SID}.json": NUMBER_OBJECT,
    f"GET {_BASE}/Applications.json": {"applications": [_voice("AP" + "4" * 32)], "next_page_uri": None},
    f"GET {_BASE}/Applications/{'AP' + '4' * 32}.json": _voice("AP" + "4" * 32),
    f"GET {_BASE}/Calls.json": {"calls": [CALL], "next_page_uri": None},
    f"POST {_BASE}/Calls.json": CALL,
    f"GET {_BASE}/Calls/{CALL_SID}.json": CALL,
    f"GET {_BASE}/Calls/{CALL_SID}/Events.json": {
        "events": [
            {
                "request": {"url": "https://example.com/", "parameters": {"call_sid": CALL_SID}},
                "response": {"response_code": 200, "request_duration": 12, "response_body": "<Response/>"},
            }
        ]
    },
    f"GET {_BASE}/Calls/{CALL_SID}/Notifications.json": {"notifications": [{"error_code": "11200"}]},
    f"GET {_BASE}/Recordings.json": {"recordings": [RECORDING], "next_page_uri": None},
    f"GET {_BASE}/Recordings/{RECORDING['sid']}.json": RECORDING,
    f"GET {_BASE}/OutgoingCallerIds.json": {"outgoing_caller_ids": [{"phone_number": NUMBER}]},
    "GET /v1/DialingPermissions/Countries": {"content": [_COUNTRY], "meta": {"next_page_url": None}},
    "GET /v1/DialingPermissions/Countries/US": _COUNTRY,
    "GET /v1/Alerts": {
        "alerts": [
            {
                "error_code": "11200",
                "date_created": "2026-11-28T10:00:00Z",
                "request_url": "http://127.0.0.1/functions/v1/twilio-webhook",
                "resource_sid": CALL_SID,
            }
        ]
    },
    "GET /v1/Settings": {"dialing_permissions_inheritance": True},
    "GET /v1/Voice/Settings": {"advanced_features": False, "voice_trace": False},
    "POST /_sandbox/calls": {"sid": CALL_SID},
}
_FUNCTION = {
    "id": "9f1c0f0e-0000-4000-8000-000000000001",
    "slug": "twilio-webhook",
    "name": "twilio-webhook",
    "version": 1,
    "status": "ACTIVE",
    "verify_jwt": False,
    "ezbr_sha256": "ab" * 32,
    "entrypoint_path": "file:///tmp/index.ts",
    "import_map_path": None,
}
_PROJECT = f"/v1/projects/{REF}"
SUPABASE = {
    f"GET {_PROJECT}": {
        "name": "x",
        "region": "eu",
        "status": "ACTIVE_HEALTHY",
        "created_at": "2026-11-01T00:00:00Z",
        "database": {"host": "db", "version": "17"},
    },
    f"GET {_PROJECT}/functions": [_FUNCTION],
    f"GET {_PROJECT}/functions/twilio-webhook": _FUNCTION,
    f"GET {_PROJECT}/functions/place-call": {**_FUNCTION, "slug": "place-call"},
    f"POST {_PROJECT}/functions/deploy": _FUNCTION,
    f"GET {_PROJECT}/secrets": [{"name": "VOICEHOOKS_AUTH_TOKEN", "value": "cd" * 32}],
    f"GET {_PROJECT}/api-keys": [{"name": "default", "type": "secret", "api_key": "sb_secret_x"}],
    f"GET {_PROJECT}/api-keys/legacy": {"enabled": True},
    f"GET {_PROJECT}/health": [{"name": "rest", "healthy": True, "status": "ACTIVE_HEALTHY"}],
    f"POST {_PROJECT}/database/query": [{"there": True, "version": "20261124090000", "one": 1}],
    f"GET {_PROJECT}/analytics/endpoints/logs": {
        "result": [
            {
                "id": "a",
                "timestamp": 4099194000000000,
                "event_message": "first",
                "function_id": _FUNCTION["id"],
                "level": "log",
            }
        ]
    },
}
_ROW = {
    "call_sid": CALL_SID,
    "parent_call_sid": None,
    "direction": "inbound",
    "from_number": "+15550100001",
    "to_number": NUMBER,
    "status": "completed",
    "display_status": "completed",
    "started_at": "2026-11-28T10:00:00+00:00",
    "answered_at": None,
    "ended_at": "2026-11-28T10:00:05+00:00",
    "talking_since": None,
    "duration_seconds": 5,
    "talk_seconds": None,
    "left_voicemail": False,
}
DATABASE = {
    "GET /rest/v1/twilio_calls": [_ROW],
    "GET /rest/v1/twilio_call_events": [
        {
            "event_key": "a",
            "call_sid": CALL_SID,
            "kind": "status",
            "params": {"CallSid": CALL_SID, "CallStatus": "completed"},
        }
    ],
    "GET /rest/v1/twilio_recordings": [
        {
            "recording_sid": RECORDING["sid"],
            "call_sid": CALL_SID,
            "status": "completed",
            "duration_seconds": 5,
            "started_at": "2026-11-28T10:00:00+00:00",
            "url": "https://example.com/x",
        }
    ],
    "POST /rest/v1/rpc/ingest_twilio_webhook": {"result": "stored"},
    "POST /rest/v1/rpc/ingest_twilio_webhooks": [{"result": "stored"}],
}


def plain(status: int, body: bytes, content_type: str = "application/json", **headers: str) -> Answer:
    """An answer that is complete."""

    def answer(handler: Handler) -> None:
        handler.send_response(status)
        handler.send_header("Content-Type", content_type)
        handler.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(body)

    return answer


def _closed(handler: Handler) -> None:
    handler.connection.shutdown(socket.SHUT_RDWR)


def _closed_in_between(handler: Handler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    handler.wfile.write(b'{"a": ')
    handler.wfile.flush()
    handler.connection.shutdown(socket.SHUT_RDWR)


def _silent(handler: Handler) -> None:
    handler.server.ended.wait(PATIENCE)


def _drop_by_drop(handler: Handler) -> None:
    """A byte each time that a reader who waits for some bytes would still be content with."""
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    with contextlib.suppress(OSError):
        while not handler.server.ended.wait(handler.server.drop_seconds):
            handler.wfile.write(b" ")
            handler.wfile.flush()


ODD: dict[str, Answer] = {
    "html": plain(200, b"<!DOCTYPE html><title>Sign in</title>", "text/html"),
    "null": plain(200, b"null"),
    "list": plain(200, b"[]"),
    "list of null": plain(200, b"[null]"),
    "list of lists": plain(200, b"[[]]"),
    "object": plain(200, b"{}"),
    "text": plain(200, b'"ok"'),
    "number": plain(200, b"7"),
    "empty": plain(200, b""),
    "cut off": plain(200, b'{"incoming_phone_numbers": [{"sid": "PN'),
    "not UTF-8": plain(200, b'{"a": "\xff\xfe"}'),
    "too deep": plain(200, b"[" * 100_000),
    "not gzip": plain(200, b"not gzip", **{"Content-Encoding": "gzip"}),
    "redirect": plain(302, b"", "text/html", Location="https://login.example.com/"),
    "401 html": plain(401, b"<html>no</html>", "text/html"),
    "401 list": plain(401, b"[]"),
    "401 odd message": plain(401, b'{"message": {"a": [1]}, "code": "x"}'),
    "500 null": plain(500, b"null"),
    "closed": _closed,
    "closed in between": _closed_in_between,
}
"""Answers that are no answer, each of them at once."""

SLOW: dict[str, Answer] = {"silent": _silent, "drop by drop": _drop_by_drop}
"""Answers that never come to their end."""


class Handler(BaseHTTPRequestHandler):
    """Answers one request."""

    server: Stub
    protocol_version = "HTTP/1.1"

    def _answer(self) -> None:
        self.close_connection = True
        length = int(self.headers.get("Content-Length") or 0)
        self.rfile.read(length)
        path = urlsplit(self.path).path
        self.server.asked.append(f"{self.command} {path}")
        body = self.server.good.get(f"{self.command} {path}")
        if "quarantined" in urlsplit(self.path).query:  # the one filter of a list that matters here
            body = []
        answer = self.server.odd or plain(404 if body is None else 200, json.dumps(body).encode())
        with contextlib.suppress(OSError):  # the client has gone: a command that could not go on
            answer(self)

    do_GET = do_POST = do_DELETE = do_PUT = do_PATCH = _answer  # noqa: N815 - by the name of the method

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class Stub(ThreadingHTTPServer):
    """One vendor.

    Attributes:
        good: answers by method and path.
        odd: what is answered to everything instead, if anything.
        asked: the requests so far.
    """

    daemon_threads = True

    def __init__(self, good: dict[str, Any]) -> None:
        self.good = dict(good)
        self.odd: Answer | None = None
        self.asked: list[str] = []
        self.ended = threading.Event()
        self.drop_seconds = 0.05
        super().__init__(("127.0.0.1", 0), Handler)

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.server_port}"


@dataclass
class Vendors:
    """Twilio, the Management API, and the project's public URL with the database's REST API."""

    twilio: Stub = field(default_factory=lambda: Stub(TWILIO))
    supabase: Stub = field(default_factory=lambda: Stub(SUPABASE))
    database: Stub = field(default_factory=lambda: Stub(DATABASE))

    def stub(self, name: str) -> Stub:
        """The vendor of that name."""
        found: Stub = getattr(self, name)
        return found


@contextlib.contextmanager
def running() -> Iterator[Vendors]:
    """Run the three of them."""
    vendors = Vendors()
    stubs = [vendors.twilio, vendors.supabase, vendors.database]
    for stub in stubs:
        threading.Thread(target=stub.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    try:
        yield vendors
    finally:
        for stub in stubs:
            stub.ended.set()
            stub.shutdown()
            stub.server_close()


def variants(body: Any) -> Iterator[tuple[str, Any]]:
    """Yield the body with one thing of another type each time, and the name of what was changed.

    >>> [name for name, _ in variants({"a": "x"})]
    ['a=null', 'a=7', 'a=[]', 'a="odd"', 'a absent']
    """
    yield from _variants(body, "")


def _variants(body: Any, path: str) -> Iterator[tuple[str, Any]]:
    odd: list[Any] = [None, 7, [], "odd"]
    if isinstance(body, dict):
        for key, value in body.items():
            name = f"{path}.{key}".lstrip(".")
            for other in odd:
                yield f"{name}={json.dumps(other)}", {**body, key: other}
            yield f"{name} absent", {k: v for k, v in body.items() if k != key}
            for inner, changed in _variants(value, name):
                yield inner, {**body, key: changed}
    elif isinstance(body, list) and body:
        for other in odd:
            yield f"{path}[0]={json.dumps(other)}", [other, *body[1:]]
        for inner, changed in _variants(body[0], f"{path}[0]"):
            yield inner, [changed, *body[1:]]
