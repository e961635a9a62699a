"""The resource EdgeFunctionSecrets: named secrets of a project's functions."""

from .resource import EdgeFunctionSecrets

__all__ = ["EdgeFunctionSecrets"]
