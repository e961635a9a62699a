"""Put the pieces of `voicehooks adopt` together."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import typer

from voicehooks.commands.adopt.account import AccountProposal, propose_account
from voicehooks.commands.adopt.display import Display
from voicehooks.commands.adopt.function_source import find_functions
from voicehooks.commands.adopt.imports import import_resources, preview
from voicehooks.commands.adopt.plan import Plan
from voicehooks.commands.adopt.proposal import propose
from voicehooks.output.consent import confirm
from voicehooks.output.counting import count
from voicehooks.output.errors import CommandError
from voicehooks.output.json import print_json
from voicehooks.stack.deployed_state import read_state
from voicehooks.stack.environment import Environment
from voicehooks.stack.settings_file import SettingsFile
from voicehooks.vendors.errors import reported
from voicehooks.vendors.supabase import open_supabase
from voicehooks.vendors.twilio import open_twilio

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voicehooks.commands.adopt.function_source import FoundFunction
    from voicehooks.commands.adopt.imports import NextUpdate
    from voicehooks.commands.adopt.proposal import Proposal

__all__ = ["run"]


def run(
    numbers: Sequence[str],
    *,
    stack: str,
    function: bool,
    everything: bool,
    dry_run: bool,
    yes: bool,
    as_json: bool,
) -> int:
    """Adopt, and return the exit code: 1 where the next update would still change a number or fails.

    Raises:
        CommandError: nothing could be adopted.
    """
    environment = Environment(stack)
    show = Display(stack, as_json=as_json)
    show.progress("reading the account; nothing there is changed")
    plan = asyncio.run(_plan(environment, numbers, function=function, everything=everything))
    show.plan(plan, environment.folder)
    if dry_run or plan.nothing_to_do():
        show.line("nothing written (--dry-run)" if dry_run else "settings and state have all of this already")
        if as_json:
            _print(environment, plan, None, written=False)
        return 0
    _confirm(show, yes=yes)
    _carry_out(environment, plan, show)
    show.progress("asking the engine what an update would do now")
    after = preview(environment.engine)
    if as_json:
        _print(environment, plan, after, written=True)
    show.conclusion(plan, after)
    return 1 if after.failed or after.changed_numbers else 0


async def _plan(environment: Environment, names: Sequence[str], *, function: bool, everything: bool) -> Plan:
    what = f"{environment.name} could not be read"
    settings = environment.settings
    old = SettingsFile.read(environment.folder, environment.name)
    state = read_state(environment.engine)
    managed = state.numbers
    functions: list[FoundFunction] = []
    if function or everything:
        async with open_supabase(environment) as api:
            saved = environment.folder / "adopted" / environment.name
            with reported(what):
                functions = await find_functions(api, settings, saved, set(state.functions))
    proposals: list[Proposal] = []
    skipped: dict[str, str] = {}
    account = AccountProposal()
    if names or everything or not function:
        async with open_twilio(environment) as twilio:
            live = {number["phone_number"]: number for number in await twilio.numbers(what)}
            account = await propose_account(twilio, settings, state, what)
            apps = {app["sid"]: app["friendly_name"] or "" for app in await twilio.applications(what)}
        for number in _chosen(
            names, live, settings.named_numbers.keys() & managed.keys(), everything=everything
        ):
            if not (live[number].get("capabilities") or {}).get("voice"):
                skipped[number] = "has no voice capability"
                continue
            proposals.append(
                propose(
                    live[number],
                    settings,
                    applications=apps,
                    shared_name=f"voicehooks {environment.name}",
                    held=managed[number].inputs.keys() if number in managed else (),
                )
            )
    new, written = old, environment.written_numbers
    for each in proposals:
        if settings.numbers.get(each.number) is None or each.settings != written.get(each.number):
            new = new.with_entry("voicehooks:numbers", each.number, each.settings, _comment(each))
    if functions and not settings.adopt_function:
        new = new.with_key("voicehooks:adoptFunction", True)
    if account.settings:
        new = new.with_key(
            "voicehooks:account", {**(old.config.get("voicehooks:account") or {}), **account.settings}
        )
    return Plan(
        proposals, [p for p in proposals if p.number not in managed], skipped, functions, old, new, account
    )


def _chosen(names: Sequence[str], live: dict[str, Any], settled: set[str], *, everything: bool) -> list[str]:
    """Return the numbers meant: those named, or all that are not in settings and state already."""
    unknown = [n for n in names if n not in live]
    if unknown:
        owned = ", ".join(sorted(live)[:5]) + (" ..." if len(live) > 5 else "")
        raise CommandError(
            f"{unknown[0]} cannot be adopted",
            "the account does not own it",
            f"it owns {owned or 'no number'}; numbers are written as +15551234567",
        )
    if names:
        return list(dict.fromkeys(names))
    return [n for n in live if everything or n not in settled]


def _comment(proposal: Proposal) -> str:
    digits = "".join(c for c in proposal.name if c.isdigit())
    # Twilio names a number after itself until somebody gives it a name.
    name = "" if digits and proposal.number.endswith(digits) else proposal.name
    parts = [name, *proposal.notes] if proposal.notes else [name]
    if not proposal.settings and proposal.route != "nobody":
        parts.append(f"{proposal.route}, left as it is")
    return " ".join("; ".join(p for p in parts if p).split())


def _confirm(show: Display, *, yes: bool) -> None:
    nobody = CommandError(
        "nothing was written",
        "there is no terminal to confirm in",
        "run it with --yes, or use --dry-run to see the changes",
    )
    question = "Write the settings and take this over? Twilio and Supabase are not changed"
    if not confirm(question, yes=yes, otherwise=nobody):
        show.line("nothing written")
        raise typer.Exit(0)


def _carry_out(environment: Environment, plan: Plan, show: Display) -> None:
    for found in plan.functions:
        found.save()
        kept = found.folder.relative_to(environment.folder)
        show.line(f"saved {count(len(found.files), 'file')} of {found.slug} in {kept}/")
    if plan.old != plan.new:
        plan.new.write(environment.folder, replaces=plan.old)
        show.line(f"wrote {plan.new.name}")
    if plan.to_import or plan.account.to_import:
        account = environment.account_sid if plan.account.to_import else ""
        import_resources(environment.engine, plan.to_import, read_state(environment.engine), account=account)
        taken = [count(len(plan.to_import), "number")] if plan.to_import else []
        taken += ["the default recording configuration"] if account else []
        show.line(f"took {' and '.join(taken)} into the state of {environment.name}")


def _print(environment: Environment, plan: Plan, after: NextUpdate | None, *, written: bool) -> None:
    document = {
        "stack": environment.name,
        "written": written,
        "numbers": plan.proposals,
        "imported": [p.number for p in plan.to_import] if written else [],
        "skipped": plan.skipped,
        "account": plan.account.settings,
        "notes": plan.account.notes,
        "functions": plan.functions,
        "preview": after,
    }
    print_json(document)
