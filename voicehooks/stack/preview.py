"""The engine's own preview (`pulumi preview --json`) as resources before and after.

With `options.refresh: always` each resource has a step `refresh`, whose old state is that of the last update
and whose new state is what the program asks for. One that changes has a second step, whose old state is what
is live.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from voicehooks.output.errors import CommandError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["SECRET", "UNKNOWN", "Preview", "Resource", "names_in"]

UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
"""How the engine writes a text that is known only after the update."""
SECRET = "[secret]"  # noqa: S105 - how the engine writes one

_OPERATIONS = {"create": "create", "import": "create", "update": "update", "delete": "delete"}


@dataclass(frozen=True)
class Resource:
    """One resource.

    Attributes:
        token: the whole type: twilio:index:VoiceConfiguration.
        type: the type's last part: VoiceConfiguration.
        package: twilio, supabase, or another one.
        name: the logical name.
        id: the vendor's id, empty before there is one.
        operation: create, update, replace, delete or same.
        recorded: outputs as of the last update; empty where there were none.
        recorded_inputs: inputs as of the last update.
        live: outputs as they are; those of the last update for a resource that does not change.
        live_inputs: inputs as they are.
        goal: the inputs that the program asks for; empty for one that is deleted.
        diff: the paths that differ, with their kind: add, update or delete.
    """

    token: str
    type: str
    package: str
    name: str
    id: str
    operation: str
    recorded: Mapping[str, Any]
    recorded_inputs: Mapping[str, Any]
    live: Mapping[str, Any]
    live_inputs: Mapping[str, Any]
    goal: Mapping[str, Any]
    diff: Mapping[str, str]


@dataclass(frozen=True)
class Preview:
    """All of them.

    Attributes:
        stack: the environment's name, empty where there is no resource.
        config: the stack's configuration, secrets as the engine hides them; never to be printed.
        resources: in the order in which the engine came by.
        diagnostics: the engine's messages: severity, message and, for a resource's, urn.
    """

    stack: str
    config: Mapping[str, Any]
    resources: list[Resource]
    diagnostics: list[Mapping[str, Any]]

    @classmethod
    def parse(cls, text: str) -> Preview:
        """Read what `pulumi preview --json` printed.

        Raises:
            CommandError: it is something else.
        """
        try:
            data = json.loads(text)
        except ValueError:
            data = None
        if not isinstance(data, dict) or not (data.keys() & {"steps", "diagnostics", "changeSummary"}):
            raise CommandError(
                "the preview cannot be read",
                "it is not what pulumi preview --json prints",
                "make it with: pulumi preview --json > preview.json",
            )
        steps = data.get("steps") or []
        return cls(
            stack=steps[0]["urn"].split("::")[0].rpartition(":")[2] if steps else "",
            config=data.get("config") or {},
            resources=_resources(steps),
            diagnostics=data.get("diagnostics") or [],
        )

    def of(self, package: str, kind: str) -> list[Resource]:
        """The resources of a type by name, whatever the order in which the engine came by."""
        found = [r for r in self.resources if (r.package, r.type) == (package, kind)]
        return sorted(found, key=lambda resource: resource.name)

    @property
    def errors(self) -> list[str]:
        """Why it failed, as the engine and the providers say it; empty where it did not."""
        return [str(d.get("message", "")).strip() for d in self.diagnostics if d.get("severity") == "error"]

    def messages(self, name: str) -> Iterable[str]:
        """What the providers say about a resource."""
        for entry in self.diagnostics:
            if entry.get("urn", "").endswith(f"::{name}"):
                yield entry.get("message", "").strip()


def names_in(diff: Mapping[str, str], part: str) -> dict[str, str]:
    """The names of a map that differ, with their kind: `files["a.b"]` and `values.A` by "files", "values"."""
    pattern = re.compile(rf'{part}(?:\["(?P<quoted>.+)"\]|\.(?P<plain>.+))')
    found = {path: pattern.fullmatch(path) for path in diff}
    return {m["quoted"] or m["plain"]: diff[path] for path, m in found.items() if m}


def _resources(steps: list[Mapping[str, Any]]) -> list[Resource]:
    by_urn: dict[str, list[Mapping[str, Any]]] = {}
    for step in steps:
        by_urn.setdefault(step["urn"], []).append(step)
    return [_resource(urn, of_one) for urn, of_one in by_urn.items()]


def _resource(urn: str, steps: list[Mapping[str, Any]]) -> Resource:
    token = urn.split("::")[2].rsplit("$", maxsplit=1)[-1]
    package, _, kind = token.partition(":")
    refreshed = next((s for s in steps if s["op"] == "refresh"), None)
    main = next((s for s in steps if s["op"] in _OPERATIONS), None)
    if any("replace" in s["op"] for s in steps):
        operation = "replace"
        main = next(s for s in steps if "replace" in s["op"] and s.get("newState"))
    else:
        operation = _OPERATIONS[main["op"]] if main else "same"
    live = _state(main or refreshed or steps[-1], "oldState")
    recorded = _state(refreshed, "oldState") if refreshed else live
    goal = _state(main or refreshed or steps[-1], "newState")
    details = (main or {}).get("detailedDiff") or {}
    return Resource(
        token=token,
        type=kind.rpartition(":")[2],
        package=package,
        name=urn.rpartition("::")[2],
        id=recorded.get("id") or "",
        operation=operation,
        recorded=recorded.get("outputs") or {},
        recorded_inputs=recorded.get("inputs") or {},
        live=live.get("outputs") or {},
        live_inputs=live.get("inputs") or {},
        goal=goal.get("inputs") or {},
        diff={path: entry.get("kind", "update").partition("-")[0] for path, entry in details.items()},
    )


def _state(step: Mapping[str, Any] | None, which: str) -> Mapping[str, Any]:
    return (step or {}).get(which) or {}
