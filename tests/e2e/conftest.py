"""What the end-to-end tests share: for each worker one deployed clone, and one sandbox for clones of their own.

Starting a sandbox and deploying into it take most of a short test's time. What each fixture hands out does not
depend on the tests before, also when one of them was aborted.
"""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
from voicehooks_sandbox.testing import running_sandbox

from tests.support.clone import Clone, clone_repository
from tests.support.shared_clone import PACE, DeployedClone, UndeployedClone
from tests.support.waiting import PATIENCE


@pytest.fixture(scope="session")
def _deployed_clone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeployedClone]:
    folder = tmp_path_factory.mktemp("deployed") / "clone"
    # The sandbox lies where the commands look for it.
    with running_sandbox(folder / ".voicehooks" / "sandbox", time_factor=PACE) as values:
        yield DeployedClone(clone_repository(folder, values))


@pytest.fixture
def deployed(_deployed_clone: DeployedClone) -> Clone:
    """A clone as it was just deployed, without any call so far; calls in it go fifty times as fast as life."""
    return _deployed_clone.restored()


@pytest.fixture(scope="session")
def _sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    with running_sandbox(tmp_path_factory.mktemp("sandbox"), time_factor=PACE) as values:
        yield values


@pytest.fixture
def sandbox(_sandbox: dict[str, str]) -> dict[str, str]:
    """A sandbox as on its first day; calls in it go fifty times as fast as life."""
    for url in (_sandbox["twilio_base_url"], _sandbox["supabase_api_url"]):
        httpx.post(f"{url}/_sandbox/reset", timeout=PATIENCE).raise_for_status()
    clock = f"{_sandbox['twilio_base_url']}/_sandbox/clock"
    httpx.post(clock, json={"factor": PACE}, timeout=PATIENCE).raise_for_status()
    return _sandbox


@pytest.fixture(scope="session")
def _undeployed_clone(_sandbox: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> UndeployedClone:
    return UndeployedClone(clone_repository(tmp_path_factory.mktemp("undeployed") / "clone", _sandbox))


@pytest.fixture
def undeployed(_undeployed_clone: UndeployedClone) -> Clone:
    """A clone of which nothing is deployed, and a sandbox as on its first day."""
    return _undeployed_clone.restored()
