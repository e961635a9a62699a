"""The one way in which an installation fails."""

from __future__ import annotations


class InstallError(Exception):
    """One sentence for the user: what is wrong and what to do."""
