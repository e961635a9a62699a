"""Requests that reading a program's numbers takes, by how many of the account's numbers it manages.

The other providers read one number with one request. docs/peers.md compares them.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from bench.figure import Figure, Goal
from bench.pulumi_stack import PulumiStack
from bench.twilio_emulator import ACCOUNT, TOKEN, running_emulator

__all__ = ["run"]

# Numbers of the program, numbers of the account, and the most requests that a preview may take.
_QUICK = [(10, 10_000, 12)]
_LONG = [(10, 100_000, 12), (1000, 1000, 5)]

_PROGRAM = """
import pulumi_twilio
for i in range({count}):
    pulumi_twilio.VoiceConfiguration(
        f"n{{i}}", phone_number=f"+1555{{i * {step}:07}}", voice_url="https://example.com/voice"
    )
"""


def run(*, long: bool) -> list[Figure]:
    """10 numbers of 10,000; with `long` 10 of 100,000, and 1,000 of 1,000."""
    return [_measure(*sizes) for sizes in (_LONG if long else _QUICK)]


def _measure(managed: int, owned: int, most: int) -> Figure:
    with tempfile.TemporaryDirectory(prefix="vh-bench-") as name:
        folder = Path(name)
        with running_emulator(folder / "emulator", [f"+1555{i:07}" for i in range(owned)]) as emulator:
            stack = PulumiStack(
                folder / "stack",
                provider="twilio",
                module=None,
                config={
                    "twilio:accountSid": ACCOUNT,
                    "twilio:authToken": TOKEN,
                    "twilio:baseUrl": str(emulator.base_url),
                },
                program=_PROGRAM.format(count=managed, step=owned // managed),
            )
            stack.up()
            emulator.delete("/_sandbox/api-requests")
            seconds = stack.preview()
            requests = len(emulator.get("/_sandbox/api-requests").json()["api_requests"])
            print(f"  {managed} of {owned} numbers: {requests} requests, {seconds:.1f} s", file=sys.stderr)
    name = f"requests of a preview, {managed} of the account's {owned} numbers"
    return Figure("accounts", name, requests, "", Goal(most, at_most=True))
