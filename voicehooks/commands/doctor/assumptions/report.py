"""Running the probes, and the report for an issue."""

from __future__ import annotations

import asyncio
import platform
from importlib.metadata import version
from typing import TYPE_CHECKING

from pulumi_provider_kit.errors import ProviderError

from voicehooks.commands.doctor.assumptions.model import Answer, Outcome
from voicehooks.commands.doctor.assumptions.table import ASSUMPTIONS
from voicehooks.commands.doctor.context import Context
from voicehooks.output.consent import confirm
from voicehooks.output.counting import count
from voicehooks.output.errors import CommandError
from voicehooks.stack.environment import Environment

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voicehooks.commands.doctor.assumptions.model import Assumption

__all__ = ["exit_code", "lines", "report"]

_LONGEST_SECONDS = 60.0


def report(stack: str, *, number: str, yes: bool) -> list[Outcome]:
    """Make the probes of a stack's account, those that write only on a number that the user named.

    Raises:
        CommandError: nobody can be asked about the probes that write.
    """
    chosen = [assumption for assumption in ASSUMPTIONS if number or not assumption.writes]
    writing = [item.code for item in chosen if item.writes]
    if writing and not confirm(
        f"Write the current values of {number} to Twilio again ({', '.join(writing)})?",
        yes=yes,
        otherwise=CommandError(
            "the probes that write were not made",
            "there is no terminal to confirm in",
            "add --yes, or leave out --to",
        ),
    ):
        chosen = [item for item in chosen if not item.writes]
    environment = Environment(stack)
    return asyncio.run(_probe(environment, chosen, number))


async def _probe(environment: Environment, chosen: Sequence[Assumption], number: str) -> list[Outcome]:
    async with Context(environment, to=number) as context:
        answers = await asyncio.gather(*(_one(item, context) for item in chosen))
    return [Outcome(one, answer) for one, answer in zip(chosen, answers, strict=True)]


async def _one(assumption: Assumption, context: Context) -> Answer:
    if assumption.probe is None:
        return Answer("by hand", assumption.how)
    try:
        async with asyncio.timeout(_LONGEST_SECONDS):
            return await assumption.probe(context)
    except (CommandError, ProviderError) as error:
        # The text of an error may name the account; its class and status do not.
        status = getattr(error, "status", None)
        return Answer("failed", f"{type(error).__name__}" + (f", HTTP {status}" if status else ""))
    except TimeoutError:
        return Answer("failed", f"no answer within {_LONGEST_SECONDS:.0f} s")


def lines(outcomes: Sequence[Outcome], *, sandbox: bool) -> list[str]:
    """The report as Markdown for an issue."""
    verdicts = [outcome.answer.verdict for outcome in outcomes]
    counts = [
        count(verdicts.count(verdict), verdict, verdict)
        for verdict in ("confirmed", "different", "not seen", "by hand", "failed")
        if verdict in verdicts
    ]
    place = "the sandbox, which proves nothing about Twilio" if sandbox else "a real account"
    system = f"{platform.system()}, Python {platform.python_version()}"
    return [
        f"voicehooks {version('voicehooks')} on {system}; {place}",
        f"{', '.join(counts)}",
        "",
        "| assumption | verdict | seen |",
        "| --- | --- | --- |",
        *(
            f"| {item.assumption.code} | {item.answer.verdict} | {item.answer.seen.replace('|', '/')} |"
            for item in outcomes
        ),
    ]


def exit_code(outcomes: Sequence[Outcome]) -> int:
    """1: an assumption is wrong; else 2: a probe failed; else 0."""
    verdicts = {outcome.answer.verdict for outcome in outcomes}
    return 1 if "different" in verdicts else 2 if "failed" in verdicts else 0
