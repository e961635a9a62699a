"""A whole run of reconcile: deleted recordings, and what Event Streams spares it."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from tests.unit.voicehooks.reconcile_vendors import ACCOUNT, NOW, NUMBER, Vendors, run

CALL, RECORDING = "CA" + "1" * 32, "RE" + "1" * 32


class Recorded(Vendors):
    """No call, and a recording in the tables that Twilio no longer has.

    Args:
        status: what its row says.
    """

    def __init__(self, status: str) -> None:
        super().__init__(0)
        self._row_of_it = {
            "recording_sid": RECORDING,
            "call_sid": CALL,
            "status": status,
            "started_at": NOW.isoformat(),
        }
        self.events: list[dict[str, Any]] = []

    def answer(self, request: httpx.Request) -> httpx.Response:
        """Answer a request of either side."""
        path = request.url.path
        if path.endswith(f"/Recordings/{RECORDING}.json"):
            return httpx.Response(404, json={"code": 20404, "message": "not found", "status": 404})
        if path.endswith("/twilio_recordings"):
            first = "recording_sid.lt" not in request.url.params.get("and", "")
            return httpx.Response(200, json=[self._row_of_it] if first else [])
        if path.endswith("/rpc/ingest_twilio_webhook"):
            self.events.append(json.loads(request.content))
            return httpx.Response(200, json={"result": "stored"})
        return super().answer(request)


@pytest.mark.parametrize(
    ("status", "dry_run", "deleted", "stored"),
    [("completed", False, 1, 1), ("completed", True, 1, 0), ("deleted", False, 0, 0)],
)
def test_a_recording_that_twilio_no_longer_has_is_marked(
    status: str, dry_run: bool, deleted: int, stored: int
) -> None:
    """As deleted, once, and not by a dry run."""
    vendors = Recorded(status)
    result = run(vendors, dry_run=dry_run)

    assert (result.recordings.deleted, result.recordings.brought_in) == (deleted, deleted)
    params = {"CallSid": CALL, "AccountSid": ACCOUNT, "RecordingSid": RECORDING, "RecordingStatus": "deleted"}
    assert vendors.events == [{"kind": "reconciled", "params": params}] * stored


class Streamed(Vendors):
    """Calls of which Event Streams reported all, or all but one.

    Args:
        complete: whether it reported each call that callbacks reported.
        reported: whether it reported any call of the window.
    """

    def __init__(self, *, complete: bool, reported: bool = True) -> None:
        super().__init__(10, missing_every=5)
        self._complete = complete
        self._reported = reported

    def answer(self, request: httpx.Request) -> httpx.Response:
        """Answer a request of either side."""
        path, query = request.url.path, request.url.params
        if path.endswith("/twilio_call_summaries"):
            return httpx.Response(200, json=[{"call_sid": CALL}] if self._reported else [])
        if path.endswith("/twilio_unsummarized_calls"):
            return httpx.Response(200, json=[] if self._complete else [{"call_sid": CALL}])
        if path.endswith("/twilio_unreported_calls"):
            both = [self._unreported(0, "outbound-dial"), self._unreported(5, "inbound")]
            return httpx.Response(200, json=both if query["call_sid"] == "gt." else [])
        if path.endswith(tuple(f"/Calls/CA{index:032}.json" for index in range(10))):
            return httpx.Response(200, json=self._call(int(path[-37:-5])))
        return super().answer(request)

    def _unreported(self, index: int, direction: str) -> dict[str, Any]:
        return {
            "call_sid": f"CA{index:032}",
            "direction": direction,
            "from_number": "+15550100001",
            "to_number": NUMBER,
        }


@pytest.mark.parametrize(
    ("by_stream", "complete", "source", "compared"),
    [
        (True, True, "event-streams", 2),
        (True, False, "lists", 10),
        (False, True, "lists", 10),
    ],
)
def test_event_streams_spares_the_lists_where_it_is_complete(
    by_stream: bool, complete: bool, source: str, compared: int
) -> None:
    """Then only what no callback reported is fetched; either way the same calls are brought in."""
    vendors = Streamed(complete=complete)
    result = run(vendors, by_stream=by_stream)

    assert (result.calls_from, result.calls.at_twilio) == (source, compared)
    assert vendors.ingested == {f"CA{0:032}", f"CA{5:032}"}


def test_a_stream_that_reported_nothing_proves_nothing() -> None:
    """Then the lists are compared: the stream may be off, or not be delivered."""
    vendors = Streamed(complete=True, reported=False)
    result = run(vendors, by_stream=True)
    assert (result.calls_from, result.calls.at_twilio) == ("lists", 10)
