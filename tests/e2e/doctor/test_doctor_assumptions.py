"""`voicehooks doctor --assumptions`: what an account shows, in a report without secrets."""

from __future__ import annotations

import json

import pytest

from tests.support.clone import Clone
from tests.support.hand_deployed import NUMBER
from voicehooks.commands.doctor.assumptions.table import ASSUMPTIONS


@pytest.mark.slow
def test_report_of_a_deployed_stack(deployed: Clone) -> None:
    """Each probe reads and answers; nothing is written, and the report has nothing of the account."""
    deployed.call()
    deployed.control("DELETE", "api-requests")
    done = deployed.voicehooks("doctor", "--assumptions", "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    verdicts = {result["assumption"]: result["verdict"] for result in json.loads(done.stdout)}
    assert set(verdicts) == {assumption.code for assumption in ASSUMPTIONS if not assumption.writes}
    by_hand = {code for code, verdict in verdicts.items() if verdict == "by hand"}
    assert by_hand == {assumption.code for assumption in ASSUMPTIONS if assumption.probe is None}
    seen = {"unset-fields", "url-fragment", "incoming-status", "recording-callback", "region"}
    assert {code for code in seen if verdicts[code] != "confirmed"} == set()
    asked = deployed.control("GET", "api-requests")["api_requests"]
    assert {request["method"] for request in asked} == {"GET"}

    text = deployed.voicehooks("doctor", "--assumptions").stdout
    assert "proves nothing about Twilio" in text
    values = deployed.values
    secrets = [values[name] for name in values if name.endswith(("_sid", "_token", "_key", "_ref"))]
    for secret in [*secrets, NUMBER, "http://", "https://"]:
        assert secret not in text


@pytest.mark.slow
def test_probe_that_writes_needs_a_number_and_consent(deployed: Clone) -> None:
    """It writes what is there already; without a terminal it needs --yes."""
    refused = deployed.voicehooks("doctor", "--assumptions", "--to", NUMBER)
    assert refused.returncode == 2
    assert "--yes" in refused.stderr
    before = deployed.number()
    done = deployed.voicehooks("doctor", "--assumptions", "--to", NUMBER, "--yes", "--json")
    verdicts = {result["assumption"]: result["verdict"] for result in json.loads(done.stdout)}
    assert verdicts["partial-update"] == "confirmed"
    after = deployed.number()
    assert {**before, "date_updated": ""} == {**after, "date_updated": ""}


def test_assumption_that_does_not_hold(deployed: Clone) -> None:
    """A number that lost its connection overrides contradicts one, and the exit code says so."""
    url = deployed.number()["voice_url"]
    deployed.click(VoiceUrl=url.partition("#")[0])
    try:
        done = deployed.voicehooks("doctor", "--assumptions", "--json")
    finally:
        deployed.click(VoiceUrl=url)
    verdicts = {result["assumption"]: result["verdict"] for result in json.loads(done.stdout)}
    assert (done.returncode, verdicts["url-fragment"]) == (1, "different")
