"""A stack that commit fb8c48c deployed, restored into a fresh sandbox: what an upgrade starts from.

`tests/fixtures/first_release` holds what that stack left at Pulumi, Twilio and Supabase; its `capture.py` says
how. Restoring goes through the vendors' APIs and `pulumi stack import` alone, so it outlives changes of the
sandbox's own storage. What a sandbox chooses itself (addresses, SIDs, functions' ids) is replaced in the state.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.support.clone import ROOT, Clone, clone_repository

__all__ = ["CAPTURED", "FIRST_MIGRATIONS", "Snapshot", "function_files", "restore", "tables"]

FIXTURE = ROOT / "tests" / "fixtures" / "first_release"
CAPTURED: dict[str, Any] = json.loads((FIXTURE / "vendors.json").read_text(encoding="utf-8"))
FIRST_MIGRATIONS: dict[str, str] = {
    f"{row['version']}_{row['name']}.sql": row["sha256"] for row in CAPTURED["history"]
}
"""The migrations that the first release applied, file name to SHA-256: they never change by a byte."""

Snapshot = dict[str, dict[str, dict[str, Any]]]
"""Rows by table and primary key."""

_KEYS = {
    "twilio_calls": "id",
    "twilio_call_events": "event_key",
    "twilio_recordings": "recording_sid",
}
_CALLS_A_REQUEST = 250


def restore(folder: Path, values: Mapping[str, str], *, calls: int = 2_500) -> Clone:
    """Put a running sandbox and a clone of the current code into the state that the first release left.

    Args:
        folder: the clone's folder.
        values: the sandbox's, from `running_sandbox`; both accounts are untouched.
        calls: how many calls the database has, four events each.
    """
    clone = clone_repository(folder, values)
    text = (FIXTURE / "Pulumi.local.yaml").read_text(encoding="utf-8")
    clone.settings_file.write_text(_addressed(text, values), encoding="utf-8")
    sids = _restore_twilio(clone)
    _restore_functions(clone)
    _restore_database(clone, calls)
    state = _addressed((FIXTURE / "state.json").read_text(encoding="utf-8"), values)
    for captured, sid in sids.items():
        state = state.replace(captured, sid)
    document = json.loads(state)
    _restore_secrets(clone, document)
    described = {f["slug"]: f for f in clone.supabase("GET", "functions")}
    for resource in _resources(document, "EdgeFunction"):
        live = described[resource["outputs"]["slug"]]
        resource["outputs"] |= {
            "functionId": live["id"],
            "version": live["version"],
            "bundleSha256": live["ezbr_sha256"],
            "lastDeployed": {"version": str(live["version"]), "bundleSha256": live["ezbr_sha256"]},
        }
    path = folder / "state.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    clone.pulumi("stack", "import", "--file", str(path))
    path.unlink()
    return clone


def tables(clone: Clone) -> Snapshot:
    """Return every row that calls left, with all of its columns."""
    found: Snapshot = {}
    for table, key in _KEYS.items():
        rows = clone.query(f"select to_jsonb(t) as row from public.{table} t")
        found[table] = {str(entry["row"][key]): entry["row"] for entry in rows}
    return found


def function_files(clone: Clone, slug: str) -> dict[str, str]:
    """Return a deployed function's files, path to text."""
    answer = clone.supabase_body(f"functions/{slug}/body")
    boundary = re.search(r'boundary="?([^";]+)', answer.headers["content-type"])
    assert boundary is not None
    files = {}
    for part in answer.text.split(f"--{boundary[1]}"):
        head, _, body = part.partition("\r\n\r\n")
        if name := re.search(r'filename="([^"]+)"', head):
            files[name[1]] = body.removesuffix("\r\n")
    return files


def _addressed(text: str, values: Mapping[str, str]) -> str:
    for name in ("twilio_base_url", "supabase_api_url", "supabase_url"):
        text = text.replace(f"<{name}>", values[name])
    assert "<twilio_base_url>" not in text
    return text


def _restore_twilio(clone: Clone) -> dict[str, str]:
    """Set up numbers, app and dialing permissions; returns captured SID to the sandbox's."""
    owned = {
        n["phone_number"] for n in clone.twilio("GET", "IncomingPhoneNumbers.json")["incoming_phone_numbers"]
    }
    clone.control("POST", "numbers", json={"phone_numbers": sorted(CAPTURED["numbers"].keys() - owned)})
    app = dict(CAPTURED["application"])
    sids = {app.pop("sid"): clone.twilio("POST", "Applications.json", data=app)["sid"]}
    for e164, fields in CAPTURED["numbers"].items():
        text = _addressed(json.dumps(fields), clone.values)
        wanted = {_camel(k): _form(v) for k, v in json.loads(text).items() if v not in ("", None, False)}
        wanted = {name: sids.get(value, value) for name, value in wanted.items()}
        clone.click(e164, **wanted)
        sids[CAPTURED["sids"][e164]] = clone.number(e164)["sid"]
    update = [{"iso_code": code, **flags} for code, flags in CAPTURED["countries"].items()]
    clone.permit(update)
    return sids


def _restore_functions(clone: Clone) -> None:
    texts = CAPTURED["texts"]
    for slug, function in CAPTURED["functions"].items():
        metadata = {
            "entrypoint_path": f"{slug}/index.ts",
            "import_map_path": f"{slug}/deno.json",
            "name": function["name"],
            "verify_jwt": function["verify_jwt"],
        }
        parts: list[tuple[str, Any]] = [("metadata", (None, json.dumps(metadata)))]
        for path, name in function["files"].items():
            parts.append(("file", (path, _addressed(texts[name], clone.values).encode())))
        clone.supabase("POST", "functions/deploy", params={"slug": slug}, files=parts)


def _restore_database(clone: Clone, calls: int) -> None:
    """Apply the first release's migrations, note them as its provider did, and store the calls."""
    for name in FIRST_MIGRATIONS:
        clone.query((ROOT / "migrations" / name).read_text(encoding="utf-8"))
    clone.query(
        "create table voicehooks.schema_migrations (version text primary key, name text not null, "
        "sha256 text not null, applied_at timestamptz not null default now()); "
        "revoke all on voicehooks.schema_migrations from public"
    )
    for row in CAPTURED["history"]:
        clone.query(
            "insert into voicehooks.schema_migrations (version, name, sha256) "
            f"values ('{row['version']}', '{row['name']}', '{row['sha256']}')"
        )
    events = (FIXTURE / "events.sql").read_text(encoding="utf-8")
    for first in range(1, calls + 1, _CALLS_A_REQUEST):
        last = min(first + _CALLS_A_REQUEST - 1, calls)
        clone.query(events.replace(":first", str(first)).replace(":last", str(last)))


def _restore_secrets(clone: Clone, document: dict[str, Any]) -> None:
    """Set the secrets that the state knows, and the ones that were there before."""
    [resource] = _resources(document, "EdgeFunctionSecrets")
    values: dict[str, str] = json.loads(resource["outputs"]["values"]["plaintext"])
    digests = {name: hashlib.sha256(value.encode()).hexdigest() for name, value in values.items()}
    resource["outputs"]["digests"]["plaintext"] = json.dumps(digests)
    body = [{"name": n, "value": v} for n, v in {**values, **CAPTURED["secretsBefore"]}.items()]
    clone.supabase("POST", "secrets", json=body)


def _resources(document: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    return [r for r in document["deployment"]["resources"] if r["type"].endswith(f":{kind}")]


def _camel(field: str) -> str:
    return "".join(part.capitalize() for part in field.split("_"))


def _form(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
