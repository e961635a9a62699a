"""A deployed environment as the doctor sees it: configuration, state, and what each vendor answers.

The clients are the real ones; only the transport is replaced, so that a scene can hold what no sandbox would.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import httpx
from twilio.request_validator import RequestValidator

from tests.unit.voicehooks.vendor_stub import ACCOUNT, NUMBER_OBJECT, TWILIO
from voicehooks.stack.environment import Environment

__all__ = [
    "API",
    "BASE",
    "EVENTS",
    "FALLBACK",
    "FUNCTIONS",
    "HANDLER",
    "HOST",
    "NUMBER",
    "PROJECT",
    "REST",
    "TOKEN",
    "World",
    "number_state",
    "resource",
]

REF = "abcdefghijklmnopqrst"
NUMBER = "+15551234567"
TOKEN = "a" * 28 + "b42c"
HOST = f"{REF}.supabase.co"
FUNCTIONS = f"https://{HOST}/functions/v1"
HANDLER = f"{FUNCTIONS}/twilio-webhook"
FALLBACK = f"{FUNCTIONS}/twilio-fallback"
EVENTS = ["initiated", "ringing", "answered", "completed"]
_RETRIES = {"retries": 3, "retryOn": ["connect", "read-timeout", "5xx"]}
_FRAGMENT = "#rc=3&rp=ct,rt,5xx"

API = "api.twilio.com"
BASE = f"{API}/2010-04-01/Accounts/{ACCOUNT}"
PROJECT = f"api.supabase.com/v1/projects/{REF}"
REST = f"{HOST}/rest/v1"

Answer = Any
"""A JSON body; a status with a body; or a function of the request that returns one of these."""

_STATIC = re.compile(r"GET /2010-04-01/")


def resource(kind: str, name: str, id_: str = "", *, inputs: Any = None, **outputs: Any) -> dict[str, Any]:
    """A resource of the stack's state."""
    return {
        "urn": f"urn:pulumi:dev::voicehooks::{kind}::{name}",
        "type": kind,
        "id": id_ or name,
        "inputs": outputs if inputs is None else inputs,
        "outputs": outputs,
    }


def number_state(number: str = NUMBER, **changes: Any) -> dict[str, Any]:
    """A number as the last update left it; None takes a property out."""
    given = {
        "voiceUrl": HANDLER,
        "voiceMethod": "POST",
        "voiceFallbackUrl": FALLBACK,
        "statusCallback": HANDLER,
        "statusCallbackMethod": "POST",
        "delivery": _RETRIES,
        **changes,
    }
    given = {name: value for name, value in given.items() if value is not None}
    kind = "twilio:index:VoiceConfiguration"
    return resource(kind, number, inputs=given, **given, e164=number)


def _function(slug: str, *, verify_jwt: bool) -> dict[str, Any]:
    return resource(
        "supabase:index:EdgeFunction",
        slug,
        slug=slug,
        verifyJwt=verify_jwt,
        lastDeployed={"bundleSha256": "ab" * 32, "version": 3.0},
    )


def _live_function(slug: str, *, verify_jwt: bool) -> dict[str, Any]:
    return {
        "id": f"id-{slug}",
        "slug": slug,
        "name": slug,
        "version": 3,
        "status": "ACTIVE",
        "verify_jwt": verify_jwt,
        "ezbr_sha256": "ab" * 32,
    }


class World:
    """One environment; a scene changes some of it.

    Attributes:
        config: its configuration, secrets opened.
        resources: its state.
        answers: what the vendors answer, by method, host and path. What is not there is a 404.
        asked: the requests, with their queries.
        number: the number at Twilio.
        others: other numbers of the account.
        pending: the state's pending operations.
        backend: the address of the backend.
        applied: the migrations that the database has.
        rows: what the database answers to SQL that has these words.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.asked: list[str] = []
        self.pending: list[dict[str, Any]] = []
        self.backend = "https://app.pulumi.com/acme"
        self.config: dict[str, Any] = {
            "twilio:accountSid": ACCOUNT,
            "twilio:authToken": TOKEN,
            "supabase:accessToken": "sbp_1",
            "voicehooks:supabaseProject": REF,
            "voicehooks:numbers": {NUMBER: {}},
            "voicehooks:defaults": {
                "answer": True,
                "record": "record-from-answer",
                "statusEvents": EVENTS,
                "fallbackUrl": "default",
                "delivery": _RETRIES,
            },
        }
        self.resources = [
            resource(
                "pulumi:pulumi:Stack",
                "voicehooks-dev",
                numbers={
                    NUMBER: {
                        "answer": True,
                        "record": "record-from-answer",
                        "statusEvents": EVENTS,
                        "fallbackUrl": "default",
                        "delivery": _RETRIES,
                    }
                },
                callOptions={"StatusCallback": HANDLER + _FRAGMENT, "StatusCallbackEvent": EVENTS},
            ),
            number_state(),
            _function("twilio-webhook", verify_jwt=False),
            _function("place-call", verify_jwt=True),
            resource(
                "supabase:index:EdgeFunctionSecrets",
                "secrets",
                values={"VOICEHOOKS_AUTH_TOKEN": TOKEN, "VOICEHOOKS_CALL_OPTIONS": "{}"},
            ),
        ]
        self.others: list[dict[str, Any]] = []
        self.number = {
            **NUMBER_OBJECT,
            "voice_url": HANDLER + _FRAGMENT,
            "voice_fallback_url": FALLBACK + _FRAGMENT,
            "status_callback": HANDLER + _FRAGMENT,
        }
        self.answers: dict[str, Answer] = {
            name.replace("GET /", f"GET {API}/"): copy.deepcopy(body)
            for name, body in TWILIO.items()
            if _STATIC.match(name)
        } | {
            f"GET {BASE}.json": {"sid": ACCOUNT, "status": "active", "type": "Full", "auth_token": TOKEN},
            f"GET {BASE}/IncomingPhoneNumbers.json": self.numbers,
            f"GET {BASE}/Applications.json": {"applications": [], "next_page_uri": None},
            f"GET {BASE}/Calls.json": {"calls": [], "next_page_uri": None},
            f"GET {BASE}/Recordings.json": {"recordings": [], "next_page_uri": None},
            "GET monitor.twilio.com/v1/Alerts": {"alerts": []},
            "GET voice.twilio.com/v1/DialingPermissions/Countries": {"content": [], "meta": {}},
            "GET events.twilio.com/v1/Sinks": {"sinks": [], "meta": {}},
            "GET events.twilio.com/v1/Subscriptions": {"subscriptions": [], "meta": {}},
            "GET webhooks.twilio.com/v1/Webhooks/Rules": {"rules": [], "meta": {"key": "rules"}},
            "GET webhooks.twilio.com/v1/Webhooks/Settings": {"settings": [], "meta": {"key": "settings"}},
            "GET voice.twilio.com/v2/AccountDefaultConfiguration/Recording": (404, {"code": 20404}),
            f"GET routes.twilio.com/v2/PhoneNumbers/{NUMBER}": {"voice_region": "us1"},
            f"GET {PROJECT}": {
                "name": "x",
                "region": "eu",
                "status": "ACTIVE_HEALTHY",
                "created_at": "2026-11-01T00:00:00Z",
            },
            f"GET {PROJECT}/functions": [
                _live_function("twilio-webhook", verify_jwt=False),
                _live_function("place-call", verify_jwt=True),
            ],
            # printf %s VALUE | sha256sum
            f"GET {PROJECT}/secrets": [
                {
                    "name": "VOICEHOOKS_AUTH_TOKEN",
                    "value": "c9ca6fbd6eedc893aae549618fd28b9be65cd6a3970a7543c2780ca5400f50fc",
                },
                {
                    "name": "VOICEHOOKS_CALL_OPTIONS",
                    "value": "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a",
                },
            ],
            f"GET {PROJECT}/api-keys": [
                {"name": "default", "type": "publishable", "api_key": "sb_publishable_x"},
                {"name": "default", "type": "secret", "api_key": "sb_secret_x"},
            ],
            f"GET {PROJECT}/api-keys/legacy": {"enabled": True},
            f"GET {PROJECT}/health": [{"name": "rest", "healthy": True, "status": "ACTIVE_HEALTHY"}],
            f"POST {PROJECT}/database/query": self._query,
            f"GET {HOST}/auth/v1/settings": {"disable_signup": True, "external": {}},
            f"GET {REST}/twilio_calls": [],
            f"GET {REST}/twilio_recordings": [],
            f"GET {REST}/twilio_call_events": [],
            f"POST {HOST}/functions/v1/twilio-webhook": self.handler,
        }
        self.applied = ["20260101000000", "20260102000000"]
        self.tables_there = True
        self.rows: dict[str, list[dict[str, Any]]] = {}
        (folder / "Pulumi.yaml").write_text("name: voicehooks\n", encoding="utf-8")
        migrations = folder / "migrations"
        migrations.mkdir(exist_ok=True)
        for version in self.applied:
            (migrations / f"{version}_x.sql").write_text("select 1;\n", encoding="utf-8")

    @property
    def environment(self) -> Environment:
        """The stack `dev`, with an engine that prints this."""
        environment = Environment("dev", self.folder)
        environment.__dict__["config"] = json.loads(json.dumps(self.config))
        environment.engine = _Engine(self)  # type: ignore[assignment]
        return environment

    async def answer(self, request: httpx.Request) -> httpx.Response:
        """Answer a request, in the place of `httpx.AsyncHTTPTransport`."""
        await request.aread()
        url = request.url
        query = "&".join(f"{name}={value}" for name, value in sorted(url.params.items()))
        self.asked.append(f"{request.method} {url.host}{url.path}" + (f"?{query}" if query else ""))
        found = self.answers.get(
            f"{request.method} {url.host}{url.path}", (404, {"code": 20404, "message": ""})
        )
        if callable(found):
            found = found(request)
        if isinstance(found, httpx.Response):
            return found
        if isinstance(found, Exception):
            raise found
        status, body = found if isinstance(found, tuple) else (200, found)
        return httpx.Response(status, json=body)

    def numbers(self, _: httpx.Request) -> Answer:
        """The account's numbers."""
        return {"incoming_phone_numbers": [self.number, *self.others], "next_page_uri": None}

    def handler(self, request: httpx.Request) -> httpx.Response:
        """Answer as the handler does: 200 to what Twilio signed, else 403."""
        form = {name: values[0] for name, values in parse_qs(request.content.decode()).items()}
        signature = request.headers.get("X-Twilio-Signature", "")
        self.asked[-1] += "" if signature else " unsigned"
        signed = bool(RequestValidator(TOKEN).validate(str(request.url), form, signature))
        return httpx.Response(200 if signed else 403, text=form["VoicehooksCheck"] if signed else "")

    def _query(self, request: httpx.Request) -> Answer:
        sql = json.loads(request.content)["query"]
        self.asked[-1] += "".join(f" from {moment}" for moment in re.findall(r"'([^']*)'::timestamptz", sql))
        if "from voicehooks.schema_migrations" in sql:
            return [{"version": version} for version in self.applied]
        if "to_regclass('voicehooks.schema_migrations')" in sql:
            return [{"there": bool(self.applied)}]
        if "to_regclass" in sql:
            return [{"there": self.tables_there}]
        for words, rows in self.rows.items():
            if words in sql:
                return rows
        return []


class _Engine:
    stack = "dev"

    def backend_url(self) -> str:
        return self._world.backend

    def __init__(self, world: World) -> None:
        self._world = world
        self.folder = world.folder

    def resources(self, *, show_secrets: bool = False) -> list[dict[str, Any]]:
        return self._world.resources if show_secrets else []

    def export(self, **_: Any) -> dict[str, Any]:
        return {"deployment": {"pending_operations": self._world.pending}}


Change = Callable[[World], None]
