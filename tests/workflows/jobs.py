"""GitHub's workflows as data, and their steps run as a runner runs them."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tests.support.waiting import PATIENCE

__all__ = ["ROOT", "WORKFLOWS", "Step", "load", "run", "steps"]

ROOT = Path(__file__).resolve().parents[2]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
_EXPRESSION = re.compile(r"\$\{\{(.*?)\}\}", re.DOTALL)


@dataclass(frozen=True)
class Step:
    """One step with a script, and the variables of its job and its own, unevaluated."""

    workflow: str
    job: str
    name: str
    script: str
    condition: str
    variables: Mapping[str, str]

    @property
    def secrets(self) -> set[str]:
        """The names of the secrets that it is given."""
        return set(re.findall(r"secrets\.(\w+)", " ".join(self.variables.values())))


def load(path: Path) -> dict[str, Any]:
    """Read a workflow; its key `on`, which YAML 1.1 takes for true, by its name."""
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    content["on"] = content.pop(True)
    return content  # type: ignore[no-any-return]


def steps(path: Path) -> Iterator[Step]:
    """List the steps with a script, in order."""
    for job_name, job in load(path)["jobs"].items():
        for step in job["steps"]:
            if "run" in step:
                variables = {**job.get("env", {}), **step.get("env", {})}
                texts = {name: str(value) for name, value in variables.items()}
                condition = str(step.get("if", ""))
                yield Step(path.name, job_name, step.get("name", ""), step["run"], condition, texts)


def run(
    step: Step, folder: Path, expressions: Mapping[str, str], variables: Mapping[str, str]
) -> subprocess.CompletedProcess[str]:
    """Run a step's script with bash, as a runner does.

    Args:
        step: the step.
        folder: the checkout.
        expressions: what each expression between `${{` and `}}` in its variables is; those of secrets and
            variables of GitHub are empty where nothing is said.
        variables: the runner's own variables, and those that stand in place of a job's.
    """

    def value(match: re.Match[str]) -> str:
        expression = match[1].strip()
        if expression in expressions:
            return expressions[expression]
        assert expression.startswith(("secrets.", "vars.")), f"nothing is said of {expression}"
        return ""

    given = {name: _EXPRESSION.sub(value, text) for name, text in step.variables.items()}
    foreign = ("PULUMI_", "TWILIO_", "SUPABASE_", "GITHUB_")
    kept = {k: v for k, v in os.environ.items() if not k.startswith(foreign)}
    return subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step.script],
        cwd=folder,
        env={**kept, "CI": "true", **given, **variables},
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
        stdin=subprocess.DEVNULL,
    )
