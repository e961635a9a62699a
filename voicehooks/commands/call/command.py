"""Put the pieces of `voicehooks call` together."""

from __future__ import annotations

import asyncio
import socket
import sys
import time
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from rich.console import Console

from voicehooks.commands.call.call_record import read_rows
from voicehooks.commands.call.diagnosis import compare, diagnose
from voicehooks.commands.call.display import display_for, show_report
from voicehooks.commands.call.explanations import run_checks
from voicehooks.commands.call.follow import Pace, follow
from voicehooks.commands.call.keyboard import hang_up_key
from voicehooks.commands.call.order import decide
from voicehooks.commands.call.progress import UNANSWERED, CallProgress
from voicehooks.commands.call.report import CallReport
from voicehooks.commands.call.timeline import Timeline
from voicehooks.commands.call.twilio_side import TwilioSide
from voicehooks.output.consent import confirm
from voicehooks.output.errors import CommandError
from voicehooks.output.identifiers import shorten
from voicehooks.output.json import print_json
from voicehooks.stack.environment import Environment
from voicehooks.vendors.database import open_database
from voicehooks.vendors.twilio import open_twilio

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voicehooks.commands.call.diagnosis import Finding
    from voicehooks.commands.call.display import CallDisplay
    from voicehooks.commands.call.order import Order
    from voicehooks.commands.call.twilio_side import WebhookRequest
    from voicehooks.vendors.database import Database

__all__ = ["run"]

# The sandbox answers at once; a real account has a limit of requests, and its log lags.
_TWIN, _REAL = Pace(0.2, 2.0), Pace(1.0, 8.0)


def run(*, to: str, caller: str, agent: str, yes: bool, stack: str, as_json: bool) -> int:
    """Call `to`, show what happens, and return the exit code.

    Raises:
        CommandError: the call could not be made or followed.
    """
    environment = Environment(stack)
    is_sandbox = environment.is_sandbox
    outputs = environment.engine.outputs()
    order = decide(to=to, caller=caller, agent=agent, stack=stack, is_sandbox=is_sandbox, outputs=outputs)
    console = Console(stderr=as_json, highlight=False)
    if is_sandbox:
        _require_running(environment)
    else:
        asyncio.run(_name_limits(environment, order))
        _ask_for_consent(environment, order, yes=yes)
    with display_for(console, order.summary, environment.name, is_sandbox=is_sandbox) as display:
        report = asyncio.run(_test_call(environment, display, order))
    if as_json:
        print_json(report)
    else:
        show_report(console, report)
    return 0 if report.passed else 1


def _require_running(environment: Environment) -> None:
    """A sandbox that does not run is said at once, before the vendors' clients try for long."""
    address = urlsplit(environment.twilio_api_url)
    try:
        socket.create_connection((address.hostname or "", address.port or 80), timeout=5).close()
    except OSError:
        raise CommandError(
            "the sandbox cannot be reached",
            f"nothing answers at {environment.twilio_api_url}",
            "voicehooks sandbox up",
        ) from None


async def _name_limits(environment: Environment, order: Order) -> None:
    """A trial account calls verified numbers only: better said before than by a failed call."""
    async with open_twilio(environment) as account:
        twilio = TwilioSide(account)
        trial = await twilio.is_trial()
        if trial is None:
            unknown = "whether this is a trial account, which calls verified numbers only, is not known"
            print(f"{environment.name}: {unknown} with these credentials.", file=sys.stderr)
        if not trial:
            return
        print(
            f"{environment.name}: a trial account calls verified numbers only, and says first that it is one.",
            file=sys.stderr,
        )
        for number in filter(None, (order.to, order.agent)):
            if number.startswith("+") and await twilio.is_verified(number) is False:
                raise CommandError(
                    f"no call to {number}",
                    "a trial account calls verified numbers only, and this one is not verified",
                    "verify it: https://console.twilio.com/us1/develop/phone-numbers/manage/verified",
                )


def _ask_for_consent(environment: Environment, order: Order, *, yes: bool) -> None:
    legs = "two calls are" if order.agent else "the call is"
    what = (
        f"{environment.name}: a real call {order.summary} on {shorten(environment.account_sid)}; {legs} billed."
    )
    print(what, file=sys.stderr)
    nobody = CommandError(
        f"no call to {order.to}", "it is billed, and there is no terminal to confirm in", "give --yes"
    )
    if not confirm("Call?", yes=yes, otherwise=nobody):
        raise CommandError(f"no call to {order.to}", "you did not confirm it")


async def _test_call(environment: Environment, display: CallDisplay, order: Order) -> CallReport:
    async with open_database(environment) as database, open_twilio(environment) as account:
        control_url = environment.twilio_api_url if environment.is_sandbox else ""
        twilio = TwilioSide(account, control_url)
        started = time.monotonic()
        if order.incoming:
            sid = await twilio.somebody_calls(caller=order.caller, to=order.to)
        else:
            sid = await twilio.place(order.form())
        try:
            return await _follow(environment, display, order, (sid, started), database, twilio)
        except asyncio.CancelledError:
            # Ctrl-C: a call that goes on is billed. The wait for Twilio is not part of what was cancelled.
            await asyncio.shield(twilio.hang_up(sid))
            raise


async def _follow(  # noqa: PLR0917 - the parts of one call
    environment: Environment,
    display: CallDisplay,
    order: Order,
    made: tuple[str, float],
    database: Database,
    twilio: TwilioSide,
) -> CallReport:
    sid, started = made
    progress = CallProgress(sid, wants_recording=order.records, incoming=order.incoming)
    timeline = Timeline(sid)
    display.show(progress.start(0.0, f"{order.summary}  {sid}"))
    hung_up = False
    with hang_up_key() as key:

        async def read_requests() -> Sequence[WebhookRequest]:
            nonlocal hung_up
            if key.is_set() and not hung_up:
                hung_up = True
                await twilio.hang_up(sid)
            return await twilio.requests(sid)

        rows, missing = await follow(
            progress,
            timeline,
            read_rows=lambda: read_rows(database, sid),
            read_requests=read_requests,
            show=display.show,
            started=started,
            pace=_TWIN if environment.is_sandbox else _REAL,
        )
    checks: list[str] = []
    if missing is not None:
        codes = await twilio.error_codes(sid)
        finding: Finding | None = diagnose(missing, timeline.exchanges, environment.name, codes)
        checks = await run_checks(environment, missing.webhook)
    else:
        row = rows.call(sid)
        finding = compare(row, await twilio.call(sid), environment.name)
        if finding is None and order.incoming and row is not None and row["status"] == "failed":
            # Heard of and equal at both ends, and yet nobody was reached: Twilio got no instructions.
            finding = diagnose(UNANSWERED, timeline.exchanges, environment.name, await twilio.error_codes(sid))
            checks = await run_checks(environment, UNANSWERED.webhook)
    return CallReport(
        environment.name,
        sid,
        progress.steps,
        timeline.exchanges,
        rows,
        finding,
        billed=not environment.is_sandbox,
        hung_up=hung_up,
        checks=checks,
    )
