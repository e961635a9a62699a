"""Many numbers in one plan: equal changes together, exceptions apart, and never too long."""

from __future__ import annotations

from tests.unit.voicehooks.plan_previews import HANDLER, handler, number, plan_of
from voicehooks.commands.plan import render_markdown, render_terminal

MANY = [f"+1555200{index:04d}" for index in range(1000)]


def retries(count: int) -> dict[str, object]:
    """A number that the handler answers."""
    return {"voiceUrl": HANDLER, "delivery": {"retries": count}}


def test_thousand_equal_changes_are_one_row() -> None:
    """What all numbers have in common is one row, on the terminal and in the pull request."""
    plan = plan_of(handler({}, {}), *(number(n, retries(0), retries(3)) for n in MANY))
    [line] = [line for line in render_terminal(plan).splitlines() if "delivery.retries" in line]
    assert line.split() == ["all", "1,000", "numbers", "delivery.retries", "0", "->", "3"]
    assert "| all 1,000 numbers | delivery.retries | `0` | `3` | |" in render_markdown(plan)


def test_exceptions_stand_apart() -> None:
    """Numbers that change otherwise have rows of their own, and the row of the many leaves them out by name."""
    other, silent = MANY[7], MANY[500]
    steps = [number(n, retries(0), retries(3)) for n in MANY if n not in {other, silent}]
    plan = plan_of(
        handler({}, {}),
        *steps,
        number(other, retries(0), retries(5)),
        number(silent, retries(0), {**retries(0), "voiceUrl": ""}),
    )
    text = render_terminal(plan)
    assert f"998 numbers (not {other}, {silent})" in text
    assert [line.split()[:2] for line in text.splitlines() if "0 -> 5" in line] == [[other, "delivery.retries"]]
    [line] = [line for line in text.splitlines() if "stops answering" in line and "->" in line]
    assert line.split()[:2] == [silent, "voiceUrl"]


def test_long_comment_loses_details_first() -> None:
    """A comment that would be too long keeps its verdict and every row, and loses the lists of numbers."""
    steps = [number(f"+1{index:010d}", retries(0), retries(3)) for index in range(6000)]
    plan = plan_of(handler({}, {}), *steps)
    text = render_markdown(plan)
    assert len(text) <= 65_536
    assert "6,000 numbers changed" in text
    assert "| all 6,000 numbers | delivery.retries | `0` | `3` | |" in text
    assert "Details are left out" in text
    assert "+10000000000" not in text


def test_thousand_different_changes_still_fit() -> None:
    """Where even the table is too long, rows with a risk come first and the others are counted."""
    steps = [
        number(n, retries(0), {"voiceUrl": f"{HANDLER}?{'x' * 100}{n}", "delivery": {"retries": 0}})
        for n in MANY[1:]
    ]
    silent = number(MANY[0], retries(0), {"voiceUrl": ""})
    text = render_markdown(plan_of(handler({}, {}), *steps, silent))
    assert len(text) <= 65_536
    assert f"| {MANY[0]} | voiceUrl | `twilio-webhook` | (empty) | ⚠ **stops answering** |" in text
    assert "more rows" in text
    assert "### prod: 1,000 numbers changed" in text
    assert text.rstrip().endswith("`voicehooks rollback --stack prod`.")


def test_value_cannot_break_out_of_the_table() -> None:
    """A value with the table's own characters stays one cell of code."""
    steps = handler({"defaults": {}}, {"defaults": {"announcement": "a | b `c`\n@everyone <script>"}})
    plan = plan_of(steps, number("+15551234567", retries(1), retries(1)))
    assert "`a \\| b 'c' @everyone <script>`" in render_markdown(plan)
