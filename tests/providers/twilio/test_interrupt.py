"""Ctrl-C in the middle of an update."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.providers.twilio.conftest import ACCOUNT, NUMBER, TOKEN, Emulator
from tests.support.engine import PULUMI, Project
from tests.support.waiting import PATIENCE, wait_for

OURS = "https://crm.example.com/functions/v1/twilio-webhook"
PROGRAM = f"""\
import pulumi_twilio as twilio

twilio.Application("app", friendly_name="crm", voice_url={OURS!r})
twilio.VoiceConfiguration("number", phone_number={NUMBER!r}, voice_url={OURS!r})
"""


def until(condition: Callable[[], bool], process: subprocess.Popen[str]) -> None:
    """Wait for a condition while a process runs."""
    wait_for(lambda: condition() or process.poll() is not None, "the account is throttled")
    assert process.poll() is None, process.communicate()[0]


def throttled(emulator: Emulator) -> int:
    """Return how many requests for the number were refused by now."""
    return len([r for r in emulator.requests() if r["status"] == 429 and "IncomingPhoneNumbers" in r["path"]])


@pytest.mark.slow
@pytest.mark.parametrize("method", ["POST", "GET"])
def test_ctrl_c_ends_a_wait(emulator: Emulator, tmp_path: Path, method: str) -> None:
    """A run waiting for a throttled account ends at once, without a traceback; the next succeeds."""
    config = {"twilio:accountSid": ACCOUNT, "twilio:authToken": TOKEN, "twilio:baseUrl": emulator.url}
    project = Project(tmp_path, config)
    project.program(PROGRAM)
    fault = {"fault": "too-many-requests", "method": method}
    emulator.http.post("/_sandbox/faults", json=fault).raise_for_status()
    emulator.forget_requests()
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
        # The eighth attempt would be the last; the waits before it sum up to 15 s at least from here.
        until(lambda: throttled(emulator) >= 3, process)
        process.send_signal(signal.SIGINT)
        text, _ = process.communicate(timeout=PATIENCE)
    finally:
        process.kill()
        process.wait()
    assert process.returncode != 0
    assert "stopped, because the update was interrupted" in text
    assert "limit of concurrent requests" not in text, "it waited to the last attempt"
    assert throttled(emulator) <= 4, "it went on asking"
    # The vendor's own host prints a traceback of the interrupted program; the plugin has none.
    assert "pulumi_provider_kit/" not in text
    assert "pulumi_twilio/" not in text
    assert not [line for line in text.splitlines() if "twilio:index:" in line and "Traceback" in line]

    emulator.http.delete("/_sandbox/faults").raise_for_status()
    project.up()
    project.preview("--expect-no-changes")
    apps = emulator.http.get(f"/2010-04-01/Accounts/{ACCOUNT}/Applications.json").json()["applications"]
    assert [app["friendly_name"] for app in apps] == ["crm"]
    assert emulator.number()["voice_url"] == OURS
    project.destroy()
    assert not emulator.number()["voice_url"]
