"""Put the pieces of `voicehooks call` together."""

from __future__ import annotations

import json
import sys
import time
from typing import TYPE_CHECKING

from rich.console import Console

from voicehooks import project, sandbox
from voicehooks.call.display import display_for, show_report
from voicehooks.call.follow import follow
from voicehooks.call.place import place_call
from voicehooks.call.progress import CallProgress
from voicehooks.call.rows import CallDatabase
from voicehooks.call.stack import number_settings
from voicehooks.errors import CommandError

if TYPE_CHECKING:
    from voicehooks.call.follow import CallReport

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
    with (
        CallDatabase(address.supabase_url, address.supabase_secret_key) as database,
        display_for(console) as shown,
    ):
        started = time.monotonic()
        sid = place_call(address, caller=caller, to=to)
        progress = CallProgress(sid, wants_recording=records)
        shown.show(progress.start(0.0, f"{caller} -> {to}  {sid}"))
        report = follow(progress, lambda: database.rows(sid), shown.show, started=started)
    _finish(report, console, as_json=as_json)
    return 0 if report.passed else 1


def _finish(report: CallReport, console: Console, *, as_json: bool) -> None:
    if as_json:
        json.dump(report.to_json(), sys.stdout, indent=2)
        print()
    else:
        show_report(console, report)
