"""What `doctor --fix` does: repairs that lose nothing and never change who answers a number."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from voicehooks.output.consent import confirm
from voicehooks.output.errors import CommandError
from voicehooks.stack import project, sandbox
from voicehooks.stack.deployed_state import read_state
from voicehooks.vendors.errors import reported
from voicehooks.vendors.supabase import open_supabase

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from voicehooks.commands.doctor.model import Report
    from voicehooks.stack.environment import Environment

__all__ = ["Repair", "repair", "repairs_of"]


@dataclass(frozen=True)
class Repair:
    """One safe repair.

    Attributes:
        shown: the command, or what is done where no command does it.
        run: does it; raises CommandError if it fails.
    """

    shown: str
    run: Callable[[], None]


def repairs_of(report: Report, environment: Environment) -> list[Repair]:
    """Return what can safely be done about a report, in the order in which it has to be done."""
    if _sandbox_is_down(report, environment):
        # Nothing else can be seen, or done, until it runs.
        _, *arguments = sandbox.command(environment.name, "up").split()
        return [_command(environment, *arguments)]
    repairs = [
        Repair(
            f"set the secret {finding.subject} to its value of the last update",
            _secret(environment, finding.subject),
        )
        for finding in report.findings
        if finding.repair == "secret"
    ]
    reconcile = ("reconcile", "--stack", environment.name)
    if any(finding.fix == f"voicehooks {' '.join(reconcile)}" for finding in report.findings):
        repairs.append(_command(environment, *reconcile))
    return repairs


def repair(repairs: Sequence[Repair], stack: str, *, yes: bool) -> bool:
    """Show the repairs, ask, and make them; returns whether anything was done.

    Raises:
        CommandError: nobody can be asked, or a repair failed.
    """
    if not repairs:
        print(f"{stack}: there is nothing that --fix may repair", file=sys.stderr)
        return False
    print(f"{stack}: --fix does this:", file=sys.stderr)
    for step in repairs:
        print(f"    {step.shown}", file=sys.stderr)
    nobody = CommandError(
        "nothing was repaired",
        "there is no terminal to confirm in",
        f"voicehooks doctor --fix --yes --stack {stack}",
    )
    if not confirm("Continue?", yes=yes, otherwise=nobody):
        return False
    for step in repairs:
        step.run()
    return True


def _sandbox_is_down(report: Report, environment: Environment) -> bool:
    if not any(outcome.status in ("unknown", "problem") for outcome in report.outcomes):
        return False
    try:
        if not environment.is_sandbox:
            return False
        url = urlsplit(environment.twilio_api_url)
    except CommandError as error:  # without its sandbox the stack has no addresses
        return error.do == sandbox.command(environment.name, "up")
    try:
        with socket.create_connection((url.hostname or "", url.port or 80), timeout=2):
            return False
    except OSError:
        return True


def _command(environment: Environment, *arguments: str) -> Repair:
    def run() -> None:
        program = project.program("voicehooks")
        # What it prints is progress here: stdout is for the report.
        done = subprocess.run([program, *arguments], cwd=environment.folder, stdout=sys.stderr, check=False)
        # 1 is a finding of reconcile: it ran, and the doctor says what is left.
        if done.returncode != 0 and (done.returncode != 1 or arguments[0] != "reconcile"):
            raise CommandError("the repair failed", f"voicehooks {' '.join(arguments)} failed", "see above")

    return Repair(f"voicehooks {' '.join(arguments)}", run)


def _secret(environment: Environment, name: str) -> Callable[[], None]:
    async def send() -> None:
        state = read_state(environment.engine, show_secrets=True)
        is_token = name == "VOICEHOOKS_AUTH_TOKEN"
        value = environment.auth_token if is_token else state.secret_values[name]
        with reported(f"the secret {name} was not set"):
            async with open_supabase(environment) as api:
                await api.send(
                    "POST",
                    environment.settings.supabase_project,
                    "/secrets",
                    "edge_functions_secrets_write",
                    json=[{"name": name, "value": value}],
                )

    return lambda: asyncio.run(send())
