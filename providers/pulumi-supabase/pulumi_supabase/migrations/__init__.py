"""The resource Migrations."""

from .resource import Migrations

__all__ = ["Migrations"]
