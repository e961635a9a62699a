"""The indexes: what is asked again and again reads no whole table, however many calls there are."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import pytest

ASKED = {
    "twilio_calls_latest": "twilio_calls order by started_at desc limit 50",
    "twilio_calls_lead": "twilio_calls where lead_number = '+1555' order by started_at desc",
    "twilio_calls_reference": "twilio_calls where reference = 'lead-42' order by started_at desc",
    "twilio_calls_legs": "twilio_calls where parent_call_sid = 'CA1'",
    "twilio_calls_open": "twilio_calls where ended_at is null order by started_at desc",
    "twilio_calls_placed": f"twilio_calls where placed_by = '{uuid.UUID(int=1)}' order by created_at",
    "twilio_calls_placed_at": "twilio_calls where placed_by is not null and created_at > now()",
    "twilio_calls_created": "twilio_calls where parent_call_sid is null order by created_at desc limit 50",
    "twilio_call_events_call": "twilio_call_events where call_sid = 'CA1'",
    "twilio_call_events_quarantined": "twilio_call_events where kind = 'quarantined' order by received_at",
    "twilio_call_events_transfers": "twilio_call_events where kind = 'transfer' and received_at > now()",
    "twilio_call_events_received": "twilio_call_timeline where received_at > now()",
    "twilio_recordings_call": "twilio_recordings where call_sid = 'CA1'",
    "twilio_recordings_created": "twilio_recordings where created_at > now()",
    "twilio_call_summaries_ended": "twilio_call_summaries where ended_at > now()",
    "twilio_call_summaries_received": "twilio_call_summaries where received_at < now()",
    "twilio_errors_received": "twilio_errors where received_at < now()",
    "twilio_errors_call": "twilio_errors where call_sid = 'CA1'",
}
"""What is asked, by the index that answers it: of a CRM's page (docs/crm.md), the functions, the commands."""


def steps(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """A plan's steps."""
    yield plan
    for below in plan.get("Plans", ()):
        yield from steps(below)


def drop_others(project: Any, index: str) -> None:
    """Drop every other index of a table: in a small one the planner finds several equally good."""
    others = project.rows(
        "select i.indrelid::regclass as of, i.indexrelid::regclass as name, c.conname as constraint "
        "from pg_index own join pg_index i on i.indrelid = own.indrelid and i.indexrelid <> own.indexrelid "
        "left join pg_constraint c on c.conindid = i.indexrelid and c.contype in ('p', 'u') "
        "where own.indexrelid = %s::regclass",
        index,
    )
    for other in others:
        project.database.execute(
            f"alter table {other['of']} drop constraint {other['constraint']} cascade"
            if other["constraint"]
            else f"drop index {other['name']}"
        )


@pytest.mark.parametrize("index", ASKED)
def test_an_index_answers_what_is_asked(project, index):
    """As in a large table, where neither reading all of it nor sorting all that was found is an option."""
    with project.database.transaction(force_rollback=True):
        drop_others(project, index)
        project.database.execute("set local enable_seqscan = off; set local enable_bitmapscan = off")
        [row] = project.database.execute(f"explain (format json) select * from {ASKED[index]}").fetchall()
    plan = list(steps(row["QUERY PLAN"][0]["Plan"]))
    assert index in {step.get("Index Name") for step in plan}, plan
    kinds = {step["Node Type"] for step in plan}
    assert "Seq Scan" not in kinds
    # The timeline is sorted once more, but only what was found.
    assert ("Sort" in kinds) == ("timeline" in ASKED[index]), plan


def test_every_index_is_needed(project):
    """Each costs every callback: one that nothing asks for is dropped."""
    found = {
        row["indexname"]
        for row in project.rows(
            "select indexname from pg_indexes where schemaname = 'public' "
            "and starts_with(tablename, 'twilio_') and not starts_with(indexdef, 'CREATE UNIQUE')"
        )
    }
    assert found == set(ASKED)
