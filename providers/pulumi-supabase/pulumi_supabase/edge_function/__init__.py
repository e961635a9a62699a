"""The resource EdgeFunction."""

from .resource import EdgeFunction

__all__ = ["EdgeFunction"]
