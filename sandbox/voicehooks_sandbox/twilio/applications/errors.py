"""Codes and texts of Applications."""

from __future__ import annotations

from ..errors import TwilioError


def too_many() -> TwilioError:
    """An account may have 1,000 applications."""
    return TwilioError(400, 20001, "An account can have at most 1000 applications")
