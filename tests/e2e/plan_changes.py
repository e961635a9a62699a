"""Forty and more changes of an environment, each of which a plan has to tell rightly.

Each is made in a clone, previewed by the real engine and taken back; nothing of them is deployed except where
a stage begins. Run as a program it writes the approved renderings and the reduced previews anew:

    python -m tests.e2e.plan_changes
"""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from voicehooks_sandbox.testing import running_sandbox

from tests.e2e.clone import Clone, clone_repository
from voicehooks.plan import read, render_terminal

__all__ = ["APPROVED", "previews", "rendered", "steady"]

APPROVED = Path(__file__).resolve().parents[1] / "fixtures" / "plans"
FIRST, SECOND, THIRD, FOURTH = "+15551234567", "+15551234568", "+15551234569", "+15551234570"
_ELSEWHERE = "https://old.example/voice"


@dataclass(frozen=True)
class Change:
    """One change.

    Attributes:
        name: what its files are called.
        defaults: what differs in `voicehooks:defaults`; None takes a key out.
        numbers: `voicehooks:numbers` in place of the usual ones.
        settings: other keys of `voicehooks:`.
        files: texts appended to files, which need not be there.
        click: fields of the first number as changed in the console.
        act: what else is done.
    """

    name: str
    defaults: dict[str, Any] = field(default_factory=dict)
    numbers: dict[str, Any] | None = None
    settings: dict[str, Any] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    click: dict[str, str] = field(default_factory=dict)
    act: Callable[[Clone], None] = lambda _: None


_USUAL: dict[str, Any] = {FIRST: {}, SECOND: {}, THIRD: {}}
_RULES = {
    "https": "error",
    "callbacks": "warning",
    "fallback": "error",
    "ownProject": "error",
    "retries": {"atLeast": 4, "level": "warning"},
    "hosts": {"only": ["static.example.com"]},
    "countries": {"only": ["US"], "level": "warning"},
}

BEFORE_THE_FIRST_UPDATE = [
    Change("first-update"),
    Change("first-update-of-a-foreign-number", click={"VoiceUrl": _ELSEWHERE}),
    Change(
        "first-update-replacing-a-foreign-number",
        numbers={FIRST: {"replaceExisting": True}},
        click={"VoiceUrl": _ELSEWHERE},
    ),
    Change("setting-misspelt", numbers={FIRST: {"ringSecond": 20}}),
    Change("number-of-nobody", numbers={FIRST: {}, "+15559999999": {}}),
]

WITH_URLS_OF_THEIR_OWN = [
    Change("nothing"),
    Change("another-destination", {"forwardTo": ["+15550009999"]}),
    Change("no-destination", {"forwardTo": []}),
    Change("one-more-destination", {"forwardTo": ["+15557654321", "sip:desk@example.com"]}),
    Change("recording-off", {"record": "do-not-record"}),
    Change("recording-in-stereo", {"record": "record-from-answer-dual", "recordingTrack": "both"}),
    Change("announcement", {"announcement": "This call is recorded."}),
    Change("caller-id", {"callerId": FIRST}),
    Change("voicemail", {"voicemail": {"greeting": "Leave a message.", "maxLength": 60}}),
    Change("rejecting", {"reject": "busy"}),
    Change("ringing-longer", {"ringSeconds": 40, "dialOrder": "sequential"}),
    Change("fewer-retries", {"delivery": {"retries": 1, "retryOn": ["connect"]}}),
    Change("no-delivery", {"delivery": None}),
    Change("time-outs", {"delivery": {"retries": 3, "connectTimeout": 2000, "readTimeout": 3000}}),
    Change("no-fallback", {"fallbackUrl": ""}),
    Change("fallback-elsewhere", {"fallbackUrl": "https://static.example.com/voice.xml"}),
    Change("no-callbacks", {"statusEvents": ["answered"]}),
    Change("not-answering", {"answer": False}),
    Change(
        "one-number-has-its-own-url", numbers={**_USUAL, SECOND: {"voiceUrl": "https://other.example/voice"}}
    ),
    Change("one-number-is-not-recorded", numbers={**_USUAL, SECOND: {"record": "do-not-record"}}),
    Change("two-differ-from-one", numbers={FIRST: {}, SECOND: {"ringSeconds": 5}, THIRD: {"ringSeconds": 5}}),
    Change("number-joins", numbers={**_USUAL, FOURTH: {}}),
    Change("every-other-number-joins", numbers={**_USUAL, "*": {}}),
    Change("number-leaves", numbers={FIRST: {}, SECOND: {}}),
    Change("origin-added", settings={"allowedOrigins": ["http://localhost:8080", "https://crm.example.com"]}),
    Change("pages-out", settings={"allowedOrigins": None}),
    Change("more-calls-a-minute", settings={"callsPerMinute": 60}),
    Change(
        "countries-opened", settings={"dialingPermissions": {"GB": {"lowRisk": True, "highRiskSpecial": True}}}
    ),
    Change("function-renamed", settings={"functionName": "voice"}),
    Change("shared-app", settings={"sharedApplication": True}),
    Change("secondary-token", settings={"secondaryAuthToken": "0123456789abcdef0123456789abcdef"}),
    Change("code-of-the-handler", files={"functions/twilio-webhook/handler.ts": "\n// new\n"}),
    Change("code-of-all", files={"functions/_shared/settings.ts": "\n// new\n"}),
    Change(
        "new-file",
        files={
            "functions/twilio-webhook/handler.ts": '\nimport "./new.ts";\n',
            "functions/twilio-webhook/new.ts": "export {};\n",
        },
    ),
    Change(
        "migration", files={"migrations/20300101000000_notes.sql": "create table public.notes (id bigint);\n"}
    ),
    Change(
        "migration-that-drops",
        files={
            "migrations/20300101000000_drop.sql": "alter table public.twilio_calls drop column reference;\n"
        },
    ),
    Change("clicked-voice-url", click={"VoiceUrl": _ELSEWHERE}),
    Change("clicked-callback-away", click={"StatusCallback": ""}),
    Change("clicked-and-changed", {"forwardTo": ["+15550009999"]}, click={"VoiceFallbackUrl": _ELSEWHERE}),
    Change("function-deleted", act=lambda clone: clone.supabase("DELETE", "functions/twilio-fallback")),
    Change("rules-broken", {"fallbackUrl": ""}, settings={"rules": _RULES}),
    Change(
        "rules-kept",
        settings={
            "rules": {
                "callbacks": "error",
                "fallback": "error",
                "ownProject": "error",
                "retries": {"atLeast": 3},
            }
        },
    ),
]

WITH_A_SHARED_APP = [
    Change("app-retries", {"delivery": {"retries": 1}}),
    Change(
        "one-number-leaves-the-app", numbers={**_USUAL, SECOND: {"voiceUrl": "https://other.example/voice"}}
    ),
    Change("app-given-up", settings={"sharedApplication": False}),
    Change("country-closed", settings={"dialingPermissions": {"GB": {"lowRisk": False}}}),
    Change("number-leaves-the-app-and-the-program", numbers={FIRST: {}, SECOND: {}}),
]

_MANY = [f"+1555200{number:04d}" for number in range(1000)]
_OFF = {"record": "do-not-record"}
WITH_A_THOUSAND = [
    Change(
        "thousand-numbers-and-three-exceptions",
        {"delivery": {"retries": 2}},
        {
            **{number: {} for number in _MANY},
            _MANY[7]: _OFF,
            _MANY[500]: {"voiceUrl": "https://other.example/voice"},
            _MANY[999]: {"forwardTo": ["+15550009999"]},
        },
    ),
]


def previews(folder: Path) -> Iterator[tuple[str, str, Clone]]:
    """Each change's name, what `pulumi preview --json` printed, and the clone that it was made in."""
    with running_sandbox(folder / "sandbox", time_factor=50) as values:
        clone = clone_repository(folder / "clone", values, numbers=_USUAL)
        clone.twin("POST", "numbers", json={"phone_numbers": [SECOND, THIRD, FOURTH]})
        yield from _stage(clone, BEFORE_THE_FIRST_UPDATE)
        clone.up()
        yield from _stage(clone, WITH_URLS_OF_THEIR_OWN)
        clone.up()  # what was deleted comes back
        clone.configure(sharedApplication=True, dialingPermissions={"GB": {"lowRisk": True}})
        clone.up()
        yield from _stage(clone, WITH_A_SHARED_APP)
        clone.twin("POST", "numbers", json={"phone_numbers": _MANY})
        clone.configure(numbers={number: {} for number in _MANY})
        quick = {"PULUMI_SKIP_CHECKPOINTS": "true", "PULUMI_EXPERIMENTAL": "true"}
        up = ("up", "--yes", "--skip-preview", "--stack", "local", "--non-interactive")
        done = clone.run("pulumi", *up, environment=quick)
        assert done.returncode == 0, done.stdout + done.stderr
        yield from _stage(clone, WITH_A_THOUSAND)


def _stage(clone: Clone, changes: list[Change]) -> Iterator[tuple[str, str, Clone]]:
    for change in changes:
        with _made(clone, change):
            done = clone.run("pulumi", "preview", "--json", "--stack", "local", "--non-interactive")
            yield change.name, done.stdout, clone


@contextmanager
def _made(clone: Clone, change: Change) -> Iterator[None]:
    config = clone.folder / "Pulumi.local.yaml"
    before = config.read_text(encoding="utf-8")
    defaults = {**clone.settings()["voicehooks:defaults"], **change.defaults}
    clone.configure(defaults={k: v for k, v in defaults.items() if v is not None}, **change.settings)
    if change.numbers is not None:
        clone.configure(numbers=change.numbers)
    texts = {clone.folder / name: text for name, text in change.files.items()}
    kept = {path: path.read_text(encoding="utf-8") if path.exists() else None for path in texts}
    for path, text in texts.items():
        path.write_text((kept[path] or "") + text, encoding="utf-8")
    live = clone.number(FIRST)
    clicked = {name: live[re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()] for name in change.click}
    if change.click:
        clone.click(FIRST, **change.click)
    change.act(clone)
    try:
        yield
    finally:
        config.write_text(before, encoding="utf-8")
        for path, content in kept.items():
            path.unlink() if content is None else path.write_text(content, encoding="utf-8")
        if clicked:
            clone.click(FIRST, **clicked)


def rendered(preview: str, clone: Clone | None = None) -> str:
    """The plan on a terminal, without what differs from run to run."""

    def migration(name: str) -> str | None:
        path = clone.folder / "migrations" / name if clone else APPROVED / name
        return path.read_text(encoding="utf-8") if path.exists() else None

    return steady(render_terminal(read(preview, stack="local", migration=migration))) + "\n"


def steady(text: str) -> str:
    """Ports, SIDs, and fingerprints of files and secrets made the same in every run."""
    text = re.sub(r"127\.0\.0\.1:\d+", "127.0.0.1:1", text)
    text = re.sub(r"\b(PN|AP)[0-9a-f]{32}\b", r"\1...", text)
    return re.sub(
        r"\b(?=[0-9a-f]*[a-f])(?=[0-9a-f]*\d)[0-9a-f]{8}\b|\b(?<!\+)\d{8}(?= ->|$)|(?<=-> )\d{8}\b",
        "########",
        text,
        flags=re.MULTILINE,
    )


def reduced(preview: str) -> str:
    """A preview without what no plan looks at, fit for a fixture."""
    data = json.loads(preview)
    return json.dumps(
        {
            "config": {k: v for k, v in data.get("config", {}).items() if k == "voicehooks:rules"},
            "steps": [_reduced(step) for step in data.get("steps", [])],
            "diagnostics": data.get("diagnostics") or [],
        },
        separators=(",", ":"),
    )


_STATE = {"id", "inputs", "outputs"}
_UNREAD = {
    "checks",
    "candidateChecks",
    "lastWritten",
    "key",
    "digests",
    "bundleSha256",
    "lastDeployed",
    "revision",
}


def _reduced(step: dict[str, Any]) -> dict[str, Any]:
    kept = {name: step[name] for name in ("op", "urn", "detailedDiff") if step.get(name)}
    for name in ("oldState", "newState"):
        if step.get(name):
            kept[name] = {k: _part(v, step) for k, v in step[name].items() if k in _STATE}
    return kept


def _part(value: Any, step: dict[str, Any]) -> Any:
    if not isinstance(value, dict):
        return value
    part = {k: v for k, v in value.items() if k not in _UNREAD}
    hashes = part.get("fileHashes")
    diff = step.get("detailedDiff") or {}
    if isinstance(hashes, dict) and step["op"] != "create":
        part["fileHashes"] = {k: v for k, v in hashes.items() if f'fileHashes["{k}"]' in diff}
    if "EdgeFunction::" in step["urn"] and "twilio-webhook" not in step["urn"] and step["op"] == "refresh":
        part.pop("files", None)
    return part


def main() -> None:
    """Write everything anew."""
    APPROVED.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        for name, preview, clone in previews(Path(folder)):
            text = rendered(preview, clone)
            (APPROVED / f"{name}.txt").write_text(text, encoding="utf-8")
            if name != WITH_A_THOUSAND[0].name:
                (APPROVED / f"{name}.json").write_text(reduced(preview), encoding="utf-8")
            print(f"=== {name}\n{text}", flush=True)


if __name__ == "__main__":
    main()
