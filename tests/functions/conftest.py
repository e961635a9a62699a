"""One sandbox project for all tests of the functions; the tests use call SIDs of their own."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator

import pytest
from voicehooks_sandbox.testing import running_sandbox

from tests.functions.project import MIGRATIONS, PUBLIC_FUNCTIONS, SECONDARY_TOKEN, Project, apply_migration


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """A project with schema, secrets and functions as an environment has them."""
    with running_sandbox(tmp_path_factory.mktemp("sandbox"), time_factor=50) as environment:
        project = Project(environment)
        try:
            for migration in MIGRATIONS:
                apply_migration(project.database, migration)
            project.wait_for_schema()
            project.set_secrets(
                VOICEHOOKS_AUTH_TOKEN=project.auth_token, VOICEHOOKS_SECONDARY_AUTH_TOKEN=SECONDARY_TOKEN
            )
            for folder in (*PUBLIC_FUNCTIONS, "place-call", "control-call", "recording"):
                project.deploy(folder, project.settings())
            yield project
        finally:
            project.close()


@pytest.fixture
def new_sid() -> Callable[[str], str]:
    """Make a SID of the given prefix that no other test has."""
    return lambda prefix: prefix + secrets.token_hex(16)
