"""What the sandbox tells its user when it cannot do something."""

from __future__ import annotations


class SandboxError(Exception):
    """Something the user can act on: one sentence saying what is wrong, where, and what to do."""
