"""Requests for a project's secrets: reading digests, and writes whose state is kept if an answer is lost."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from pulumi_provider_kit.adoption import keep_attempted

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pulumi_provider_kit.resource import Operation
    from pulumi_provider_kit.values import PropertyMap

    from ..client import ManagementApi

__all__ = ["READ", "RESERVED", "WRITE", "delete_secrets", "digest_of", "live_secrets", "write_secrets"]

READ = "edge_functions_secrets_read"
WRITE = "edge_functions_secrets_write"
RESERVED = "SUPABASE_"
"""The prefix of the platform's own secrets."""


async def live_secrets(operation: Operation[ManagementApi], ref: str) -> dict[str, str]:
    """Return the digests of the project's secrets, without the platform's own."""
    answer = (await operation.client.get(ref, "/secrets", READ)).json()
    return {s["name"]: s["value"] for s in answer if not s["name"].startswith(RESERVED)}


async def write_secrets(
    operation: Operation[ManagementApi],
    ref: str,
    wanted: Mapping[str, str],
    live: Mapping[str, str],
    attempted: PropertyMap,
) -> None:
    """Write the secrets that differ.

    Raises:
        SupabaseError: Supabase refused them, and nothing was written.
        InitializationFailed: the answer was lost; ``attempted`` is kept as the state.
    """
    body = [{"name": n, "value": v} for n, v in sorted(wanted.items()) if live.get(n) != digest_of(v)]
    if not body:
        return
    with keep_attempted(ref, attempted, "the secrets may have been written all the same: run pulumi up again"):
        await operation.client.send("POST", ref, "/secrets", WRITE, json=body)


async def delete_secrets(operation: Operation[ManagementApi], ref: str, names: Iterable[str]) -> None:
    """Delete secrets, in one request."""
    body = sorted(names)
    if body:
        await operation.client.send("DELETE", ref, "/secrets", WRITE, json=body)


def digest_of(value: str) -> str:
    """Return the digest that Supabase shows for a value."""
    return hashlib.sha256(value.encode()).hexdigest()
