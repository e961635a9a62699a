"""Ctrl-C in the middle of an update."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.engine import PULUMI, Project
from tests.providers.twilio.conftest import ACCOUNT, NUMBER, TOKEN, Twin

OURS = "https://crm.example.com/functions/v1/twilio-webhook"
PROGRAM = f"""\
import pulumi_twilio as twilio

twilio.Application("app", friendly_name="crm", voice_url={OURS!r})
twilio.VoiceConfiguration("number", phone_number={NUMBER!r}, voice_url={OURS!r})
"""
# Far longer than an interrupted run takes, and shorter than the waits that it has to end.
PATIENCE = 60


def until(condition: Callable[[], bool], process: subprocess.Popen[str]) -> None:
    """Wait for a condition while a process runs."""
    end = time.monotonic() + PATIENCE
    while not condition():
        assert process.poll() is None, process.communicate()[0]
        assert time.monotonic() < end
        time.sleep(0.05)


@pytest.mark.parametrize("method", ["POST", "GET"])
def test_ctrl_c_ends_a_wait(twin: Twin, tmp_path: Path, method: str) -> None:
    """A run that waits for a throttled account ends at once, without a traceback, and the next one succeeds."""
    config = {"twilio:accountSid": ACCOUNT, "twilio:authToken": TOKEN, "twilio:baseUrl": twin.url}
    project = Project(tmp_path, config)
    project.program(PROGRAM)
    throttled = {"fault": "too-many-requests", "method": method}
    twin.http.post("/_sandbox/faults", json=throttled).raise_for_status()
    twin.forget_requests()
    process = subprocess.Popen(
        [PULUMI, "up", "--yes", "--skip-preview", "--non-interactive"],
        cwd=project.folder,
        env=project.environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        # From the fifth attempt on a wait is 4 s at least, and the eighth would be the last.
        until(lambda: len([r for r in twin.requests() if r["status"] == 429]) >= 5, process)
        process.send_signal(signal.SIGINT)
        text, _ = process.communicate(timeout=PATIENCE)
    finally:
        process.kill()
        process.wait()
    assert process.returncode != 0
    assert "stopped, because the update was interrupted" in text
    assert "limit of concurrent requests" not in text, "it waited to the last attempt"
    assert "Traceback" not in text
    assert "pulumi_provider_kit" not in text

    twin.http.delete("/_sandbox/faults").raise_for_status()
    project.up()
    project.preview("--expect-no-changes")
    apps = twin.http.get(f"/2010-04-01/Accounts/{ACCOUNT}/Applications.json").json()["applications"]
    assert [app["friendly_name"] for app in apps] == ["crm"]
    assert twin.number()["voice_url"] == OURS
    project.destroy()
    assert not twin.number()["voice_url"]
