"""A sandbox project with the schema and the functions deployed, and methods to use it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
import psycopg
from psycopg.rows import dict_row
from twilio.request_validator import RequestValidator
from twilio.rest import Client

from tests.support.waiting import PATIENCE, wait_for

ROOT = Path(__file__).parents[2]
FUNCTIONS = ROOT / "functions"
MIGRATIONS = sorted((ROOT / "migrations").glob("*.sql"))
CALLBACKS = ROOT / "tests" / "fixtures" / "callbacks"

OUR_NUMBER = "+15551234567"
AGENT = "+15557654321"
LEAD = "+15550001111"
SECONDARY_TOKEN = "b" * 32
TABLES = ("twilio_calls", "twilio_call_events", "twilio_recordings")
PUBLIC_FUNCTIONS = ("twilio-webhook", "twilio-fallback", "twilio-events")
USER = "11111111-2222-4333-8444-555555555555"


def apply_migration(connection: psycopg.Connection[Any], migration: Path) -> None:
    """Apply one migration in one transaction, as a deploy does."""
    with connection.transaction():
        connection.execute(migration.read_text(encoding="utf-8"))


def read_callback(name: str) -> dict[str, str]:
    """Read a fixture: one decoded `Name=value` per line; lines that start with # are comments."""
    lines = (CALLBACKS / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    pairs = (line.partition("=") for line in lines if line and not line.startswith("#"))
    return {name: value for name, _, value in pairs}


class Project:
    """The running project.

    Args:
        environment: What `voicehooks-sandbox env --json` prints.
    """

    def __init__(self, environment: Mapping[str, str]) -> None:
        self.env = environment
        self.functions_url = f"{environment['supabase_url']}/functions/v1"
        self.account_sid = environment["twilio_account_sid"]
        self.auth_token = environment["twilio_auth_token"]
        self.api = httpx.Client(
            base_url=environment["supabase_api_url"],
            headers={"Authorization": f"Bearer {environment['supabase_access_token']}"},
            timeout=PATIENCE,
        )
        self.http = httpx.Client(base_url=environment["supabase_url"], timeout=PATIENCE)
        self.database = psycopg.connect(environment["database_url"], autocommit=True, row_factory=dict_row)

    def close(self) -> None:
        """Close the connections."""
        self.api.close()
        self.http.close()
        self.database.close()

    def settings(self, **changes: Any) -> dict[str, Any]:
        """Return settings of an environment with one number that forwards and records."""
        return {
            "functionsUrl": self.functions_url,
            "functionName": "twilio-webhook",
            "accountSids": [self.account_sid],
            "twilioApiUrl": self.env["twilio_base_url"],
            "delivery": "#rc=3&rp=ct,rt,5xx",
            "statusEvents": ["initiated", "ringing", "answered", "completed"],
            "allowedOrigins": ["http://localhost:8080"],
            "allowedCountries": ["US", "CA"],
            "defaults": {
                "answer": True,
                "forwardTo": [AGENT],
                "ringSeconds": 25,
                "record": "record-from-answer",
            },
            "numbers": {OUR_NUMBER: {}},
            "callsPerMinute": 10,
            # Tests share the project; those of this limit deploy a function of their own.
            "totalCallsPerMinute": 6000,
            "sipHosts": ["pbx.example.com"],
            "combineCallbacks": True,
            **changes,
        }

    def set_secrets(self, **secrets: str) -> None:
        """Set secrets of the project's functions."""
        body = [{"name": name, "value": value} for name, value in secrets.items()]
        self.api.post(f"/v1/projects/{self.ref}/secrets", json=body).raise_for_status()

    @property
    def ref(self) -> str:
        """The project's ref."""
        return self.env["supabase_project_ref"]

    def deploy(
        self,
        folder: str,
        settings: Mapping[str, Any],
        *,
        slug: str | None = None,
        revision: str = "r1",
        verify_jwt: bool | None = None,
    ) -> None:
        """Deploy a function's folder with `_shared` and its generated files; `verify_jwt` as it should be."""
        slug = slug or folder
        generated = {"settings.json": json.dumps(settings), "revision.json": json.dumps({"revision": revision})}
        parts: list[Any] = []
        for path in sorted([*(FUNCTIONS / folder).iterdir(), *(FUNCTIONS / "_shared").iterdir()]):
            text = generated.get(path.name) if path.parent.name == folder else None
            content = text.encode() if text is not None else path.read_bytes()
            parts.append(("file", (f"{path.parent.name}/{path.name}", content, "application/octet-stream")))
        metadata = {
            "name": slug,
            "entrypoint_path": f"{folder}/index.ts",
            "import_map_path": f"{folder}/deno.json",
            "static_patterns": [],
            "verify_jwt": folder not in PUBLIC_FUNCTIONS if verify_jwt is None else verify_jwt,
        }
        parts.append(("metadata", (None, json.dumps(metadata))))
        answer = self.api.post(f"/v1/projects/{self.ref}/functions/deploy", params={"slug": slug}, files=parts)
        assert answer.status_code == 201, answer.text

    def answer_number(self, slug: str = "twilio-webhook") -> None:
        """Point our number at a handler."""
        twilio = Client(self.account_sid, self.auth_token)
        twilio.api.base_url = self.env["twilio_base_url"]
        (number,) = twilio.incoming_phone_numbers.list(phone_number=OUR_NUMBER)
        webhook = f"{self.functions_url}/{slug}"
        number.update(voice_url=webhook, status_callback=webhook)

    def call_in(self, caller: str) -> str:
        """Let somebody call our number, which the handler answers; returns the call's SID."""
        self.answer_number()
        answer = httpx.post(
            f"{self.env['twilio_base_url']}/_sandbox/calls",
            json={"from": caller, "to": OUR_NUMBER},
            timeout=PATIENCE,
        )
        return str(answer.raise_for_status().json()["sid"])

    def signature(self, query: str, form: Mapping[str, str] | None, *, slug: str = "twilio-webhook") -> str:
        """Sign as Twilio does, by its own library."""
        url = f"{self.functions_url}/{slug}{query}"
        return RequestValidator(self.auth_token).compute_signature(url, form or {})

    def send(
        self, form: Mapping[str, str], *, query: str = "", slug: str = "twilio-webhook", method: str = "POST"
    ) -> httpx.Response:
        """Send a signed request of Twilio's, as POST or with everything in the query as GET."""
        path = f"/functions/v1/{slug}"
        if method == "GET":
            query += ("&" if query else "?") + urlencode(form)
            return self.http.get(
                path + query, headers={"X-Twilio-Signature": self.signature(query, None, slug=slug)}
            )
        headers = {"X-Twilio-Signature": self.signature(query, form, slug=slug)}
        return self.http.post(path + query, data=dict(form), headers=headers)

    def ingest(self, **event: Any) -> dict[str, Any]:
        """Call the ingest function as the service role, over HTTP."""
        answer = self.rest("POST", "/rpc/ingest_twilio_webhook", key="secret", json=event)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def rest(
        self, method: str, path: str, *, key: str = "publishable", token: str | None = None, **options: Any
    ) -> httpx.Response:
        """Ask PostgREST through the gateway, with an API key and perhaps a user's token."""
        headers = {"apikey": self.env[f"supabase_{key}_key"]}
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        return self.http.request(method, f"/rest/v1{path}", headers=headers, **options)

    def wait_for_schema(self) -> None:
        """Wait until PostgREST knows every table and function; it reads them some time after it was notified.

        It reads tables and functions with queries of their own, so that while migrations run it may learn of a
        function of the last one and not of a table of the first. It answers a write to a table that it does not
        know with 404 and `{}`, before it checks anybody's rights.
        """
        wait_for(self._knows_schema, "PostgREST knows the schema")

    def _knows_schema(self) -> bool:
        ingest = self.rest("POST", "/rpc/ingest_twilio_webhook", key="secret", json={"kind": "check"})
        writes = [
            self.rest("PATCH", f"/{table}?call_sid=eq.none", json={"call_sid": "none"}) for table in TABLES
        ]
        stream = self.rest("POST", "/rpc/ingest_twilio_stream_events", key="secret", json={"events": []})
        return ingest.is_success and stream.is_success and all(answer.status_code != 404 for answer in writes)

    def token(self, **claims: Any) -> str:
        """Sign a user's token as the project's Auth would."""
        answer = self.api.post("/_sandbox/tokens", json={"sub": USER, **claims})
        return str(answer.json()["token"])

    def rows(self, query: str, *parameters: Any) -> list[dict[str, Any]]:
        """Read rows as the owner of the database."""
        return self.database.execute(query, parameters).fetchall()  # type: ignore[arg-type]

    def call(self, call_sid: str) -> dict[str, Any]:
        """Read a call leg's row."""
        (row,) = self.rows("select * from twilio_calls where call_sid = %s", call_sid)
        return row

    def log_lines(self, slug: str) -> list[dict[str, Any]]:
        """Read the JSON lines that a function logged."""
        logs = self.api.get(f"/_sandbox/functions/{slug}/logs").json()["logs"]
        texts = [entry["message"] if isinstance(entry, dict) else entry for entry in logs]
        return [json.loads(text) for text in texts if text.startswith("{")]

    @contextmanager
    def database_down(self, only: str | None = None) -> Iterator[None]:
        """Stop Postgres and PostgREST, or one of them, for a while."""
        body = {"only": only} if only else {}
        self.api.post("/_sandbox/database/stop", json=body).raise_for_status()
        try:
            yield
        finally:
            self.api.post("/_sandbox/database/start").raise_for_status()
            self.database.close()
            self.database = psycopg.connect(self.env["database_url"], autocommit=True, row_factory=dict_row)


def migration_version(path: Path) -> str:
    """Return a migration's version: the digits before its name."""
    match = re.match(r"\d{14}", path.name)
    assert match is not None, path.name
    return match.group()
