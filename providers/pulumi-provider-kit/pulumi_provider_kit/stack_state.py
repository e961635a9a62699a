"""What the stack's state says of an object before this run.

A resource that is renamed, moved or replaced is created before the engine lets go of the previous one, and
the provider protocol gives the new one nothing of the previous one's state. Nothing else knows what a destroy
restores later, so the state is read with the engine's own command, ``pulumi stack export``: once for a plugin
process, where a new resource is about to manage an object that exists only once, and where a live object
differs from what the state says was written. An update that was killed is still noted there as a pending
operation, with its inputs, until the engine writes the state again. The answer, with its secrets, never leaves
the process's memory.
"""

from __future__ import annotations

import asyncio
import json
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import psutil
from pulumi.provider.experimental.property_value import PropertyValue

from .values import wrap
from .wire import SECRET, SIGNATURE

if TYPE_CHECKING:
    from .values import PropertyMap

__all__ = ["Past", "StackState"]

_SECONDS = 120.0
_UPDATING = "updating"


@dataclass(frozen=True)
class Past:
    """What the state says of a resource.

    Attributes:
        urn: the resource's URN.
        id: its ID.
        state: its outputs.
    """

    urn: str
    id: str
    state: PropertyMap


class StackState:
    """The state of the stack that an engine works on.

    Args:
        engine: the engine's process, or None where there is none, as in tests; then nothing is known.

    Attributes:
        unreadable: whether reading it was tried and failed: a passphrase that was typed at a prompt, for
            example, is not available to a plugin.
    """

    def __init__(self, engine: psutil.Process | None) -> None:
        self._engine = engine
        self.unreadable = False
        self._deployment: dict[str, Any] | None = None
        self._reading = asyncio.Lock()

    async def resources(self, urn: str) -> list[Past]:
        """Return the custom resources of the stack, without copies that wait for their deletion.

        Args:
            urn: any resource of the stack, for the stack's name.
        """
        found = (await self._exported(urn)).get("resources") or []
        return [
            Past(r["urn"], r["id"], _map(r.get("outputs")))
            for r in found
            if r.get("id") and not r.get("delete")  # a component has no ID
        ]

    async def attempted(self, urn: str) -> PropertyMap:
        """Return the inputs of an update of a resource that was interrupted; empty where there was none."""
        for operation in (await self._exported(urn)).get("pending_operations") or []:
            if operation["type"] == _UPDATING and operation["resource"]["urn"] == urn:
                return _map(operation["resource"].get("inputs"))
        return {}

    async def _exported(self, urn: str) -> dict[str, Any]:
        async with self._reading:
            if self._deployment is None:
                found = await _export(self._engine, urn) if self._engine is not None else {}
                self.unreadable = found is None
                self._deployment = found or {}
        return self._deployment


async def _export(engine: psutil.Process, urn: str) -> dict[str, Any] | None:
    stack = urn.split("::", 1)[0].removeprefix("urn:pulumi:")
    try:
        process = await asyncio.create_subprocess_exec(
            engine.exe(),
            *("stack", "export", "--stack", stack, "--show-secrets", "--non-interactive"),
            cwd=engine.cwd(),
            env={**os.environ, "PULUMI_SKIP_UPDATE_CHECK": "true"},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
    except (OSError, psutil.Error):
        return None
    try:
        text, _ = await asyncio.wait_for(process.communicate(), _SECONDS)
        deployment = json.loads(text)["deployment"] or {}
        return deployment if isinstance(deployment, dict) else None
    except (TimeoutError, ValueError, KeyError, TypeError, AttributeError):
        return None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


def _map(values: dict[str, Any] | None) -> dict[str, PropertyValue]:
    return {name: _value(value) for name, value in (values or {}).items()}


def _value(value: Any) -> PropertyValue:
    """Return a value of an export, in which a secret is an object with its JSON."""
    if isinstance(value, dict):
        if value.get(SIGNATURE) == SECRET:
            inner = _value(json.loads(value["plaintext"]))
            return PropertyValue(inner.value, is_secret=True)
        return PropertyValue({k: _value(v) for k, v in value.items()})
    if isinstance(value, list):
        return PropertyValue([_value(v) for v in value])
    return wrap(value)
