"""Forty and more changes of an environment, each of which a plan has to report correctly.

Each is made in a clone, previewed by the real engine and taken back; nothing of them is deployed except where
a stage begins. Run as a program it writes the approved renderings and the reduced previews again:

    python -m tests.support.plan_changes [NAME...]
    python -m tests.support.plan_changes --renderings    # of the previews as they are
"""

from __future__ import annotations

import json
import re
import sys
import tempfile
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from voicehooks_sandbox.testing import running_sandbox

from tests.support.clone import Clone, clone_repository
from voicehooks.commands.plan import read, render_terminal

__all__ = ["APPROVED", "CHANGES", "loose", "previews", "rendered", "steady"]

ROOT = Path(__file__).resolve().parents[2]
APPROVED = ROOT / "tests" / "fixtures" / "plans"
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
    Change("recordings-of-the-account", settings={"account": {"recordingCallback": True, "channels": "dual"}}),
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
    Change("function-deleted", act=lambda clone: clone.supabase("DELETE", "functions/twilio-fallback")),
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


CHANGES = [*BEFORE_THE_FIRST_UPDATE, *WITH_URLS_OF_THEIR_OWN, *WITH_A_SHARED_APP, *WITH_A_THOUSAND]


def previews(folder: Path, only: Collection[str] = ()) -> Iterator[tuple[str, str]]:
    """Each change's name and what `pulumi preview --json` printed; of all changes unless some are named."""
    wanted = set(only) or {change.name for change in CHANGES}
    with running_sandbox(folder / "sandbox", time_factor=50) as values:
        clone = clone_repository(folder / "clone", values, numbers=_USUAL)
        clone.control("POST", "numbers", json={"phone_numbers": [SECOND, THIRD, FOURTH]})
        yield from _stage(clone, BEFORE_THE_FIRST_UPDATE, wanted)
        clone.up()
        yield from _stage(clone, WITH_URLS_OF_THEIR_OWN, wanted)
        clone.up()  # what was deleted comes back
        clone.configure(sharedApplication=True, dialingPermissions={"GB": {"lowRisk": True}})
        clone.up()
        yield from _stage(clone, WITH_A_SHARED_APP, wanted)
        if WITH_A_THOUSAND[0].name not in wanted:
            return
        clone.control("POST", "numbers", json={"phone_numbers": _MANY})
        clone.configure(numbers={number: {} for number in _MANY})
        quick = {"PULUMI_SKIP_CHECKPOINTS": "true", "PULUMI_EXPERIMENTAL": "true"}
        up = ("up", "--yes", "--skip-preview", "--stack", "local", "--non-interactive")
        done = clone.run("pulumi", *up, environment=quick)
        assert done.returncode == 0, done.stdout + done.stderr
        yield from _stage(clone, WITH_A_THOUSAND, wanted)


def _stage(clone: Clone, changes: list[Change], wanted: set[str]) -> Iterator[tuple[str, str]]:
    for change in changes:
        if change.name not in wanted:
            continue
        with _made(clone, change):
            done = clone.run("pulumi", "preview", "--json", "--stack", "local", "--non-interactive")
            yield change.name, done.stdout


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


def rendered(name: str, preview: str) -> str:
    """The plan on a terminal, without what differs from run to run."""
    files = next(change.files for change in CHANGES if change.name == name)

    def migration(file: str) -> str | None:
        known = ROOT / "migrations" / file
        return files.get(f"migrations/{file}") or (
            known.read_text(encoding="utf-8") if known.exists() else None
        )

    return steady(render_terminal(read(preview, stack="local", migration=migration))) + "\n"


def steady(text: str) -> str:
    """Ports, SIDs, and fingerprints of files and secrets made the same in every run."""
    text = re.sub(r"127\.0\.0\.1:\d+", "127.0.0.1:1", text)
    text = re.sub(r"\b(PN|AP)[0-9a-f]{32}\b", r"\1...", text)
    return re.sub(r"(?<= )[0-9a-f]{8}(?= ->|$)", "########", text, flags=re.MULTILINE)


def loose(text: str) -> str:
    """Also without what differs from run to run or with this repository.

    How far the engine comes before it fails; this repository's migrations and the number of a function's files.
    """
    if "the preview failed" in text:
        text = re.sub(
            r"^look twice: .*\n", "", text.partition("known before the failure")[0], flags=re.MULTILINE
        )
    text = re.sub(r"(, )?\d+ migrations to run", "", text)
    text = re.sub(r"^ +(2026\d+_\w+\.sql|schema) .*\n", "", text, flags=re.MULTILINE)
    return re.sub(r" {2,}", "  ", re.sub(r"new: \d+ files", "new: some files", text))


def reduced(preview: str) -> str:
    """A preview without what no plan looks at, fit for a fixture."""
    data = json.loads(preview)
    diffs: dict[str, dict[str, Any]] = {}
    for step in data.get("steps", []):
        changes = step["op"] not in {"refresh", "same"}
        diffs.setdefault(step["urn"], {}).update(
            (step.get("detailedDiff") or {}) | {"": None} if changes else {}
        )
    return json.dumps(
        {
            "config": {k: v for k, v in data.get("config", {}).items() if k == "voicehooks:rules"},
            "steps": [_reduced(step, diffs[step["urn"]]) for step in data.get("steps", [])],
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


def _reduced(step: dict[str, Any], diff: dict[str, Any]) -> dict[str, Any]:
    kept = {name: step[name] for name in ("op", "urn", "detailedDiff") if step.get(name)}
    for name in ("oldState", "newState"):
        if step.get(name):
            read = _STATE - {"outputs"} if "EdgeFunction::" in step["urn"] else _STATE
            kept[name] = {k: _part(v, step, diff) for k, v in step[name].items() if k in read}
    return kept


def _part(value: Any, step: dict[str, Any], diff: dict[str, Any]) -> Any:
    if not isinstance(value, dict):
        return value
    part = {k: v for k, v in value.items() if k not in _UNREAD}
    hashes = part.get("fileHashes")
    if isinstance(hashes, dict) and step["op"] != "create":
        part["fileHashes"] = {k: v for k, v in hashes.items() if f'fileHashes["{k}"]' in diff}
    return {} if _is_untold(step, diff) else part


def _is_untold(step: dict[str, Any], diff: dict[str, Any]) -> bool:
    """Whether it is a function beside the handler that does not change."""
    beside = "EdgeFunction::" in step["urn"] and "twilio-webhook" not in step["urn"]
    return beside and step["op"] == "refresh" and not diff


def main() -> None:
    """Write everything again; with `--renderings` only those, of the previews that are there."""
    if "--renderings" in sys.argv:
        for fixture in sorted(APPROVED.glob("*.json")):
            _approve(fixture.stem, fixture.read_text(encoding="utf-8"))
        return
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        for name, preview in previews(Path(folder), sys.argv[1:]):
            _approve(name, preview)
            if name != WITH_A_THOUSAND[0].name:
                (APPROVED / f"{name}.json").write_text(reduced(preview), encoding="utf-8")


def _approve(name: str, preview: str) -> None:
    text = rendered(name, preview)
    (APPROVED / f"{name}.txt").write_text(text, encoding="utf-8")
    print(f"=== {name}\n{text}", flush=True)


if __name__ == "__main__":
    main()
