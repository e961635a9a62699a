"""Running `voicehooks rollback`."""

from __future__ import annotations

import asyncio
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from voicehooks.commands.doctor.render import plain_lines
from voicehooks.commands.doctor.run import examine
from voicehooks.commands.history.updates import read_updates
from voicehooks.commands.plan.terminal import render_terminal
from voicehooks.commands.rollback import numbers
from voicehooks.commands.rollback.deploy import prepare_rollback, settle_repository
from voicehooks.commands.rollback.secrets import bring_back
from voicehooks.commands.rollback.target import choose
from voicehooks.output.consent import confirm_name
from voicehooks.output.errors import CommandError
from voicehooks.output.json import print_json
from voicehooks.output.layout import screen_width
from voicehooks.stack.environment import Environment
from voicehooks.vendors.twilio import open_twilio

if TYPE_CHECKING:
    from collections.abc import Iterable

    from voicehooks.commands.doctor.model import Report
    from voicehooks.commands.rollback.target import Target

__all__ = ["RollbackOptions", "run"]

# What our update could have broken; the doctor's other checks look at other things.
_VERIFIED_BY = ("drift", "function", "verify-jwt", "revision", "secrets", "schema", "probe")
_VERIFIED_AT_TWILIO = ("numbers", "precedence", "urls")


@dataclass(frozen=True)
class RollbackOptions:
    """The command line; each as its option says."""

    to: str
    dry_run: bool
    yes: bool
    numbers_only: bool
    config_only: bool
    with_secrets: bool


@dataclass
class Result:
    """What a rollback did.

    Attributes:
        stack: the environment.
        target: from which update to which.
        done: whether anything was changed.
        changes: the plan: for `--numbers-only` one line per field, else the plan's data.
        stays: what does not go back, one sentence each.
        commands: what makes the repository agree again.
        report: the doctor's report afterwards, or None where nothing was changed.
    """

    stack: str
    target: Target
    done: bool = False
    changes: Any = None
    stays: list[str] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)
    report: Report | None = None

    @property
    def exit_code(self) -> int:
        """0: fine; 1: it is back, and a check found something."""
        return 1 if self.report is not None and self.report.exit_code != 0 else 0

    def json_fields(self) -> dict[str, Any]:
        """For `--json`."""
        return {
            "stack": self.stack,
            "from": self.target.live.number,
            "to": self.target.update.number,
            "skipped": [update.number for update in self.target.skipped],
            "unchanged": [update.number for update in self.target.unchanged],
            "done": self.done,
            "plan": self.changes,
            "stays": self.stays,
            "commands": self.commands,
            "verified": self.report,
        }


def run(options: RollbackOptions, *, stack: str, as_json: bool) -> int:
    """Go back, print what was done, and return the exit code.

    Raises:
        CommandError: it cannot be done, or was not wanted after all.
    """
    if options.numbers_only and (options.config_only or options.with_secrets):
        raise CommandError(
            f"{stack} was not rolled back", "--numbers-only excludes the other options", "give one of them"
        )
    environment = Environment(stack)
    updates = read_updates(environment.engine)
    target = choose(updates, options.to, stack)
    result = Result(stack, target)
    _say(_headline(result))
    if options.numbers_only:
        asyncio.run(_numbers_only(environment, result, options, updates=len(updates)))
    else:
        _whole(environment, result, options)
    if as_json:
        print_json(result)
    else:
        print("\n".join(_closing(result, options)))
    return result.exit_code


def _whole(environment: Environment, result: Result, options: RollbackOptions) -> None:

    update = result.target.update
    with prepare_rollback(environment, update, config_only=options.config_only) as rollback:
        if options.with_secrets:
            asyncio.run(bring_back(environment, update, rollback.engine))
        plan = rollback.plan()
        result.changes = plan
        _say(render_terminal(plan, width=screen_width(), next_step=False))
        if plan.failed:
            failure = plan.failures[0]
            raise CommandError(f"{result.stack} was not changed", failure.why, failure.do)
        result.stays = _stays(options, rollback.gone_secrets)
        _say("\n".join(["", *(f"stays: {thing}" for thing in result.stays)]))
        if options.dry_run or not _wanted(result, options):
            return
        rollback.up(update.number)
        text = rollback.settings_text
    result.done = True
    result.commands = settle_repository(environment, update, text, config_only=options.config_only)
    result.report = asyncio.run(_verified(Environment(result.stack), _VERIFIED_BY))


async def _numbers_only(
    environment: Environment, result: Result, options: RollbackOptions, *, updates: int
) -> None:

    state = await asyncio.to_thread(numbers.state_of, environment.engine, result.target.update, updates)
    async with open_twilio(environment) as twilio:
        planned = await numbers.writes(twilio, state)
        result.changes = [line for write in planned for line in write.lines()]
        _say("\n".join(result.changes or ["every number has what it had then"]))
        result.stays = ["functions, secrets and schema are not touched, nor is Pulumi's state"]
        if not planned or options.dry_run or not _wanted(result, options):
            return
        await numbers.apply(twilio, planned)
    result.done = True
    result.stays.append("until the rest goes back too, the next pulumi up sets these numbers again")
    result.commands = [f"voicehooks rollback {result.target.update.number} --stack {result.stack}"]
    result.report = await _verified(environment, _VERIFIED_AT_TWILIO)


async def _verified(environment: Environment, codes: Iterable[str]) -> Report:

    _say(f"{environment.name}: checking ...")
    return await examine(environment, tuple(codes))


def _wanted(result: Result, options: RollbackOptions) -> bool:
    """Ask; without a terminal only `--yes` is an answer.

    Raises:
        CommandError: nobody can be asked.
    """
    nobody = CommandError(
        f"{result.stack} was not changed",
        "there is no terminal to confirm in",
        "to roll back without a question: --yes",
    )
    if confirm_name(result.stack, yes=options.yes, otherwise=nobody):
        return True
    raise CommandError(f"{result.stack} was not changed", "that is not its name")


def _headline(result: Result) -> str:
    target = result.target
    skipped = ", ".join(str(update.number) for update in target.skipped)
    label = f' "{target.update.message}"' if target.update.message else ""
    headline = (
        f"Roll back {result.stack} from {target.live.number} to {target.update.number}{label}"
        f" (skipping {f'{skipped}, failed' if skipped else 'none'})"
    )
    if not target.unchanged:
        return headline
    passed = (
        f"{update.number} {'changed nothing' if update.changed_nothing else 'deployed the same again'}"
        for update in reversed(target.unchanged)
    )
    return f"update {', '.join(passed)}; going back to {target.update.number}\n{headline}"


def _stays(options: RollbackOptions, gone: list[str]) -> list[str]:
    stays = [
        "the schema: migrations go forward only, and serve the handler that was there before them",
        "calls and recordings that are in the tables",
    ]
    if not options.with_secrets:
        stays.append("secrets, at their current values; previous ones: --with-secrets")
        stays += [f"{key} is not set: only then was it a secret of this environment" for key in gone]
    if options.config_only:
        stays.append("the program: today's")
    return stays


def _closing(result: Result, options: RollbackOptions) -> list[str]:
    number = result.target.update.number
    if not result.done:
        why = "dry run: nothing was changed" if options.dry_run else "nothing was to be changed"
        return [f"{result.stack}: {why}"]
    lines = []
    if result.report is not None:
        lines += [*plain_lines(result.report, width=screen_width()), ""]
    if result.commands:
        lines += ["next, so that everything agrees:", *(f"  {command}" for command in result.commands), ""]
    verdict = "verified" if result.exit_code == 0 else "look at what the checks found"
    return [*lines, f"{result.stack}: rollback to {number} done, {verdict}"]


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
