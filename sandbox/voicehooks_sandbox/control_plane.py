"""The control plane on Twilio's port: a page there also sees and controls the project, from one origin."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from voicehooks_sandbox.supabase import overview
from voicehooks_sandbox.twilio.webhooks.row_changes import log_changes

if TYPE_CHECKING:
    from collections.abc import Iterable

    from voicehooks_sandbox.operation import Operation
    from voicehooks_sandbox.supabase.project import Project
    from voicehooks_sandbox.twilio.emulator import Emulator

_FUNCTION_LOG = "function-log"


def project_operations(project: Project, control: Iterable[Operation]) -> list[Operation]:
    """What is served about the project on Twilio's port.

    Args:
        project: The project.
        control: The control plane of its own port, which is also served under `/supabase`.
    """
    return [
        *overview.operations(project),
        *(replace(operation, path=f"/supabase{operation.path}") for operation in control),
    ]


def record_project(project: Project, emulator: Emulator) -> None:
    """Add the project's changed rows and its functions' logs to the journals, and so to the events."""

    def log_line(slug: str, entry: dict[str, Any]) -> None:
        emulator.store.log(_FUNCTION_LOG, slug, overview.log_line(slug, entry))

    project.row_changes.on_transaction = lambda changes: log_changes(emulator.store, changes)
    project.logs.on_line = log_line
