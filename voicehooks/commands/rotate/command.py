"""Running `voicehooks rotate`: one step after another, each of which can be the last one of a run."""

from __future__ import annotations

import asyncio
import sys
import time
from typing import TYPE_CHECKING

from voicehooks.commands.rotate.progress import STEPS, step_after
from voicehooks.commands.rotate.tokens import SECONDARY, Tokens
from voicehooks.output.consent import confirm
from voicehooks.output.errors import CommandError
from voicehooks.output.json import print_json
from voicehooks.stack.environment import Environment

if TYPE_CHECKING:
    from voicehooks.commands.rotate.progress import Step

__all__ = ["run"]

# A webhook that the old token signed may still be on its way, or be retried: 15 s in all (Twilio docs:
# connection overrides).
_SETTLE_SECONDS = 15.0
_PRIMARY = "twilio:authToken"


def run(stack: str, *, dry_run: bool, yes: bool, as_json: bool) -> int:
    """Rotate the auth token, or continue a rotation; print each step, and return the exit code.

    Raises:
        CommandError: it cannot be done, or was not wanted; the rotation stays where it is.
    """
    environment = Environment(stack)
    _check_settings(environment)
    step = _next(environment)
    order: list[Step] = list(STEPS)
    ahead = order[order.index(step) :]
    _say(f"{stack}: " + ("a new rotation" if step == "create" else "a rotation is under way") + "; next:")
    for number, name in enumerate(ahead, 1):
        _say(f"    {number}. {STEPS[name]}")
    if dry_run:
        _print(as_json, stack, done=[], ahead=ahead)
        return 0
    if step in ("create", "deploy-both", "promote"):
        _say(
            "Other programs and stacks that use the account's auth token need the new one after its promotion."
        )
        _say("A secondary token that the account has already is replaced.")
    nobody = CommandError(
        "the auth token was not rotated",
        "there is no terminal to confirm in",
        f"voicehooks rotate --yes --stack {stack}",
    )
    if not confirm("Continue?", yes=yes, otherwise=nobody):
        return 2
    if step == "create":
        _check_nothing_else(environment)
    done: list[Step] = []
    while True:
        _say(f"{stack}: {STEPS[step]}")
        _do(step, environment)
        done.append(step)
        if step == "deploy-new":
            break
        environment = Environment(stack)
        step = "deploy-new" if step == "switch" else _next(environment)
    _say(f"{stack}: the auth token is rotated. Commit Pulumi.{stack}.yaml, and check the result:")
    _say(f"    voicehooks doctor --stack {stack}")
    _print(as_json, stack, done=done, ahead=[])
    return 0


def _check_settings(environment: Environment) -> None:
    """Refuse what this command cannot change: a token that only a variable has."""
    if not environment.config.get(_PRIMARY):
        raise CommandError(
            "the auth token was not rotated",
            f"the settings of {environment.name} have no {_PRIMARY}; only the variable TWILIO_AUTH_TOKEN has "
            "it, and this command cannot change that",
            f"pulumi config set --stack {environment.name} --secret {_PRIMARY}",
        )


def _check_nothing_else(environment: Environment) -> None:
    """Refuse to begin while an update would change anything else: the rotation deploys twice."""
    done = environment.engine.try_run("preview", "--expect-no-changes")
    if done.returncode != 0:
        raise CommandError(
            "the auth token was not rotated",
            "the next update would also change other things, or its preview fails",
            f"pulumi preview --diff --stack {environment.name}",
        )


def _next(environment: Environment) -> Step:
    return step_after(asyncio.run(Tokens(environment).facts()), environment.name)


def _do(step: Step, environment: Environment) -> None:
    tokens, engine, stack = Tokens(environment), environment.engine, environment.name
    if step == "create":
        token = asyncio.run(tokens.create())
        engine.set_secret(
            SECONDARY,
            token,
            what="the secondary token was created and not stored",
            do=f"run it again, which creates another one: voicehooks rotate --stack {stack}",
        )
    elif step == "promote":
        asyncio.run(tokens.promote())
    elif step == "switch":
        if tokens.primary != tokens.secondary:
            engine.set_secret(_PRIMARY, tokens.secondary, what="the new token was not stored in the settings")
        engine.run("config", "rm", SECONDARY, what=f"{SECONDARY} was not removed from the settings")
    else:
        if step == "deploy-new":
            time.sleep(_SETTLE_SECONDS)
        engine.run(
            "up",
            "--yes",
            "--skip-preview",
            what=f"{stack} was not deployed, and the rotation is not over",
            do=f"repair the cause, then continue: voicehooks rotate --stack {stack}",
        )
        asyncio.run(tokens.wait_until_accepted(both=step == "deploy-both"))


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _print(as_json: bool, stack: str, *, done: list[Step], ahead: list[Step]) -> None:
    if as_json:
        print_json({"stack": stack, "done": done, "ahead": ahead})
