"""What the doctor reports of each scene.

The approved reports are in tests/fixtures/doctor/findings.json, without the sentences: of these only the
numbers, names and addresses. After a change that is meant, write them again, and read the difference:

    python -m tests.unit.voicehooks.doctor.report
"""

from __future__ import annotations

import asyncio
import itertools
import json
import re
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

import httpx

from tests.unit.voicehooks.doctor import (
    account_scenes,
    call_scenes,
    number_scenes,
    project_scenes,
    whole_scenes,
)
from tests.unit.voicehooks.doctor.scene import KEY, OTHER, SCENES
from tests.unit.voicehooks.doctor.world import BASE, PROJECT, TOKEN, World
from voicehooks.commands.doctor.run import examine
from voicehooks.output.json import to_json

__all__ = ["MODULES", "SCENES", "approved", "built", "reported"]

MODULES = (whole_scenes, project_scenes, number_scenes, account_scenes, call_scenes)
"""The modules that name scenes."""
APPROVED = Path(__file__).resolve().parents[3] / "fixtures" / "doctor" / "findings.json"


@contextmanager
def built(name: str) -> Iterator[World]:
    """Build a scene, in the place of all vendors."""
    with tempfile.TemporaryDirectory() as folder:
        world = World(Path(folder))
        SCENES[name](world)
        with patch.object(httpx.AsyncHTTPTransport, "handle_async_request", world.answer):
            yield world


def reported(name: str) -> dict[str, Any]:
    """What the doctor reports of a scene: data, names and numbers, without the words of its sentences."""
    code, _, to = name.partition(":")[0].partition(" to ")
    began = datetime.now(UTC)
    with built(name) as world:
        report = asyncio.run(examine(world.environment, [] if code == "all" else [code], to=to))
    document = to_json(report)
    text = json.dumps(document)
    assert not any(secret in text for secret in (TOKEN, OTHER, *KEY.values(), "sbp_1", "sb_secret_x", "u:p@"))
    assert "None" not in text, "Python's words are not for people"
    assert all(finding["what"] for check in document["checks"] for finding in check["findings"])
    if code == "all":
        return _reduced_report(document, _asked(world, began))
    (check,) = document["checks"]
    found: dict[str, Any] = {"status": check["status"]}
    if check["findings"]:
        found["findings"] = [_reduced(finding) for finding in check["findings"]]
    else:
        found["summary"] = _named(check["summary"])
    if check["do"]:
        found["do"] = _named(check["do"])
    if check["details"]:
        found["details"] = check["details"]
    if check["status"] == "ok":
        found["asked"] = _asked(world, began)
    return {name: value for name, value in found.items() if value}


def _reduced_report(document: dict[str, Any], asked: list[str]) -> dict[str, Any]:
    """The whole report: what was not run, because of which other check, and what was asked more than once."""
    ended = [
        (check["summary"] if check["status"] == "not-run" else check["status"], check["check"])
        for check in document["checks"]
    ]
    return {
        **{key: document[key] for key in ("stack", "place", "problems", "warnings", "unknown", "exitCode")},
        "symptoms": [[each["symptom"], each["checks"]] for each in document["symptoms"]],
        "checks": [
            [status, *(code for _, code in checks)]
            for status, checks in itertools.groupby(ended, lambda one: one[0])
        ],
        "asked more than once": [
            f"{often} x {each}" for each, often in sorted(Counter(asked).items()) if often > 1
        ],
    }


def _asked(world: World, began: datetime) -> list[str]:
    """The requests, with a date of the day before as such."""
    days = {f"{moment - timedelta(days=1):%Y-%m-%d}" for moment in (began, datetime.now(UTC))}

    def date(found: re.Match[str]) -> str:
        return ("A-DAY-AGO" if found[1] in days else found[1]) + ("TIME" if found[2] else "")

    dated = re.compile(r"(\d{4}-\d\d-\d\d)(T[\d:.+Z]+)?")
    short = [request.replace(BASE, "ACCOUNT").replace(PROJECT, "PROJECT") for request in world.asked]
    return sorted(dated.sub(date, request) for request in short)


def _reduced(finding: dict[str, Any]) -> dict[str, Any]:
    reduced = {**finding, "what": _named(finding["what"]), "do": _named(finding["do"]) or bool(finding["do"])}
    return {name: value for name, value in reduced.items() if value}


def _named(sentence: str) -> list[str]:
    """The numbers, names and addresses in a sentence."""
    steady = re.sub(r"\b\d+(\.\d)? (ms|s)\b", "TIME", sentence)
    return re.findall(r"[^\s,;()]*(?:[\d/_<>\[*]|[a-z][A-Z]|[A-Z]{2}|\.\.)[^\s,;()]*", steady)


def approved() -> dict[str, dict[str, Any]]:
    """The approved report of each scene."""
    found: dict[str, dict[str, Any]] = json.loads(APPROVED.read_text(encoding="utf-8"))
    return found


def _text(reports: dict[str, dict[str, Any]]) -> str:
    """Reports as JSON, one line per finding, so that a difference is easy to read."""

    def item(value: Any) -> str:
        if isinstance(value, list) and value and not isinstance(value[0], str):
            return "[\n   " + ",\n   ".join(json.dumps(each) for each in value) + "\n  ]"
        return json.dumps(value)

    scenes = (
        f" {json.dumps(name)}: {{\n"
        + ",\n".join(f"  {json.dumps(key)}: {item(value)}" for key, value in report.items())
        + "\n }"
        for name, report in reports.items()
    )
    return "{\n" + ",\n".join(scenes) + "\n}\n"


if __name__ == "__main__":
    APPROVED.parent.mkdir(exist_ok=True)
    APPROVED.write_text(_text({name: reported(name) for name in SCENES}), encoding="utf-8")
