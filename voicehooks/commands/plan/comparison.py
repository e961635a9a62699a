"""Whether today's plan is still the one that was reviewed."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from voicehooks.commands.plan.folding import folded
from voicehooks.commands.plan.model import FORMAT, Plan
from voicehooks.output.errors import CommandError
from voicehooks.output.json import fields_of

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Comparison", "compare", "load"]


@dataclass(frozen=True)
class Comparison:
    """What differs from the plan that was reviewed.

    Attributes:
        stack: the environment.
        reviewed: that plan's commit.
        appeared: rows that nobody has seen.
        gone: rows that were reviewed and are not to come any more.
    """

    stack: str
    reviewed: str
    appeared: list[str]
    gone: list[str]

    @property
    def equal(self) -> bool:
        """Whether it is the same plan."""
        return not self.appeared and not self.gone

    def json_fields(self) -> dict[str, Any]:
        """The same for `--json`."""
        return {**fields_of(self), "equal": self.equal}

    def lines(self) -> list[str]:
        """For people."""
        if self.equal:
            return [f"{self.stack}: this is the plan that was reviewed"]
        reviewed = f" (commit {self.reviewed})" if self.reviewed else ""
        return [
            f"{self.stack}: this is NOT the plan that was reviewed{reviewed}",
            *(f"  + not reviewed   {row}" for row in self.appeared),
            *(f"  - does not come  {row}" for row in self.gone),
            "review it again: voicehooks plan --out FILE",
        ]


def compare(today: Plan, reviewed: Plan) -> Comparison:
    """Compare what changes; commit, time and drift that changes nothing do not count.

    Raises:
        CommandError: the plans are of two environments.
    """
    if today.stack != reviewed.stack:
        raise CommandError(
            "the plans cannot be compared",
            f"today's is for {today.stack}, the reviewed one for {reviewed.stack}",
            f"give the file of {today.stack}",
        )
    known, now = {c.key for c in reviewed.changes}, {c.key for c in today.changes}
    return Comparison(
        today.stack,
        reviewed.commit,
        _rows(replace(today, changes=[c for c in today.changes if c.key not in known])),
        _rows(replace(reviewed, changes=[c for c in reviewed.changes if c.key not in now])),
    )


def _rows(plan: Plan) -> list[str]:
    return [f"{row.label}  {row.setting}  {row.old} -> {row.new}" for row in folded(plan.changes, plan)]


def load(path: Path) -> Plan:
    """Read a plan that `--out` saved.

    Raises:
        CommandError: there is none, or it is something else.
    """
    why = ""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        if data["format"] == FORMAT:
            return Plan.from_json(data)
        why = f"it is of format {data['format']}, this command reads {FORMAT}"
    except OSError as error:
        why = error.strerror or str(error)
    except (ValueError, KeyError, TypeError, UnicodeDecodeError):
        why = "it is not what voicehooks plan --out wrote"
    raise CommandError(f"{path} cannot be compared with", why, "make it with: voicehooks plan --out FILE")
