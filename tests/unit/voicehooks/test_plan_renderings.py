"""Plans of real previews against approved renderings: what a reviewer sees."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.plan_changes import APPROVED, CHANGES, rendered
from voicehooks.commands.plan import Plan, read, render_markdown
from voicehooks.commands.plan.model import Change
from voicehooks.output.json import to_json

PREVIEWS = sorted(APPROVED.glob("*.json"))


def test_every_change_has_its_own_rendering() -> None:
    """Every change has a preview, and no two plans read the same, except where they say the same.

    Kept rules change nothing, and "*" takes in the one number that is left.
    """
    names = {change.name for change in CHANGES}
    # Its preview is too large to keep; the slow test has the engine make it.
    assert {path.stem for path in PREVIEWS} == names - {"thousand-numbers-and-three-exceptions"}
    plans: dict[str, list[str]] = {}
    for path in PREVIEWS:
        plans.setdefault(rendered(path.stem, path.read_text(encoding="utf-8")), []).append(path.stem)
    assert [alike for alike in plans.values() if len(alike) > 1] == [
        ["every-other-number-joins", "number-joins"],
        ["nothing", "rules-kept"],
    ]


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
    assert Plan.from_json(json.loads(json.dumps(to_json(plan)))) == plan


# What str.splitlines() and Markdown take for the end of a line, and what a table or a mention is made of.
HOSTILE = st.text(alphabet="ab @|`<*[]()\\\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029", max_size=12)


@given(subject=HOSTILE, setting=HOSTILE, old=HOSTILE, new=HOSTILE, risk=HOSTILE, bracketed=st.booleans())
def test_a_value_stays_within_its_row(
    subject: str, setting: str, old: str, new: str, risk: str, bracketed: bool
) -> None:
    """Whatever a name or value holds, the table of a pull request has one row with five cells."""
    old = f"({old})" if bracketed else old
    change = Change("environment", subject, setting, old, new, (risk,))
    text = render_markdown(Plan("dev", "", "", changes=(change,)))

    lines = text.splitlines()
    row = lines[lines.index("| --- | --- | --- | --- | --- |") + 1]
    assert len(re.findall(r"(?<!\\)(?:\\\\)*\|", row)) == 6
    assert row.endswith(" |")
    assert "@" not in re.sub(r"`[^`]*`|\\.", "", row)
    after = lines[lines.index(row) + 1 :]
    assert after[:1] == [""]
