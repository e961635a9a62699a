"""A preview with nothing to do over many numbers, against the engine's own floor.

Two stacks with the same program: one with the Twilio provider against the Twilio emulator, one with a provider
of the same resource that does nothing. Both refresh. Previews alternate and ratios are taken within a round,
because the machine's own pace drifts.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from bench.figure import Figure, Goal
from bench.pulumi_stack import PulumiStack
from bench.twilio_emulator import ACCOUNT, TOKEN, running_emulator

if TYPE_CHECKING:
    import httpx

__all__ = ["run"]

# Numbers, and how many times each preview is measured.
_QUICK = [(300, 5)]
_LONG = [(1000, 7), (5000, 1)]

_PROGRAM = """
import pulumi_twilio
for i in range({count}):
    pulumi_twilio.VoiceConfiguration(
        f"n{{i}}",
        phone_number=f"+1555{{i:07}}",
        voice_url="https://example.com/voice",
        status_callback="https://example.com/status",
    )
"""


def run(*, long: bool) -> list[Figure]:
    """300 numbers; with `long` the 1,000 of the goal, and 5,000 once."""
    figures = []
    for count, rounds in _LONG if long else _QUICK:
        with tempfile.TemporaryDirectory(prefix="vh-bench-") as name:
            folder = Path(name)
            with running_emulator(folder / "emulator", [f"+1555{i:07}" for i in range(count)]) as emulator:
                figures += _measure(folder, emulator, count, rounds)
    return figures


def _measure(folder: Path, emulator: httpx.Client, count: int, rounds: int) -> list[Figure]:
    config = {"twilio:accountSid": ACCOUNT, "twilio:authToken": TOKEN, "twilio:baseUrl": str(emulator.base_url)}
    ours = PulumiStack(
        folder / "ours",
        provider="twilio",
        module=None,
        config=config,
        program=_PROGRAM.format(count=count),
    )
    floor = PulumiStack(
        folder / "floor",
        provider="twilio",
        module="bench.nothing",
        config={},
        program=_PROGRAM.format(count=count),
    )
    up = ours.up()
    floor.up()
    floor.preview(), ours.preview()  # the first ones fill the caches
    pairs, requests = [], 0
    for _ in range(rounds):
        emulator.delete("/_sandbox/api-requests")
        pairs.append((ours.preview(), floor.preview()))
        requests = len(emulator.get("/_sandbox/api-requests").json()["api_requests"])
        print(f"  {pairs[-1][0]:.2f} s, floor {pairs[-1][1]:.2f} s", file=sys.stderr, flush=True)
    return _figures(count, pairs, requests, up)


def _figures(count: int, pairs: list[tuple[float, float]], requests: int, up: float) -> list[Figure]:
    def of(what: str, values: list[float], unit: str, goal: Goal | None = None) -> Figure:
        spread = (min(values), max(values))
        return Figure("preview", f"{what}, {count} numbers", median(values), unit, goal, spread)

    # The goal is for 1,000 numbers; Twilio lists at most 1,000 in a page.
    most = max(5, 2 + count // 1000)
    return [
        of("no-op preview", [ours for ours, _ in pairs], "s"),
        of("the engine's floor", [floor for _, floor in pairs], "s"),
        of("preview / floor", [ours / floor for ours, floor in pairs], "x", Goal(1.3, at_most=True)),
        Figure("preview", f"requests of a preview, {count} numbers", requests, "", Goal(most, at_most=True)),
        Figure("preview", f"first up, {count} numbers, state written once", up, "s"),
    ]
