"""Taking numbers and account settings into the stack's state without writing to them."""

from __future__ import annotations

import json
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from voicehooks.commands.adopt.account import RECORDING_DEFAULTS
from voicehooks.output.errors import CommandError
from voicehooks.stack.engine import last_error
from voicehooks.stack.preview import Preview

if TYPE_CHECKING:
    from collections.abc import Iterable

    from voicehooks.commands.adopt.proposal import Proposal
    from voicehooks.stack.deployed_state import State
    from voicehooks.stack.engine import Engine

__all__ = ["NextUpdate", "import_resources", "preview"]

_COMPONENT = "voicehooks:index:VoiceWebhooks"
_COMPONENT_NAME = "voice-webhooks"
_NUMBER = "twilio:index:VoiceConfiguration"
_DEFAULTS_NAME = "recording-defaults"


def import_resources(engine: Engine, numbers: Iterable[Proposal], state: State, *, account: str) -> None:
    """Read numbers and account settings into the state under the parents and names that the program gives them.

    Args:
        engine: the stack.
        numbers: those that it does not have yet.
        state: what it has.
        account: the account whose default recording configuration it does not have yet; empty for none.

    Raises:
        CommandError: the engine refused.
    """
    component = state.one(_COMPONENT)
    imported = [
        {"type": _NUMBER, "name": each.number, "id": each.sid, "parent": _COMPONENT_NAME} for each in numbers
    ]
    needed = (
        [] if component or not imported else [{"type": _COMPONENT, "name": _COMPONENT_NAME, "component": True}]
    )
    defaults = [{"type": RECORDING_DEFAULTS, "name": _DEFAULTS_NAME, "id": account}] if account else []
    content: dict[str, Any] = {
        "nameTable": {_COMPONENT_NAME: component.urn} if component else {},
        "resources": [*needed, *imported, *defaults],
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
            what=f"the configuration could not be taken into the state of {engine.stack}",
            do=f"the settings are written already; when the cause is gone: voicehooks adopt -s {engine.stack}",
        )


@dataclass(frozen=True)
class NextUpdate:
    """What the next update would do.

    Attributes:
        failed: why its preview fails, or empty.
        changed_numbers: numbers that it would change, each with the properties.
        unchanged_numbers: how many numbers stay as they are.
        others: what it would do to other resources: `create supabase:index:Migrations schema`.
    """

    failed: str
    changed_numbers: dict[str, list[str]] = field(default_factory=dict)
    unchanged_numbers: int = 0
    others: tuple[str, ...] = ()


def preview(engine: Engine) -> NextUpdate:
    """Ask the engine what an update would do; changes nothing."""
    done = engine.try_run("preview", "--json")
    try:
        found = Preview.parse(done.stdout)
    except CommandError as error:
        return NextUpdate(failed=last_error(done.stderr or done.stdout) if done.returncode else error.why)
    if done.returncode != 0:
        errors = [" ".join(message.split()) for message in found.errors] or [last_error(done.stderr)]
        return NextUpdate(failed=errors[0].removeprefix("error: ").removeprefix("Preview failed: "))
    numbers = found.of("twilio", "VoiceConfiguration")
    changed = {r.name: sorted(r.diff) or [r.operation] for r in numbers if r.operation != "same"}
    others = [
        f"{r.operation} {r.token} {r.name}"
        for r in found.resources
        if r not in numbers and r.operation != "same" and r.package != "pulumi"
    ]
    return NextUpdate("", changed, len(numbers) - len(changed), tuple(others))
