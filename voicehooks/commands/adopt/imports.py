"""Taking numbers into the stack's state without writing to them."""

from __future__ import annotations

import json
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from voicehooks.stack.engine import last_error

if TYPE_CHECKING:
    from collections.abc import Iterable

    from voicehooks.commands.adopt.proposal import Proposal
    from voicehooks.stack.engine import Engine

__all__ = ["Preview", "import_numbers", "managed_numbers", "preview"]

_COMPONENT = "voicehooks:index:VoiceWebhooks"
_COMPONENT_NAME = "voice-webhooks"
_NUMBER = "twilio:index:VoiceConfiguration"


def managed_numbers(resources: Iterable[dict[str, Any]]) -> dict[str, set[str]]:
    """Return the numbers of a stack's resources, in E.164 format, each with the properties that it holds."""
    found = [r for r in resources if r["type"] == _NUMBER and not r.get("delete")]
    return {r["urn"].rpartition("::")[2]: set(r.get("inputs") or {}) for r in found}


def import_numbers(engine: Engine, numbers: Iterable[Proposal], resources: Iterable[dict[str, Any]]) -> None:
    """Read numbers into the state under the parent and names that the program gives them.

    Args:
        engine: the stack.
        numbers: those that it does not have yet.
        resources: what it has.

    Raises:
        CommandError: the engine refused.
    """
    there = next((r["urn"] for r in resources if r["type"] == _COMPONENT), None)
    content: dict[str, Any] = {
        "nameTable": {_COMPONENT_NAME: there} if there else {},
        "resources": [
            *([] if there else [{"type": _COMPONENT, "name": _COMPONENT_NAME, "component": True}]),
            *({"type": _NUMBER, "name": n.number, "id": n.sid, "parent": _COMPONENT_NAME} for n in numbers),
        ],
    }
    with tempfile.TemporaryDirectory(prefix="voicehooks-") as folder:
        file = Path(folder) / "import.json"
        file.write_text(json.dumps(content), encoding="utf-8")
        engine.run(
            "import",
            "--file",
            str(file),
            "--yes",
            "--skip-preview",
            "--generate-code=false",
            "--protect=false",
            what=f"the numbers could not be taken into the state of {engine.stack}",
            do=f"the settings are written already; when the cause is gone: voicehooks adopt -s {engine.stack}",
        )


@dataclass(frozen=True)
class Preview:
    """What the next update would do.

    Attributes:
        failed: the engine's error, or empty.
        changed_numbers: numbers that it would change, each with the properties.
        unchanged_numbers: how many numbers stay as they are.
        others: what it would do to other resources: `create supabase:index:Migrations schema`.
    """

    failed: str = ""
    changed_numbers: dict[str, list[str]] = field(default_factory=dict)
    unchanged_numbers: int = 0
    others: tuple[str, ...] = ()


def preview(engine: Engine) -> Preview:
    """Ask the engine what an update would do; changes nothing."""
    done = engine.try_run("preview", "--json")
    try:
        steps = json.loads(done.stdout).get("steps") or []
    except ValueError:
        steps = []
    if done.returncode != 0:
        return Preview(failed=_diagnosis(done.stdout) or last_error(done.stderr or done.stdout))
    changed: dict[str, list[str]] = {}
    unchanged: set[str] = set()
    others = []
    for step in steps:
        kind, name = step["urn"].split("::")[2].rpartition("$")[2], step["urn"].rpartition("::")[2]
        if kind == _NUMBER:
            if step["op"] in {"same", "refresh"}:
                unchanged.add(name)
            else:
                changed[name] = sorted(step.get("detailedDiff") or {}) or [step["op"]]
        elif step["op"] not in {"same", "refresh", "read"} and not kind.startswith("pulumi:"):
            others.append(f"{step['op']} {kind} {name}")
    return Preview("", changed, len(unchanged - changed.keys()), tuple(others))


def _diagnosis(text: str) -> str:
    """Return the first error of a failed preview's JSON."""
    try:
        found = json.loads(text).get("diagnostics") or []
    except ValueError:
        return ""
    errors = [str(d.get("message", "")).strip() for d in found if d.get("severity") == "error"]
    sentence = " ".join(errors[0].split()) if errors else ""
    return sentence.removeprefix("error: ").removeprefix("Preview failed: ")
