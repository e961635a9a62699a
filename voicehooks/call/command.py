"""Put the pieces of `voicehooks call` together."""

from __future__ import annotations

import json
import sys
import time
from typing import TYPE_CHECKING

from rich.console import Console

from voicehooks import project, sandbox
from voicehooks.call.diagnosis import compare, diagnose
from voicehooks.call.display import display_for, show_report
from voicehooks.call.follow import follow
from voicehooks.call.progress import CallProgress
from voicehooks.call.report import CallReport
from voicehooks.call.rows import CallDatabase
from voicehooks.call.stack import number_settings
from voicehooks.call.twilio_side import TwilioSide
from voicehooks.errors import CommandError

if TYPE_CHECKING:
    from voicehooks.call.diagnosis import Finding
    from voicehooks.call.display import CallDisplay
    from voicehooks.sandbox import SandboxAddress

SANDBOX_STACK = "local"


def run(*, to: str, caller: str, stack: str, as_json: bool) -> int:
    """Call `to`, show what happens, and return the exit code.

    Raises:
        CommandError: the call could not be made or followed.
    """
    if stack != SANDBOX_STACK:
        raise CommandError(
            f"no call to {to}",
            f"test calls are made in the sandbox so far, and {stack} is not the sandbox's stack",
            f"leave out --stack or give --stack {SANDBOX_STACK}",
        )
    folder = project.root()
    address = sandbox.address(folder)
    records = number_settings(folder, stack, to).get("record", "do-not-record") != "do-not-record"
    console = Console(stderr=as_json, highlight=False)
    with display_for(console) as display:
        report = _test_call(address, display, to=to, caller=caller, stack=stack, records=records)
    if as_json:
        json.dump(report.to_json(), sys.stdout, indent=2)
        print()
    else:
        show_report(console, report)
    return 0 if report.passed else 1


def _test_call(
    address: SandboxAddress, display: CallDisplay, *, to: str, caller: str, stack: str, records: bool
) -> CallReport:
    with (
        CallDatabase(address.supabase_url, address.supabase_secret_key) as database,
        TwilioSide(address) as twilio,
    ):
        started = time.monotonic()
        sid = twilio.place_call(caller=caller, to=to)
        progress = CallProgress(sid, wants_recording=records)
        display.show(progress.start(0.0, f"{caller} -> {to}  {sid}"))
        rows, missing = follow(progress, lambda: database.rows(sid), display.show, started=started)
        if missing is not None:
            finding: Finding | None = diagnose(missing, twilio.webhook_requests(sid), stack)
        else:
            finding = compare(rows.call(sid), twilio.call(sid))
        return CallReport(sid, progress.steps, rows, finding)
