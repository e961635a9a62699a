"""The plugin ``pulumi-resource-supabase``."""

from __future__ import annotations

from pulumi_provider_kit.plugin import serve

from .provider import FUNCTIONS, RESOURCES, TABLE, connect

__all__ = ["main"]


def main() -> None:
    """Serve the provider to the engine that started this process."""
    serve(TABLE, RESOURCES, FUNCTIONS, connect)
