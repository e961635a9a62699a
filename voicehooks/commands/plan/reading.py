"""From the engine's preview to the plan."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from voicehooks.commands.plan.account import (
    changes_of_countries,
    changes_of_environment,
    changes_of_event_streams,
    changes_of_recordings,
)
from voicehooks.commands.plan.drift import AREAS, drift_of
from voicehooks.commands.plan.effective import HandlerSettings, handler_settings
from voicehooks.commands.plan.failures import failure_of_engine, failures_of, notes_of
from voicehooks.commands.plan.model import Change, Plan
from voicehooks.commands.plan.numbers import changes_of_calls, changes_of_numbers
from voicehooks.commands.plan.rules import findings_of, rules_of
from voicehooks.commands.plan.supabase import changes_of_functions, changes_of_schema, changes_of_secrets
from voicehooks.output.counting import count
from voicehooks.stack.preview import UNKNOWN, Preview

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["read"]

_OURS = {
    "EdgeFunction",
    "EdgeFunctionSecrets",
    "Migrations",
    "VoiceConfiguration",
    "DialingPermissions",
    "AccountRecordingDefaults",
    "EventSink",
    "EventSubscription",
    "Application",
}
# They only remember what was there before the stack's first write: no caller notices their changes.
_RECORDS = {"VoiceOriginals", "AccountOriginals", "ProjectOriginals"}


def read(
    preview_json: str,
    *,
    stack: str,
    errors: str = "",
    commit: str = "",
    at: str = "",
    migration: Callable[[str], str | None] = lambda _: None,
) -> Plan:
    """Return the plan in what `pulumi preview --json` printed.

    Args:
        preview_json: its standard output.
        stack: the environment's name, for a preview that does not contain it.
        errors: why the engine failed, where it did and printed no preview.
        commit: the working tree's commit.
        at: when the preview was made, ISO 8601.
        migration: the text of a migration by its file name, for naming what it drops.

    Raises:
        CommandError: it is not a preview, and no error was given.
    """
    if errors and not preview_json.strip().startswith("{"):
        return Plan(stack, commit, at, failures=[failure_of_engine(errors, stack)])
    preview = Preview.parse(preview_json)
    stack = preview.stack or stack
    before, after = handler_settings(preview)
    numbers = changes_of_numbers(preview, before, after)
    settings = [*numbers.changes, *changes_of_calls(before, after), *changes_of_environment(before, after)]
    explained = any(change.area != "number" or change.setting != "number" for change in settings)
    failures = failures_of(preview, stack)
    failed = {failure.resource for failure in failures}
    changes = [
        *(change for change in settings if change.area != "environment" and change.subject not in failed),
        *changes_of_countries(preview),
        *changes_of_recordings(preview),
        *changes_of_event_streams(preview),
        *(change for change in settings if change.area == "environment"),
        *changes_of_schema(preview, migration),
        *changes_of_secrets(preview, explained=explained),
        *changes_of_functions(preview, explained=explained),
        *_of_unused_applications(preview, numbers.changes),
        *_of_other_vendor_resources(preview),
    ]
    if errors and not failures:
        failures = [failure_of_engine(errors, stack)]
    return Plan(
        stack,
        commit,
        at,
        numbers=len(numbers.after),
        functions_url=_common(before, after),
        changes=changes,
        joining=[number for number in numbers.joining if number not in failed],
        leaving=numbers.leaving,
        drift=drift_of(preview),
        names=numbers.names,
        routes={number: route for number, route in numbers.routes.items() if number not in failed},
        findings=findings_of(rules_of(preview.config), preview, numbers.after, after),
        failures=failures,
        notes=notes_of(preview),
        others=_others(preview),
    )


def _common(before: HandlerSettings, after: HandlerSettings) -> str:
    urls = {handler.functions_url for handler in (before, after) if handler.content}
    return urls.pop() if len(urls) == 1 else ""


def _of_unused_applications(preview: Preview, known: list[Change]) -> list[Change]:
    """The changes of a TwiML App that show at no number: it is made or deleted, or renamed, or unused."""
    rows = []
    for app in preview.of("twilio", "Application"):
        name = app.goal.get("friendlyName") or app.live_inputs.get("friendlyName") or app.name
        if app.operation == "create":
            rows.append(Change("other", f"TwiML App {name}", "application", None, _new_application(preview)))
        elif app.operation == "delete":
            rows.append(Change("other", f"TwiML App {name}", "application", "there", "deleted"))
        elif app.operation != "same":
            shown = {change.setting for change in known}
            rows += [
                Change("other", f"TwiML App {name}", path, _at(app.live_inputs, path), _at(app.goal, path))
                for path in app.diff
                if path not in shown
            ]
    return rows


def _new_application(preview: Preview) -> str:
    numbers = [n for n in preview.of("twilio", "VoiceConfiguration") if n.operation != "delete"]
    joining = [number for number in numbers if number.goal.get("voiceApplicationSid") == UNKNOWN]
    if joining:
        return f"new, for {count(len(joining), 'number')}"
    if not numbers:
        return "new; no number joins it, because the settings name none"
    return "new; no number joins it, because each has answer or a URL of its own in voicehooks:numbers"


def _of_other_vendor_resources(preview: Preview) -> list[Change]:
    rows = []
    for resource in preview.resources:
        if (
            resource.package not in {"twilio", "supabase"}
            or resource.type in _OURS | _RECORDS
            or resource.operation == "same"
        ):
            continue
        kind = AREAS.get(resource.type, resource.type)
        subject = f"{kind} {resource.name}"
        if resource.operation in {"create", "delete"}:
            old, new = (None, "new") if resource.operation == "create" else ("there", None)
            rows.append(Change("other", subject, kind, old, new))
        else:
            was, will = resource.live_inputs, resource.goal
            rows += [Change("other", subject, p, _at(was, p), _at(will, p)) for p in resource.diff]
    return rows


def _at(inputs: Any, path: str) -> Any:
    value = inputs
    for step in path.replace('["', ".").replace('"]', "").split("."):
        value = value.get(step) if isinstance(value, dict) else None
    return value


def _others(preview: Preview) -> dict[str, int]:
    counts: dict[str, int] = {}
    for resource in preview.resources:
        if resource.package in {"twilio", "supabase", "pulumi", "voicehooks"} or resource.operation == "same":
            continue
        counts[resource.operation] = counts.get(resource.operation, 0) + 1
    return counts
