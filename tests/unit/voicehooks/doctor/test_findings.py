"""What each check of the doctor reports: severity, subject, values, command, page and what it explains."""

from __future__ import annotations

import pytest

from tests.unit.voicehooks.doctor.report import SCENES, approved, reported
from voicehooks.commands.doctor.table import CHECKS

APPROVED = approved()


@pytest.mark.parametrize("name", SCENES)
def test_a_scene_is_reported_as_approved(name: str) -> None:
    """See `tests.unit.voicehooks.doctor.report` for how to approve a change."""
    assert reported(name) == APPROVED[name]


def test_every_check_has_a_scene_that_is_fine_and_one_that_is_not() -> None:
    """A new check needs both."""
    seen = {
        (name.partition(":")[0].partition(" to ")[0], found.get("status") == "ok")
        for name, found in APPROVED.items()
    }
    assert seen - {("all", False)} == {(check.code, fine) for check in CHECKS for fine in (True, False)}
    assert list(APPROVED) == list(SCENES)
