"""A plugin of pytest that tells coverage which test is running: `pytest -p tools.mutants.recorder`.

The test is the context of the lines that are measured. A process that a test starts reads it from the
environment (`context = ${MUTANTS_CONTEXT-}` in coverage's configuration). What a fixture of a wider scope runs
belongs to each test that uses the fixture, so it has a context of its own.
"""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import coverage
import pytest

if TYPE_CHECKING:
    from collections.abc import Generator

__all__ = ["FIXTURE", "VARIABLE", "pytest_configure"]

VARIABLE = "MUTANTS_CONTEXT"
FIXTURE = "fixture "


class _Recorder:
    def __init__(self, output: Path) -> None:
        self._output = output
        self._test = ""
        self._shared = 0.0
        self._tests: dict[str, dict[str, Any]] = {}
        self._failed: set[str] = set()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        self._test = item.nodeid
        self._shared = 0.0
        names = getattr(item, "fixturenames", [])
        self._tests[item.nodeid] = {"seconds": 0.0, "fixtures": list(names)}
        _switch(item.nodeid)
        begun = time.monotonic()
        try:
            return (yield)
        finally:
            self._tests[item.nodeid]["seconds"] = round(time.monotonic() - begun - self._shared, 3)
            _switch("")

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(self, fixturedef: pytest.FixtureDef[Any]) -> Generator[None, object, object]:
        if fixturedef.scope == "function":
            return (yield)
        _switch(f"{FIXTURE}{fixturedef.baseid} {fixturedef.argname}")
        begun = time.monotonic()
        try:
            return (yield)
        finally:
            self._shared += time.monotonic() - begun
            _switch(self._test)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if not report.passed:
            self._failed.add(report.nodeid)

    def pytest_sessionfinish(self) -> None:
        tests = {name: test for name, test in self._tests.items() if name not in self._failed}
        content = {"tests": tests, "failed": sorted(self._failed)}
        self._output.write_text(json.dumps(content), encoding="utf-8")


def _switch(context: str) -> None:
    os.environ[VARIABLE] = context
    current = coverage.Coverage.current()
    if current is not None:
        current.switch_context(context)


def pytest_configure(config: pytest.Config) -> None:
    """Record where MUTANTS_RECORD names a file."""
    if output := os.environ.get("MUTANTS_RECORD"):
        config.pluginmanager.register(_Recorder(Path(output)), "mutants-recorder")
