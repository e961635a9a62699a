"""Tries one slip: makes it in a private copy and runs the tests that could notice."""

from __future__ import annotations

import difflib
import re
import time
from pathlib import Path
from typing import TYPE_CHECKING

from tools.mutants.checks import checks_for, first_refusal
from tools.mutants.model import Outcome, Result

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from tools.mutants.checks import Command
    from tools.mutants.model import Slip
    from tools.mutants.reach import Reach
    from tools.mutants.workspace import Run, Workspace

__all__ = ["run_tests", "try_slip"]

_BUDGET_SECONDS = 120.0
"""How long the tests of one slip take at most, as they were measured; the quick ones run first."""

_LIMIT_SECONDS = 900.0
"""When tests that do not end count as failed."""

_PYTEST = (
    "python",
    "-m",
    "pytest",
    "-x",
    "-q",
    "-p",
    "no:randomly",
    "-p",
    "no:xdist",
    "-p",
    "no:cacheprovider",
)
_NO_TESTS_FAILED, _A_TEST_FAILED, _INTERRUPTED, _WRONG_USE = 0, 1, 2, 4
_NOT_COLLECTED = (_INTERRUPTED, _WRONG_USE)


def try_slip(workspace: Workspace, slip: Slip, reach: Reach, unsound: Collection[Command]) -> Result:
    """Return what the tests say about a slip, and if they say nothing, what `make check` says.

    Args:
        workspace: where it is tried.
        slip: what to try.
        reach: which tests run which function.
        unsound: commands of `make check` that fail without any slip.
    """
    original = (workspace.folder / slip.file).read_text(encoding="utf-8")
    mutated = slip.mutated()
    tests = list(slip.tests) or _affordable(reach.reaching(slip.file, slip.function), reach)
    begun = time.monotonic()
    outcome = Outcome.UNTESTED
    ran: list[str] = []
    detail = slip.reason
    with workspace.changed(slip.file, mutated):
        if tests:
            outcome, ran, text = run_tests(workspace, tests)
            detail = detail or text
        if outcome in {Outcome.SURVIVED, Outcome.UNTESTED}:
            refused = first_refusal(workspace, [c for c in checks_for(slip.file) if c not in unsound])
            if refused:
                outcome, ran = Outcome.CHECKED, [" ".join(refused)]
    return Result(
        slip.key,
        slip.file,
        slip.line,
        _change(original, mutated),
        outcome,
        ran,
        round(time.monotonic() - begun, 1),
        detail,
    )


def _affordable(tests: list[str], reach: Reach) -> list[str]:
    chosen: list[str] = []
    seconds = 0.0
    for test in tests:
        seconds += reach.seconds[test]
        if chosen and seconds > _BUDGET_SECONDS:
            break
        chosen.append(test)
    return chosen


def run_tests(workspace: Workspace, tests: list[str]) -> tuple[Outcome, list[str], str]:
    """Run the tests of Deno, then those of pytest; return the outcome, the tests and what went wrong."""
    deno = [test for test in tests if Path(test).suffix == ".ts"]
    if deno:
        # Without a check of types: it would notice slips that a test should notice.
        permissions = ["--no-prompt", "--no-check", "--allow-env", "--allow-net", "--allow-read"]
        command = ["deno", "test", "--config", "functions/deno.json", *permissions, *deno]
        run = workspace.run(command, seconds=_LIMIT_SECONDS)
        if run.code != _NO_TESTS_FAILED:
            return Outcome.KILLED, deno, ""
    chosen = [test for test in tests if test not in deno]
    if not chosen:
        return Outcome.SURVIVED, tests, ""
    run = _pytest(workspace, chosen)
    if run.code == _WRONG_USE and "ERROR: not found" in run.text:
        # A test that has its name from the code, such as a resource's, has another one with the slip.
        run = _pytest(workspace, dict.fromkeys(test.split("::")[0] for test in chosen))
    return _judge(run, chosen, tests)


def _pytest(workspace: Workspace, tests: Iterable[str]) -> Run:
    workspace.scratch.mkdir(parents=True, exist_ok=True)
    arguments = workspace.scratch / "tests"
    arguments.write_text("\n".join(tests), encoding="utf-8")
    return workspace.run([*_PYTEST, "-m", "not slow", f"@{arguments}"], seconds=_LIMIT_SECONDS)


def _judge(run: Run, chosen: list[str], tests: list[str]) -> tuple[Outcome, list[str], str]:
    if run.code is None:
        return Outcome.KILLED, chosen, f"the tests did not end within {_LIMIT_SECONDS:.0f} seconds"
    if run.code == _NO_TESTS_FAILED:
        return Outcome.SURVIVED, tests, ""
    failed = re.findall(r"^(?:FAILED|ERROR) (\S+)", run.text, re.MULTILINE)
    if run.code == _A_TEST_FAILED or (run.code in _NOT_COLLECTED and "rror" in run.text and failed):
        return Outcome.KILLED, failed[:1] or chosen, ""
    if run.code in _NOT_COLLECTED and "ImportError while loading conftest" in run.text:
        return Outcome.KILLED, chosen[:1], ""
    return Outcome.BROKEN, chosen, f"pytest ended with {run.code}: {run.text[-1000:]}"


def _change(original: str, mutated: str) -> str:
    lines = difflib.unified_diff(original.splitlines(), mutated.splitlines(), lineterm="", n=0)
    return "\n".join(line for line in lines if not line.startswith(("---", "+++", "@@")))
