"""What the stack's state says, where no engine runs: a resource from before, or an update that was killed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from pulumi_provider_kit.stack_state import Past, StackState
from pulumi_provider_kit.values import PropertyMap, wrap

from tests.providers.servicer_client import Resource, Secret

__all__ = ["remember", "remember_attempt"]


def remember(monkeypatch: pytest.MonkeyPatch, resource: Resource) -> None:
    """Let the state have a resource whose name in the program is another one now."""
    past = Past(resource.urn, resource.id, _wrapped(resource.state))

    async def resources(_: StackState, urn: str) -> list[Past]:
        return [past] if urn else []

    monkeypatch.setattr(StackState, "resources", resources)


def remember_attempt(monkeypatch: pytest.MonkeyPatch, resource: Resource, inputs: Mapping[str, Any]) -> None:
    """Let the state have an update of a resource that was killed."""

    async def attempted(_: StackState, urn: str) -> PropertyMap:
        return _wrapped(inputs) if urn == resource.urn else {}

    monkeypatch.setattr(StackState, "attempted", attempted)


def _wrapped(values: Mapping[str, Any]) -> PropertyMap:
    return {
        name: wrap(value.value, is_secret=True) if isinstance(value, Secret) else wrap(value)
        for name, value in values.items()
    }
