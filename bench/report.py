"""The table of all figures, and the machine and versions that they were measured with."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table
from voicehooks_sandbox.supabase.binaries import find_binaries

if TYPE_CHECKING:
    from bench.figure import Figure

__all__ = ["machine", "show", "write_json"]

_BIN = Path(sys.executable).parent


def show(figures: list[Figure]) -> None:
    """Print the table; a goal that was missed is marked."""
    table = Table(title="Voicehooks benchmarks", title_justify="left")
    for heading in ("benchmark", "figure"):
        table.add_column(heading)
    for heading in ("value", "range", "goal"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("")
    previous = ""
    for figure in figures:
        if figure.benchmark != previous:
            table.add_section()
        table.add_row(
            figure.benchmark if figure.benchmark != previous else "",
            figure.name,
            f"{_number(figure.value)} {figure.unit}",
            f"{_number(figure.spread[0])}-{_number(figure.spread[1])}" if figure.spread else "",
            str(figure.goal or ""),
            _verdict(figure),
        )
        previous = figure.benchmark
    console = Console()
    console.print(table)
    console.print(", ".join(f"{name} {value}" for name, value in machine().items()), highlight=False)


def write_json(figures: list[Figure], path: Path) -> None:
    """Write the figures with machine, versions and time."""
    measured = [{**asdict(f), "met": f.goal.is_met(f.value) if f.goal else None} for f in figures]
    report = {
        "time": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": machine(),
        "figures": measured,
    }
    path.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")


def machine() -> dict[str, Any]:
    """Return what the figures depend on: processors, system, and the versions of what was run."""
    return {
        "cores": os.cpu_count(),
        "processor": _processor(),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "pulumi": _first_word_after("v", [_BIN / "pulumi", "version"]),
        "deno": _first_word_after("deno ", [_BIN / "deno", "--version"]),
        "postgres": _first_word_after(
            "(PostgreSQL) ", [find_binaries().postgres_folder / "postgres", "--version"]
        ),
        "twilio": version("twilio"),
        "supabase": version("supabase"),
        "starlette": version("starlette"),
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.machine()
    named = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return f"{platform.machine()} {named[0]}" if named else platform.machine()


def _first_word_after(mark: str, command: list[str | Path]) -> str:
    try:
        answer = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    words = answer.partition(mark)[2].split()
    return words[0] if words else "unknown"


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _verdict(figure: Figure) -> str:
    if figure.goal is None:
        return ""
    return "met" if figure.goal.is_met(figure.value) else "MISSED"
