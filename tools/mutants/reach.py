"""Which tests reach which function: measured by coverage, also in the processes that a test starts.

Kept in `.voicehooks/mutants/reach.json`, by function and not by line, so that it stays true while code is
edited. A test file is measured again when its text changes.
"""

from __future__ import annotations

import ast
import hashlib
import json
import re
import shutil
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from coverage import CoverageData

from tools.mutants.recorder import FIXTURE, VARIABLE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from tools.mutants.workspace import Workspace

__all__ = ["MEASURED_TESTS", "Reach", "functions_by_line", "measure", "outdated"]

MEASURED_TESTS = {
    "tests/unit/infra": ("infra/",),
    "tests/unit/voicehooks": ("infra/", "voicehooks/"),
    "tests/providers/kit": ("providers/",),
    "tests/providers/twilio": ("providers/pulumi-provider-kit/", "providers/pulumi-twilio/"),
    "tests/providers/supabase": ("providers/pulumi-provider-kit/", "providers/pulumi-supabase/"),
    "tests/providers": ("providers/",),
    "tests/e2e": ("infra/", "voicehooks/"),
}
"""Folders whose quick tests are measured for these modules, each in one run without the folders before it."""

_CORE = re.compile(r"(?:^|/)((?:infra|voicehooks|providers/pulumi-[a-z-]+)/.*\.py)$")
_SECONDS = 3600.0

# Tests that read tables which a module defines without calling a function of it.
_READERS = {
    "providers/": ("tests/providers/kit/test_tables.py", "tests/providers/twilio/test_shapes.py"),
    "infra/": ("tests/unit/infra/test_adding_a_setting.py", "tests/unit/infra/test_settings.py"),
}
_CONFIGURATION = """\
[run]
parallel = true
sigterm = true
context = ${{{variable}-}}
data_file = {folder}/data
include =
    */infra/*
    */voicehooks/*
    */providers/*
omit = */site-packages/*
disable_warnings = no-data-collected,module-not-measured,couldnt-parse,module-not-imported
"""


@dataclass
class Reach:
    """The measured tests.

    Attributes:
        digests: of each measured test file.
        sound: of each test file that a written slip names and that passes without any slip.
        seconds: how long each test takes.
        tests: by `file::function`, the tests that run a line of it; `file::` for lines outside functions.
    """

    digests: dict[str, str] = field(default_factory=dict)
    sound: dict[str, str] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    tests: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    @classmethod
    def load(cls, path: Path) -> Reach:
        """Read what was measured before; empty if nothing was."""
        reach = cls()
        if path.is_file():
            content = json.loads(path.read_text(encoding="utf-8"))
            names = content["names"]
            reach.digests = content["digests"]
            reach.sound = content["sound"]
            reach.seconds = dict(zip(names, content["seconds"], strict=True))
            for function, numbers in content["tests"].items():
                reach.tests[function] = {names[number] for number in numbers}
        return reach

    def save(self, path: Path) -> None:
        """Write what was measured."""
        names = sorted(self.seconds)
        numbers = {name: number for number, name in enumerate(names)}
        content = {
            "digests": self.digests,
            "sound": self.sound,
            "names": names,
            "seconds": [self.seconds[name] for name in names],
            "tests": {k: sorted(numbers[t] for t in v) for k, v in sorted(self.tests.items()) if v},
        }
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(content), encoding="utf-8")

    def forget(self, files: Iterable[str]) -> None:
        """Drop the tests of some test files."""
        gone = set(files)
        for file in gone:
            self.digests.pop(file, None)
        self.seconds = {test: s for test, s in self.seconds.items() if test.split("::")[0] not in gone}
        for function, tests in self.tests.items():
            self.tests[function] = {test for test in tests if test in self.seconds}

    def reaching(self, file: str, function: str) -> list[str]:
        """Return the tests that could notice a slip, quick files first.

        A line outside functions runs when the module is imported, so any test that reaches the module counts.
        """
        tests = self.tests.get(f"{file}::{function}", set())
        if not function:
            tests = set().union(*(found for name, found in self.tests.items() if name.startswith(f"{file}::")))
            readers = next((files for folder, files in _READERS.items() if file.startswith(folder)), ())
            tests |= {test for test in self.seconds if test.split("::")[0] in readers}
        files: dict[str, float] = defaultdict(float)
        for test in tests:
            files[test.split("::")[0]] += self.seconds[test]
        return sorted(
            tests, key=lambda test: (files[test.split("::")[0]], test.split("::")[0], self.seconds[test])
        )


def outdated(root: Path, reach: Reach, modules: Iterable[str]) -> dict[str, list[str]]:
    """Return the test files to measure, by the folder of MEASURED_TESTS, and forget those that are gone.

    Args:
        root: the repository.
        reach: what was measured before.
        modules: the files whose tests are needed.
    """
    needed = {
        folder
        for folder, prefixes in MEASURED_TESTS.items()
        if any(module.startswith(prefixes) for module in modules)
    }
    current: dict[str, str] = {}
    groups: dict[str, list[str]] = defaultdict(list)
    for folder in MEASURED_TESTS:
        for path in sorted((root / folder).rglob("test_*.py")):
            name = path.relative_to(root).as_posix()
            if name not in current:
                current[name] = hashlib.sha256(path.read_bytes()).hexdigest()[:16]
                if folder in needed and reach.digests.get(name) != current[name]:
                    groups[folder].append(name)
    reach.forget(set(reach.digests) - set(current))
    return groups


def measure(workspace: Workspace, files: Sequence[str], reach: Reach) -> list[str]:
    """Run test files under coverage and note what they reach; return the tests that failed without any slip."""
    folder = workspace.scratch.with_name("coverage")
    folder.mkdir(parents=True)
    configuration = folder / "coveragerc"
    configuration.write_text(_CONFIGURATION.format(variable=VARIABLE, folder=folder), encoding="utf-8")
    record = folder / "record.json"
    options = [
        "-q",
        "-m",
        "not slow",
        "-p",
        "tools.mutants.recorder",
        "-p",
        "no:randomly",
        "-p",
        "no:cacheprovider",
    ]
    run = workspace.run(
        ["python", "-m", "coverage", "run", f"--rcfile={configuration}", "-m", "pytest", *options, *files],
        seconds=_SECONDS,
        COVERAGE_PROCESS_START=str(configuration),
        MUTANTS_RECORD=str(record),
    )
    if not record.exists():
        return [f"{files[0]} and what follows it did not run:\n{run.text[-2000:]}"]
    recorded: dict[str, Any] = json.loads(record.read_text(encoding="utf-8"))
    reach.forget(files)
    tests = recorded["tests"]
    reach.seconds |= {name: test["seconds"] for name, test in tests.items()}
    for data in sorted(folder.glob("data*")):
        _read_data(data, workspace.folder, tests, reach)
    for file in files:
        reach.digests[file] = hashlib.sha256((workspace.folder / file).read_bytes()).hexdigest()[:16]
    shutil.rmtree(folder)
    failed: list[str] = recorded["failed"]
    return failed


def _read_data(path: Path, root: Path, tests: Mapping[str, Mapping[str, Any]], reach: Reach) -> None:
    data = CoverageData(str(path))
    data.read()
    for measured in data.measured_files():
        match = _CORE.search(measured)
        if match is None or not (root / match[1]).is_file():
            continue
        functions = functions_by_line((root / match[1]).read_text(encoding="utf-8"))
        for line, contexts in data.contexts_by_lineno(measured).items():
            found = reach.tests[f"{match[1]}::{functions.get(line, '')}"]
            for context in contexts:
                found.update(_tests_of(context, tests))


def _tests_of(context: str, tests: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    if context in tests:
        yield context
    elif context.startswith(FIXTURE):
        folder, name = context.removeprefix(FIXTURE).split(" ")
        yield from (t for t, test in tests.items() if t.startswith(folder) and name in test["fixtures"])


def functions_by_line(text: str) -> dict[int, str]:
    """Return the qualified name of the function around each line that is inside one."""
    names: dict[int, str] = {}

    def visit(node: ast.AST, scope: tuple[str, ...]) -> None:
        for child in ast.iter_child_nodes(node):
            inner = scope
            if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                inner = (*scope, child.name)
            if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
                for line in range(child.body[0].lineno, (child.end_lineno or child.lineno) + 1):
                    names[line] = ".".join(inner)
            visit(child, inner)

    visit(ast.parse(text), ())
    return names
