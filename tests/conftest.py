"""What holds for every test of the repository."""

from __future__ import annotations

import os
import signal
from collections import Counter
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser

# Tests start hundreds of processes, which would all compile our modules where a container forbids the cache.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

# A shell lets a program that it starts in the background ignore Ctrl-C, and so would what tests interrupt.
signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Print the seed of the tests' order and of their random values, also with `-q`, which hides the header."""
    seed = config.getoption("randomly_seed", None)
    if seed is not None:
        terminalreporter.write_line(f"run it again in this order: pytest --randomly-seed={seed}")


@pytest.hookimpl(optionalhook=True, wrapper=True)
def pytest_xdist_auto_num_workers() -> Generator[None, int, int]:
    """Run two workers more than there are processors: tests wait for other processes much of the time."""
    workers = yield
    return workers if "PYTEST_XDIST_AUTO_NUM_WORKERS" in os.environ else workers + 2


# The folders whose modules take long come first: the short ones at the end keep all workers busy to the last.
_LONGEST_FIRST = ("e2e", "sandbox", "providers", "packaging", "functions")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Sort the folders, and in the last ones the modules by their number of tests; else the order is random."""
    count = Counter(item.path for item in items)

    def rank(item: pytest.Item) -> tuple[int, int]:
        folder = item.path.relative_to(Path(__file__).parent).parts[0]
        if folder in _LONGEST_FIRST:
            return _LONGEST_FIRST.index(folder), 0
        return len(_LONGEST_FIRST), -count[item.path]

    items.sort(key=rank)


@pytest.fixture
def quick_retries(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the vendors' clients ask again at once after a failure, where a test is about what comes of it."""
    monkeypatch.setattr("pulumi_provider_kit.rest._FIRST_WAIT", 0.001)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """A real browser, shared by a module: its driver runs an event loop, which other tests must not find."""
    from tests.support.chromium import browser  # noqa: PLC0415 - few tests need it

    with browser() as running:
        yield running
