"""The doctor's checks do not depend on how busy the machine is that runs the tests."""

from __future__ import annotations

import math

import pytest

from voicehooks.commands.doctor.checks import probe


@pytest.fixture(autouse=True)
def _any_pace_is_fine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no answer be slow, which would be a warning of the probe."""
    monkeypatch.setattr(probe, "_SLOW_SECONDS", math.inf)
