"""Supabase's Management API as the commands ask it."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from pulumi_provider_kit.cancellation import Cancellation
from pulumi_supabase.client import API_URL, ManagementApi

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from voicehooks.stack.environment import Environment

__all__ = ["connect_supabase", "open_supabase"]

# A person waits for a command; `pulumi up` is more patient.
_ATTEMPTS = 4
_TIMEOUT_SECONDS = 20.0


@asynccontextmanager
async def connect_supabase(access_token: str, api_url: str) -> AsyncIterator[ManagementApi]:
    """Open the Management API with a token; makes no request by itself.

    Args:
        access_token: never to be printed.
        api_url: where it is; empty for the real one.
    """
    api = ManagementApi(
        access_token,
        Cancellation(),
        url=api_url or API_URL,
        attempts=_ATTEMPTS,
        timeout=_TIMEOUT_SECONDS,
    )
    try:
        yield api
    finally:
        await api.close()


@asynccontextmanager
async def open_supabase(environment: Environment) -> AsyncIterator[ManagementApi]:
    """Open the Management API as an environment signs in; makes no request by itself.

    Its errors are the client's own; see :func:`voicehooks.vendors.errors.reported`.

    Raises:
        CommandError: the access token is not set.
    """
    async with connect_supabase(environment.supabase_access_token, environment.supabase_api_url) as api:
        yield api
