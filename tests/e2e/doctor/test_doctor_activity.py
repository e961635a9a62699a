"""`voicehooks doctor` on the last day: lost callbacks, lost and deleted recordings, Twilio's alerts."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.support.clone import Clone
from tests.support.examination import examined, findings_by_check
from voicehooks.commands.doctor.checks import activity
from voicehooks.commands.doctor.model import Report, Result, problem

pytestmark = pytest.mark.slow
CODES = ["callbacks", "recordings", "alerts", "quarantine"]


@pytest.fixture
def clone(deployed: Clone, monkeypatch: pytest.MonkeyPatch) -> Clone:
    """The environment without any call so far; calls count as soon as they are over."""
    # The emulator's clock runs ahead of this machine's, which the checks go by.
    monkeypatch.setattr(activity, "_SETTLING", -timedelta(days=1))
    return deployed


def after(clone: Clone, *faults: dict[str, Any]) -> Report:
    """Call under faults, and look."""
    clone.control("POST", "faults", json=list(faults))
    clone.call()
    clone.control("DELETE", "faults")
    return examined(clone, CODES)


def test_lost_status_callback(clone: Clone) -> None:
    """A call whose end was never reported has an old status in the database; reconcile repairs it."""
    report = after(clone, {"fault": "drop", "kind": "status"})
    assert findings_by_check(report) == {"callbacks": "problem"}
    assert "voicehooks reconcile" in report.findings[0].fix
    assert list(report.symptoms) == ["updates"]


def test_lost_recording_callback(clone: Clone) -> None:
    """A recording that is ready at Twilio and unknown here is found by the recordings alone."""
    report = after(clone, {"fault": "drop", "kind": "recording"})
    assert findings_by_check(report) == {"recordings": "problem"}
    assert list(report.symptoms) == ["recording"]


def test_deleted_recording(clone: Clone) -> None:
    """A recording that somebody deleted at Twilio is a warning."""
    story = clone.call()
    clone.twilio("DELETE", f"Recordings/{story['recordings'][0]['sid']}.json")
    assert findings_by_check(examined(clone, CODES)) == {"recordings": "warning"}


def test_alerts_are_grouped(clone: Clone, monkeypatch: pytest.MonkeyPatch) -> None:
    """Requests that our function refused are one warning with Twilio's code and its meaning."""

    async def failing(_: Any) -> Result:
        return problem("it does not answer")

    monkeypatch.setattr(activity, "probe", failing)
    report = after(clone, {"fault": "wrong-signature", "kind": "status"})
    assert findings_by_check(report)["alerts"] == "warning"
    assert any("15003" in finding.what for finding in report.findings)


def test_quarantined_callback(clone: Clone) -> None:
    """A callback that could not be merged is counted, with the command that merges it once that is possible."""
    clone.query(
        "alter function voicehooks.party_of(jsonb, text) rename to kept; create function "
        "voicehooks.party_of(params jsonb, name text) returns text language plpgsql immutable as "
        "$$ begin perform 2147483647 + 1; return null; end $$"
    )
    clone.call()
    clone.query(
        "drop function voicehooks.party_of(jsonb, text); "
        "alter function voicehooks.kept(jsonb, text) rename to party_of"
    )
    report = examined(clone, CODES)
    assert findings_by_check(report)["quarantine"] == "problem"
    (finding,) = [item for item in report.findings if "quarantine" in item.what]
    assert finding.fix == "voicehooks reconcile --stack local"

    assert clone.voicehooks("reconcile", "--stack", "local").returncode == 0

    assert findings_by_check(examined(clone, CODES)) == {}
