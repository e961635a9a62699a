"""A stack of the first release, brought up to date by the current code: nothing lost, no surprise."""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from voicehooks_sandbox.testing import running_sandbox

from tests.support.clone import NUMBER, ROOT, Clone
from tests.support.first_release import CAPTURED, FIRST_MIGRATIONS, Snapshot, function_files, restore, tables

_ANNOUNCED = "### Written to numbers"
_MADE_LATER = {"updated_at"}
"""A new migration may touch a row without a value of Twilio's or the CRM's changing."""


def announced_fields() -> set[str]:
    """Return the number's fields that the changelog says an update writes, by Twilio's parameter names.

    It names them under "Written to numbers": a line per field, ``- `VoiceUrl`: why``.
    """
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    sections = re.findall(rf"^{_ANNOUNCED}\n(.*?)(?=^#|\Z)", text, re.MULTILINE | re.DOTALL)
    return {name for section in sections for name in re.findall(r"^- `(\w+)`", section, re.MULTILINE)}


@dataclass
class Upgrade:
    """What one upgrade did, from the first preview to the destroy."""

    clone: Clone
    rows_before: Snapshot
    numbers_before: dict[str, dict[str, Any]]
    preview: str = ""
    written: list[dict[str, Any]] = field(default_factory=list)
    rows: Snapshot = field(default_factory=dict)
    numbers: dict[str, dict[str, Any]] = field(default_factory=dict)
    second: subprocess.CompletedProcess[str] | None = None
    new_events: int = 0
    destroy: str = ""


def _numbers(clone: Clone) -> dict[str, dict[str, Any]]:
    fields = ("voice_", "status_callback", "trunk_sid")
    return {
        e164: {
            k: v for k, v in clone.number(e164).items() if k.startswith(fields) and k != "voice_receive_mode"
        }
        for e164 in CAPTURED["numbers"]
    }


def _written(clone: Clone) -> list[dict[str, Any]]:
    """Return the requests that changed a number since the journal was emptied."""
    requests = clone.control("GET", "api-requests")["api_requests"]
    return [
        {"sid": r["path"].rpartition("/")[2], "fields": dict(r["params"])}
        for r in requests
        if r["method"] != "GET" and "/IncomingPhoneNumbers" in r["path"]
    ]


@pytest.fixture(scope="module")
def upgrade(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Upgrade]:
    """Restore the first release's stack, then preview, up, up again and destroy with today's code."""
    folder = tmp_path_factory.mktemp("u")
    with running_sandbox(folder / "sandbox", time_factor=50) as values:
        clone = restore(folder / "clone", values)
        found = Upgrade(clone, tables(clone), _numbers(clone))
        clone.control("DELETE", "api-requests")
        found.preview = clone.pulumi("preview", "--diff")
        clone.up()
        found.written = _written(clone)
        found.rows, found.numbers = tables(clone), _numbers(clone)
        found.second = clone.run(
            "pulumi", "up", "--yes", "--diff", "--expect-no-changes", "--stack", "local", "--non-interactive"
        )
        clone.call(NUMBER)
        found.new_events = len(tables(clone)["twilio_call_events"]) - len(found.rows["twilio_call_events"])
        done = clone.run(
            "pulumi", "destroy", "--yes", "--skip-preview", "--stack", "local", "--non-interactive"
        )
        found.destroy = done.stdout + done.stderr
        yield found


@pytest.mark.slow
def test_the_fixture_is_what_was_captured(upgrade: Upgrade) -> None:
    """10,000 events, as the first release's own ingest stored them; else the other tests prove nothing."""
    rows, counts = upgrade.rows_before, CAPTURED["counts"]
    assert len(rows["twilio_call_events"]) == counts["events"] == 10_000
    assert len(rows["twilio_calls"]) == counts["calls"]
    assert len(rows["twilio_recordings"]) == counts["recordings"]
    completed = [r for r in rows["twilio_calls"].values() if r["display_status"] == "completed"]
    assert len(completed) == counts["completed"]
    assert sum(r["talk_seconds"] or 0 for r in rows["twilio_calls"].values()) == counts["talk_seconds"]


@pytest.mark.slow
def test_no_number_is_written_that_the_changelog_does_not_name(upgrade: Upgrade) -> None:
    """An upgrade alone changes nothing of how a number answers."""
    sids = {upgrade.clone.number(e164)["sid"]: e164 for e164 in CAPTURED["numbers"]}
    unannounced = [
        f"{sids.get(request['sid'].removesuffix('.json'), request['sid'])}: {name} -> {value}"
        for request in upgrade.written
        for name, value in request["fields"].items()
        if name not in announced_fields()
    ]
    assert not unannounced, (
        f"pulumi up of this code writes these to a stack of the first release: {unannounced}. Make it leave "
        f'them, or name each field in CHANGELOG.md under "{_ANNOUNCED}", as "- `VoiceUrl`: why"'
    )
    changed = {
        e164: {k: (v, upgrade.numbers[e164][k]) for k, v in fields.items() if upgrade.numbers[e164][k] != v}
        for e164, fields in upgrade.numbers_before.items()
    }
    assert upgrade.written or not any(changed.values()), f"numbers changed without a request: {changed}"


@pytest.mark.slow
@pytest.mark.parametrize("table", ["twilio_calls", "twilio_call_events", "twilio_recordings"])
def test_every_row_is_there_with_the_same_values(upgrade: Upgrade, table: str) -> None:
    """Columns may come, none goes, and no value of an old row changes."""
    before, after = upgrade.rows_before[table], upgrade.rows[table]
    lost = sorted(before.keys() - after.keys())
    assert not lost, f"{len(lost)} rows of {table} are gone, the first: {before[lost[0]]}"
    changed = [
        f"{key}: {column} was {value!r}, is {after[key].get(column, 'no column any more')!r}"
        for key, row in before.items()
        for column, value in row.items()
        if column not in _MADE_LATER and after[key].get(column, "no column any more") != value
    ]
    assert not changed, f"{len(changed)} values of {table} changed: {changed[:5]}"


@pytest.mark.slow
def test_a_second_update_changes_nothing(upgrade: Upgrade) -> None:
    """The engine was told to expect no change, and fails where there is one."""
    assert upgrade.second is not None
    assert upgrade.second.returncode == 0, (
        f"the second pulumi up changes something:\n{upgrade.second.stdout}{upgrade.second.stderr}"
    )


@pytest.mark.slow
def test_a_call_after_the_update_is_stored(upgrade: Upgrade) -> None:
    """The handler that was deployed over the first release's answers, and its events are in the tables."""
    assert upgrade.new_events > 0


@pytest.mark.slow
@pytest.mark.parametrize("e164", sorted(CAPTURED["numbers"]))
def test_destroy_restores_each_number(upgrade: Upgrade, e164: str) -> None:
    """What a number had before the first release's `up`, foreign URLs with their credentials included."""
    wanted = dict(CAPTURED["numbersBefore"][e164])
    if wanted["voice_application_sid"]:
        apps = upgrade.clone.twilio("GET", "Applications.json")["applications"]
        name = CAPTURED["application"]["FriendlyName"]
        wanted["voice_application_sid"] = next(a["sid"] for a in apps if a["friendly_name"] == name)
    live = _numbers(upgrade.clone)[e164]
    differing = {k: f"{live[k]} in place of {v}" for k, v in wanted.items() if (live[k] or "") != (v or "")}
    assert not differing, f"destroy left {e164} with {differing}; it said:\n{upgrade.destroy}"


@pytest.mark.slow
def test_destroy_restores_the_adopted_function_and_removes_ours(upgrade: Upgrade) -> None:
    """The files that were deployed before the first release's `up`, and no other function."""
    slugs = [f["slug"] for f in upgrade.clone.supabase("GET", "functions")]
    assert slugs == ["twilio-webhook"], upgrade.destroy
    assert function_files(upgrade.clone, "twilio-webhook") == CAPTURED["functionBefore"]


@pytest.mark.slow
def test_destroy_restores_permissions_and_keeps_what_is_not_ours(upgrade: Upgrade) -> None:
    """Dialing permissions as before, a secret that this stack did not create, and every row."""
    clone = upgrade.clone
    live = {code: clone.permissions(code) for code in CAPTURED["countriesBefore"]}
    assert live == CAPTURED["countriesBefore"], upgrade.destroy
    names = {s["name"] for s in clone.supabase("GET", "secrets") if not s["name"].startswith("SUPABASE_")}
    assert names == set(CAPTURED["secretsBefore"])
    for name, rows in tables(clone).items():
        assert rows.keys() >= upgrade.rows_before[name].keys(), f"destroy deleted rows of {name}"


@pytest.mark.slow
def test_one_number_is_upgraded_alone(tmp_path: Path) -> None:
    """With --target: refused without the record, then that number only; destroy restores all of them."""
    with running_sandbox(tmp_path / "sandbox", time_factor=50) as values:
        clone = restore(tmp_path / "clone", values, calls=1)
        before, target = _numbers(clone), ("--target", "**+15551234568")
        clone.control("DELETE", "api-requests")
        refused = clone.pulumi("up", "--yes", "--skip-preview", *target, ok=False)
        assert "VoiceOriginals::originals' which was was not specified in --target list" in refused
        clone.up(*target, "--target", "**VoiceOriginals**")
        assert _written(clone) == []
        assert _numbers(clone) == before
        clone.pulumi("destroy", "--yes", "--skip-preview")
        live = _numbers(clone)
        for e164, fields in CAPTURED["numbersBefore"].items():
            there = {k: v or "" for k, v in live[e164].items() if k != "voice_application_sid"}
            assert there == {k: v or "" for k, v in fields.items() if k != "voice_application_sid"}, e164
        assert [f["slug"] for f in clone.supabase("GET", "functions")] == ["twilio-webhook"]
        assert function_files(clone, "twilio-webhook") == CAPTURED["functionBefore"]
        assert {c: clone.permissions(c) for c in CAPTURED["countriesBefore"]} == CAPTURED["countriesBefore"]


def test_the_first_migrations_never_change() -> None:
    """Their SHA-256 are in the history of every deployed environment; a change is a new file."""
    hashes = {
        name: hashlib.sha256((ROOT / "migrations" / name).read_bytes()).hexdigest() for name in FIRST_MIGRATIONS
    }
    assert hashes == FIRST_MIGRATIONS, (
        "a migration that every deployed environment has applied was edited; restore it, and write what it "
        "should do into a new migration"
    )
    first = sorted(p.name for p in (ROOT / "migrations").glob("*.sql"))[: len(FIRST_MIGRATIONS)]
    assert first == sorted(FIRST_MIGRATIONS), "a new migration comes after the first ones"


def test_the_captured_state_holds_nothing_but_the_sandbox() -> None:
    """The fixture is committed in the clear: every credential in it is one of the sandbox's."""
    state = json.loads((ROOT / "tests/fixtures/first_release/state.json").read_text(encoding="utf-8"))
    providers = [r for r in state["deployment"]["resources"] if r["type"].startswith("pulumi:providers")]
    secrets = {
        json.loads(value["plaintext"])
        for r in providers
        for value in r["inputs"].values()
        if isinstance(value, dict) and "plaintext" in value
    }
    assert secrets == {"a0704e4e" * 4, "sbp_" + "5a4db0c5" * 5}
