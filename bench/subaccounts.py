"""Many subaccounts with one provider process, against the same numbers in one account.

Two stacks of the same size: `below` creates subaccounts and manages the numbers in each, `alone` manages as
many numbers in the main account. Both refresh. Previews alternate and ratios are taken within a round. Memory
is the peak of the provider's process.
"""

from __future__ import annotations

import sys
import tempfile
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

import psutil

from bench.figure import Figure, Goal
from bench.pulumi_stack import PulumiStack
from bench.twilio_emulator import ACCOUNT, TOKEN, running_emulator

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx

__all__ = ["run"]

# Subaccounts, numbers in each, and how many times each preview is measured.
_QUICK = (10, 20, 2)
_LONG = (100, 20, 3)

_ACCOUNTS = """
import pulumi_twilio
accounts = [pulumi_twilio.Subaccount(f"c{{i}}", friendly_name=f"c{{i}}") for i in range({accounts})]
"""
_NUMBERS = """
for i, account in enumerate(accounts):
    for j in range({numbers}):
        pulumi_twilio.VoiceConfiguration(
            f"n{{i}}-{{j}}",
            phone_number=f"+1555{{i:03}}{{j:04}}",
            voice_url="https://example.com/voice",
            account_sid=account.subaccount_sid,
        )
"""
_ALONE = """
import pulumi_twilio
for i in range({count}):
    pulumi_twilio.VoiceConfiguration(
        f"n{{i}}", phone_number=f"+1666{{i:07}}", voice_url="https://example.com/voice"
    )
"""


@dataclass
class _Preview:
    """What one preview took."""

    seconds: float
    megabytes: float
    requests: int


def run(*, long: bool) -> list[Figure]:
    """10 subaccounts of 20 numbers; with `long` 100 of 20."""
    accounts, numbers, rounds = _LONG if long else _QUICK
    count = accounts * numbers
    with tempfile.TemporaryDirectory(prefix="vh-bench-") as name:
        folder = Path(name)
        with running_emulator(folder / "emulator", [f"+1666{i:07}" for i in range(count)]) as emulator:
            below = _stack(folder / "below", emulator, _ACCOUNTS.format(accounts=accounts))
            below.up()
            _stock(emulator, numbers)
            program = (_ACCOUNTS + _NUMBERS).format(accounts=accounts, numbers=numbers)
            (below.folder / "__main__.py").write_text(program, encoding="utf-8")
            alone = _stack(folder / "alone", emulator, _ALONE.format(count=count))
            ups = below.up(), alone.up()
            _preview(below, emulator), _preview(alone, emulator)  # the first ones fill the caches
            pairs = []
            for _ in range(rounds):
                pairs.append((_preview(below, emulator), _preview(alone, emulator)))
                print(f"  {pairs[-1][0]}, alone {pairs[-1][1]}", file=sys.stderr, flush=True)
    return _figures(accounts, numbers, pairs, ups)


def _stack(folder: Path, emulator: httpx.Client, program: str) -> PulumiStack:
    config = {
        "twilio:accountSid": ACCOUNT,
        "twilio:authToken": TOKEN,
        "twilio:baseUrl": str(emulator.base_url),
    }
    return PulumiStack(folder, provider="twilio", module=None, config=config, program=program)


def _stock(emulator: httpx.Client, numbers: int) -> None:
    """Give each subaccount its numbers."""
    page = emulator.get("/2010-04-01/Accounts.json", params={"PageSize": 1000}, auth=(ACCOUNT, TOKEN))
    for account in page.raise_for_status().json()["accounts"]:
        if account["sid"] == ACCOUNT:
            continue
        i = int(account["friendly_name"].removeprefix("c"))
        given = [f"+1555{i:03}{j:04}" for j in range(numbers)]
        emulator.post(
            "/_sandbox/numbers", json={"phone_numbers": given, "account_sid": account["sid"]}
        ).raise_for_status()


def _preview(stack: PulumiStack, emulator: httpx.Client) -> _Preview:
    emulator.delete("/_sandbox/api-requests")
    with _peak() as peak:
        seconds = stack.preview()
    requests = len(emulator.get("/_sandbox/api-requests").json()["api_requests"])
    return _Preview(seconds, peak[0] / 1e6, requests)


@contextmanager
def _peak() -> Iterator[list[float]]:
    """Yield a list of one number: the most bytes that the providers of this process's engines had in memory."""
    peak, done = [0.0], threading.Event()

    def watch() -> None:
        while not done.wait(0.2):
            size = 0
            for process in psutil.Process().children(recursive=True):
                try:
                    if any("pulumi-resource-twilio" in part for part in process.cmdline()):
                        size += process.memory_info().rss
                except psutil.Error:
                    continue
            peak[0] = max(peak[0], size)

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield peak
    finally:
        done.set()
        watcher.join()


def _figures(
    accounts: int, numbers: int, pairs: list[tuple[_Preview, _Preview]], ups: tuple[float, float]
) -> list[Figure]:
    size = f"{accounts} x {numbers}"

    def of(what: str, values: list[float], unit: str, goal: Goal | None = None) -> Figure:
        return Figure("subaccounts", f"{what}, {size}", median(values), unit, goal, (min(values), max(values)))

    # One list for each account's numbers, and a few requests for the accounts themselves.
    most = Goal(accounts + 5, at_most=True)
    return [
        of("requests of a preview", [float(below.requests) for below, _ in pairs], "", most),
        of("requests in one account", [float(alone.requests) for _, alone in pairs], ""),
        of("no-op preview", [below.seconds for below, _ in pairs], "s"),
        of(
            "preview / preview in one account",
            [below.seconds / alone.seconds for below, alone in pairs],
            "x",
            Goal(1.5, at_most=True),
        ),
        of("the provider's memory", [below.megabytes for below, _ in pairs], "MB"),
        of(
            "memory / memory in one account",
            [below.megabytes / alone.megabytes for below, alone in pairs],
            "x",
            Goal(1.5, at_most=True),
        ),
        Figure("subaccounts", f"first up, state written once, {size}", ups[0], "s"),
        Figure("subaccounts", f"first up in one account, {size}", ups[1], "s"),
    ]
