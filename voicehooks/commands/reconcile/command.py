"""Put the pieces of `voicehooks reconcile` together."""

from __future__ import annotations

import asyncio
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from voicehooks.commands.reconcile.display import Progress, show
from voicehooks.commands.reconcile.numbers import handled_numbers
from voicehooks.commands.reconcile.reconcile import reconcile
from voicehooks.commands.reconcile.twilio_side import TwilioLists
from voicehooks.commands.reconcile.window import parse_window
from voicehooks.output.json import print_json
from voicehooks.stack.environment import Environment
from voicehooks.vendors.database import open_database
from voicehooks.vendors.twilio import open_twilio

if TYPE_CHECKING:
    from voicehooks.commands.reconcile.result import Reconciliation
    from voicehooks.commands.reconcile.window import Window

__all__ = ["run"]


def run(*, stack: str, since: str, until: str, dry_run: bool, compare_all: bool, as_json: bool) -> int:
    """Reconcile one environment, show the result, and return the exit code.

    Raises:
        CommandError: the result is not known.
    """
    window = parse_window(since, until, now=datetime.now(UTC))
    result = asyncio.run(_reconcile(Environment(stack), window, dry_run=dry_run, compare_all=compare_all))
    if as_json:
        print_json(result)
    else:
        show(result, sys.stdout)
    return 0 if result.equal else 1


async def _reconcile(
    environment: Environment, window: Window, *, dry_run: bool, compare_all: bool
) -> Reconciliation:
    numbers = handled_numbers(environment)
    async with open_twilio(environment) as twilio, open_database(environment) as database:
        with Progress(environment.name, sys.stderr) as progress:
            return await reconcile(
                TwilioLists(twilio, environment.twilio_api_url),
                database,
                window,
                numbers,
                stack=environment.name,
                account_sid=environment.account_sid,
                dry_run=dry_run,
                by_stream=environment.settings.account.event_streams and not compare_all,
                progress=progress.show,
            )
