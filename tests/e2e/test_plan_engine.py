"""Every change that a plan has to tell, previewed by the real engine, against its approved rendering."""

from __future__ import annotations

import difflib
from pathlib import Path

import pytest

from tests.support.plan_changes import APPROVED, CHANGES, loose, previews, rendered


@pytest.mark.slow
def test_every_change_is_described_as_approved(tmp_path: Path) -> None:
    """The plans of all changes, 1,000 numbers among them, read as their approved renderings."""
    names, differences = [], []
    for name, preview in previews(tmp_path):
        names.append(name)
        approved = loose((APPROVED / f"{name}.txt").read_text(encoding="utf-8")).splitlines()
        differences += difflib.unified_diff(
            approved, loose(rendered(name, preview)).splitlines(), name, "now", lineterm=""
        )
    assert not differences, "\n".join(differences)
    assert names == [change.name for change in CHANGES]
