"""An error that the sandbox reports to its user."""

from __future__ import annotations


class SandboxError(Exception):
    """Something the user can act on: one sentence saying what is wrong, where, and what to do."""
