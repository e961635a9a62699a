"""The order of it all: deploy, let calls come in, break things, repair, judge."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicehooks_sandbox.testing import running_sandbox

from tests.chaos.mishaps import MISHAPS
from tests.chaos.repair import repair
from tests.chaos.scene import Scene
from tests.chaos.traffic import Traffic
from tests.chaos.verdict import judge
from tests.support.clone import clone_repository

if TYPE_CHECKING:
    from pathlib import Path

    from tests.chaos.journal import Journal

__all__ = ["run"]

_NUMBERS = ["+15551234567", "+15551234568", "+15551234569"]


def run(folder: Path, journal: Journal, *, seconds: float, seed: int, calls_every: float = 0.5) -> bool:
    """Break things for so long, each kind at least once, then repair; returns whether all is right.

    Args:
        folder: where the environment is made; its own.
        journal: told each step.
        seconds: for how long things go wrong.
        seed: of what is left to chance.
        calls_every: seconds between two calls.
    """
    with running_sandbox(folder / "sandbox", time_factor=50) as values:
        clone = clone_repository(folder / "clone", values, numbers={number: {} for number in _NUMBERS})
        clone.control("POST", "numbers", json={"phone_numbers": _NUMBERS[1:]})
        clone.up()
        journal.say("deployed", f"{len(_NUMBERS)} numbers, a call every {calls_every} s, seed {seed}")
        scene = Scene(clone, journal, seed=seed)
        with Traffic(clone, _NUMBERS, seed=seed, every=calls_every) as traffic:
            until = journal.seconds + seconds
            waiting = list(MISHAPS)
            scene.chance.shuffle(waiting)
            while waiting or journal.seconds < until:
                mishap = waiting.pop() if waiting else scene.chance.choice(MISHAPS)
                mishap(scene)
                scene.pause(0.5, 2)
            clone.control("DELETE", "faults")
            journal.say("calm", "nothing goes wrong any more; calls go on during the repair")
            first = repair(clone, journal)
        stories = traffic.stories()
        journal.say("calls", f"{len(stories)} calls came in; the last one is over")
        again = clone.run("voicehooks", "reconcile", "--stack", "local")
        lines = (again.stdout or again.stderr).strip().splitlines() or ["silent"]
        journal.say("reconcile", f"once more: exit {again.returncode}, {lines[-1]}")
        verdict = judge(clone, traffic)
    by = ", ".join(f"{amount} by {name}" for name, amount in verdict.answered_by.items())
    journal.say("answered", by)
    for check, findings in verdict.findings.items():
        journal.say("right" if not findings else "WRONG", check)
        for finding in findings[:20]:
            journal.say("", finding)
    return first and again.returncode == 0 and verdict.passed
