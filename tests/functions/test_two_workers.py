"""Two workers of the handler at once, each with its own queue, as a hosted project divides the load."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.functions.test_ingest_order import OWN, tell_in_order, write

CALLS, CONNECTIONS = 120, 32
# What all SIDs of a telling begin with; no other test has them.
ORDERED, SENT = "cccccccccccc", "dddddddddddd"


@pytest.fixture(scope="module")
def workers(project):
    """The slugs of two deployed handlers: the sandbox runs a process for each."""
    second = "twilio-webhook-second"
    project.deploy("twilio-webhook", project.settings(functionName=second), slug=second)
    return "twilio-webhook", second


def status_events(histories):
    """The status callbacks of the histories, which carry all times that the merge uses."""
    for history in histories:
        history.reservation = None
        history.events = [event for event in history.events if event["kind"] == "status"]
        for event in history.events:
            event.pop("place", None)
    return histories


def rows_left(project, prefix):
    """The calls of a telling, without their identity and with the prefix taken out."""
    rows = project.rows("select * from twilio_calls where call_sid like %s order by call_sid", f"CA{prefix}%")
    return [{key: str(row[key]).replace(prefix, "") for key in row if key not in OWN} for row in rows]


def test_workers_that_write_the_same_calls_leave_what_one_leaves(project, workers):
    """Every callback reaches both workers, in any order: stored once each, the rows as in order."""
    tell_in_order(project.env["database_url"], status_events(write(7, ORDERED, CALLS)))
    events = [event["params"] for history in status_events(write(7, SENT, CALLS)) for event in history.events]
    sent = [(form, slug) for form in events for slug in workers]
    random.Random(7).shuffle(sent)

    with ThreadPoolExecutor(CONNECTIONS) as pool:
        answers = list(pool.map(lambda item: project.send(item[0], slug=item[1]).status_code, sent))

    assert set(answers) == {204}
    stored = project.rows("select xmin::text from twilio_call_events where call_sid like %s", f"CA{SENT}%")
    assert len(stored) == len(events)
    # Some share a transaction; else the workers had no queue to meet with.
    assert len({row["xmin"] for row in stored}) < len(stored)
    assert rows_left(project, SENT) == rows_left(project, ORDERED)
