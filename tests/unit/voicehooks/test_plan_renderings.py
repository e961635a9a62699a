"""Plans of real previews against approved renderings: what a reviewer sees."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.e2e.plan_changes import APPROVED, rendered
from voicehooks.plan import Plan, read, render_markdown

PREVIEWS = sorted(APPROVED.glob("*.json"))


def test_forty_changes_are_kept() -> None:
    """There are at least forty different changes, each with its own rendering."""
    assert len({path.with_suffix(".txt").read_text(encoding="utf-8") for path in PREVIEWS}) >= 40


@pytest.mark.parametrize("preview", PREVIEWS, ids=lambda path: path.stem)
def test_change_reads_as_approved(preview: Path) -> None:
    """A change reads as its approved rendering."""
    approved = preview.with_suffix(".txt").read_text(encoding="utf-8")
    assert rendered(preview.stem, preview.read_text(encoding="utf-8")) == approved


@pytest.mark.parametrize("preview", PREVIEWS, ids=lambda path: path.stem)
def test_pull_request_says_the_same(preview: Path) -> None:
    """The Markdown has the marker, the verdict, every risk and every failure of the same plan."""
    plan = read(preview.read_text(encoding="utf-8"), stack="local")
    text = render_markdown(plan)
    assert text.startswith("<!-- voicehooks plan: local -->\n\n### local: " + plan.verdict)
    assert all(risk in text for risk in plan.risks)
    assert all(failure.why in text for failure in plan.failures)
    assert len(text) < 65_536


@pytest.mark.parametrize("preview", PREVIEWS, ids=lambda path: path.stem)
def test_saved_plan_is_the_plan(preview: Path) -> None:
    """A plan that is saved as JSON and read again is the same."""
    plan = read(preview.read_text(encoding="utf-8"), stack="local")
    assert Plan.from_json(json.loads(json.dumps(plan.to_json()))) == plan
