"""What each check of the doctor reports: severity, subject, values, command, page and what it explains."""

from __future__ import annotations

import asyncio

import pytest

from tests.unit.voicehooks.doctor.report import SCENES, approved, built, reported
from voicehooks.commands.doctor.run import examine
from voicehooks.commands.doctor.table import CHECKS

APPROVED = approved()


@pytest.mark.parametrize("name", SCENES)
def test_a_scene_is_reported_as_approved(name: str) -> None:
    """See `tests.unit.voicehooks.doctor.report` for how to approve a change."""
    assert reported(name) == APPROVED[name]


def test_each_refusal_of_the_probe_has_a_meaning_of_its_own() -> None:
    """The gateway's, the signature's, a function that is missing, any other."""
    names = ("the gateway wants a token", "signature refused", "no function", "another status")
    meanings = set()
    for name in names:
        with built(f"probe: {name}") as world:
            report = asyncio.run(examine(world.environment, ["probe"]))
        meanings.add(report.findings[0].what)
    assert len(meanings) == len(names)


def test_every_check_has_a_scene_that_is_fine_and_one_that_is_not() -> None:
    """A new check needs both."""
    seen = {
        (name.partition(":")[0].partition(" to ")[0], found.get("status") == "ok")
        for name, found in APPROVED.items()
    }
    assert seen - {("all", False)} == {(check.code, fine) for check in CHECKS for fine in (True, False)}
    assert list(APPROVED) == list(SCENES)
