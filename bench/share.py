"""What the sandbox takes of the machine's time beside the handler that it calls.

A whole sandbox runs with the real function deployed; calls go through it at its fastest. Counted is the
processor time of its processes between the first call and the last: the sandbox's own (the Twilio emulator,
the gateway, the journal), Deno's (the handler), Postgres' and PostgREST's.
"""

from __future__ import annotations

import contextlib
import json
import tempfile
import time
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import psutil
from voicehooks_sandbox.state import StateFolder
from voicehooks_sandbox.testing import running_sandbox

from bench.figure import Figure

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["run"]

_FUNCTIONS = Path(__file__).resolve().parents[1] / "functions"
_MIGRATIONS = Path(__file__).resolve().parents[1] / "migrations"
_NUMBER, _AGENT, _LEAD = "+15551234567", "+15557654321", "+15550001111"
_TOGETHER = 8
_PARTS = {"deno": "handler (Deno)", "postgres": "Postgres", "postgrest": "PostgREST"}
_SANDBOX = "sandbox (emulator, gateway)"


def run(*, long: bool) -> list[Figure]:
    """200 calls; with `long` 1,000."""
    calls = 1000 if long else 200
    with tempfile.TemporaryDirectory(prefix="vh-bench-") as folder:
        state = Path(folder) / "sandbox"
        with running_sandbox(state, time_factor=1000) as values:
            httpx.post(f"{values['twilio_base_url']}/_sandbox/clock", json={"factor": "max"}).raise_for_status()
            _deploy(values)
            running = StateFolder(state).read_running()
            if running is None:
                raise RuntimeError("the sandbox ended")
            _make_calls(values["twilio_base_url"], 2 * _TOGETHER)  # warms up
            before, started = _processor_seconds(running.process.pid), time.perf_counter()
            _make_calls(values["twilio_base_url"], calls)
            seconds = time.perf_counter() - started
            after = _processor_seconds(running.process.pid)
    return _figures({part: after[part] - before[part] for part in after}, calls, seconds)


def _figures(used: Mapping[str, float], calls: int, seconds: float) -> list[Figure]:
    total = sum(used.values())
    figures = [
        Figure("share", f"calls through the whole sandbox, {_TOGETHER} at a time", calls / seconds, "1/s")
    ]
    for part in (_SANDBOX, *_PARTS.values()):
        figures.append(Figure("share", f"{part}: processor time a call", used[part] / calls * 1000, "ms"))
        figures.append(Figure("share", f"{part}: share of it all", used[part] / total * 100, "%"))
    figures.append(Figure("share", "sandbox / handler", used[_SANDBOX] / used[_PARTS["deno"]], "x"))
    return figures


def _processor_seconds(root: int) -> Mapping[str, float]:
    """Return the user and system time of a process and all below it, finished ones too, by part."""
    used: dict[str, float] = defaultdict(float)
    sandbox = psutil.Process(root)
    for process in (sandbox, *sandbox.children(recursive=True)):
        with contextlib.suppress(psutil.NoSuchProcess):  # it ended just now
            times = process.cpu_times()
            spent = times.user + times.system + times.children_user + times.children_system
            used[_PARTS.get(process.name(), _SANDBOX)] += spent
    return used


def _make_calls(twilio: str, count: int) -> None:
    with httpx.Client(base_url=twilio, timeout=90) as client, ThreadPoolExecutor(_TOGETHER) as pool:

        def call(_: int) -> None:
            sid = client.post("/_sandbox/calls", json={"from": _LEAD, "to": _NUMBER}).json()["sid"]
            over = client.get(f"/_sandbox/calls/{sid}", params={"wait": 60}).json()
            if over["status"] != "completed" or not over["finished"]:
                raise RuntimeError(f"call {sid} ended as {over['status']}")

        list(pool.map(call, range(count)))


def _deploy(values: Mapping[str, str]) -> None:
    """Put schema, secret, function and number in place through the vendors' APIs."""
    project = f"{values['supabase_api_url']}/v1/projects/{values['supabase_project_ref']}"
    token = {"Authorization": f"Bearer {values['supabase_access_token']}"}
    with httpx.Client(headers=token, timeout=60) as api:
        for file in sorted(_MIGRATIONS.glob("*.sql")):
            _ok(api.post(f"{project}/database/query", json={"query": file.read_text(encoding="utf-8")}))
        secrets = [{"name": "VOICEHOOKS_AUTH_TOKEN", "value": values["twilio_auth_token"]}]
        _ok(api.post(f"{project}/secrets", json=secrets))
        _ok(api.post(f"{project}/functions/deploy", params={"slug": "twilio-webhook"}, files=_parts(values)))
    url = f"{values['supabase_url']}/functions/v1/twilio-webhook"
    account = values["twilio_account_sid"]
    with httpx.Client(
        base_url=values["twilio_base_url"], auth=(account, values["twilio_auth_token"])
    ) as twilio:
        numbers = f"/2010-04-01/Accounts/{account}/IncomingPhoneNumbers"
        page = _ok(twilio.get(f"{numbers}.json", params={"PhoneNumber": _NUMBER})).json()
        sid = page["incoming_phone_numbers"][0]["sid"]
        _ok(twilio.post(f"{numbers}/{sid}.json", data={"VoiceUrl": url, "StatusCallback": url}))


def _parts(values: Mapping[str, str]) -> list[tuple[str, Any]]:
    settings = json.loads((_FUNCTIONS / "twilio-webhook" / "settings.json").read_text(encoding="utf-8"))
    settings |= {
        "functionsUrl": f"{values['supabase_url']}/functions/v1",
        "twilioApiUrl": values["twilio_base_url"],
        "defaults": {"answer": True, "record": "record-from-answer", "forwardTo": [_AGENT]},
        "numbers": {_NUMBER: {}},
    }
    metadata = {"name": "twilio-webhook", "entrypoint_path": "twilio-webhook/index.ts", "verify_jwt": False}
    parts: list[tuple[str, Any]] = [("metadata", (None, json.dumps(metadata)))]
    generated = {"settings.json": settings, "revision.json": {"revision": "bench"}}
    shared, own = (_FUNCTIONS / "_shared").glob("*.ts"), (_FUNCTIONS / "twilio-webhook").iterdir()
    for file in (*shared, *own, _FUNCTIONS / "deno.json"):
        content = json.dumps(generated[file.name]).encode() if file.name in generated else file.read_bytes()
        parts.append(("file", (str(file.relative_to(_FUNCTIONS)), content)))
    return parts


def _ok(answer: httpx.Response) -> httpx.Response:
    if not answer.is_success:
        raise RuntimeError(f"{answer.request.method} {answer.request.url.path}: {answer.text[:500]}")
    return answer
