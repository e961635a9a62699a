"""The engine against a Supabase that answers 200 with something else: nothing is lost, the next up heals."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.providers.supabase.conftest import REF, TOKEN, Project
from tests.support.engine import Project as Stack
from tests.support.interception import GARBAGE, Interception, intercepted

pytestmark = pytest.mark.slow

PROGRAM = f"""\
import signal
signal.signal(signal.SIGINT, signal.SIG_DFL)
import pulumi
import pulumi_supabase as supabase

originals = supabase.ProjectOriginals(
    "originals", project_ref={REF!r}, secret_names=["ONE"], functions=["answer"]
)
supabase.Migrations("schema", project_ref={REF!r}, directory="sql")
supabase.EdgeFunctionSecrets(
    "secrets", project_ref={REF!r}, values={{"ONE": "1"}}, existing=originals.existing_secrets
)
supabase.EdgeFunction(
    "answer",
    project_ref={REF!r},
    slug="answer",
    directory="functions/answer",
    verify_jwt=False,
    revision_file="revision.json",
    adopt=True,
    original=originals.function_files.apply(lambda found: found["answer"]),
)
"""


@pytest.fixture
def proxy(project: Project) -> Iterator[Interception]:
    """Return a proxy in front of the Management API."""
    with intercepted(project.api_url) as proxy:
        yield proxy


def refuse(stack: Stack, *command: str) -> None:
    """Run a command that fails with a sentence about the answer."""
    said = stack.run(*command, "--yes", "--skip-preview", "--non-interactive", ok=False).text
    assert "Traceback" not in said
    assert "Supabase" in said or "127.0.0.1" in said


@pytest.mark.parametrize("kinds", [list(GARBAGE), list(GARBAGE)[::-1]], ids=["in order", "reversed"])
def test_nothing_is_lost(project: Project, proxy: Interception, kinds: list[str]) -> None:
    """Garbled at the first read, at the writes, in a refresh and in a destroy, each in another way."""
    reading, writing, refreshing, destroying = (GARBAGE[kind] for kind in kinds)
    project.deploy_elsewhere()
    project.write("sql/20260101000000_a.sql", "create table a (x int);")
    stack = Stack(project.folder, {"supabase:apiUrl": proxy.url})
    stack.run("config", "set", "--secret", "supabase:accessToken", TOKEN)
    stack.program(PROGRAM)

    proxy.garble(reading)
    refuse(stack, "up")
    assert project.said() == "foreign"
    assert project.secrets() == {}

    proxy.garble(writing, method="POST")
    refuse(stack, "up")
    proxy.pass_all()
    stack.up()
    stack.preview("--expect-no-changes")
    assert project.said() == "says hello"
    assert project.secrets().keys() == {"ONE"}

    kept = {r["urn"] for r in stack.resources()}
    for command, garbage in (("refresh", refreshing), ("destroy", destroying)):
        proxy.garble(garbage)
        refuse(stack, command)
        assert {r["urn"] for r in stack.resources()} == kept
    proxy.pass_all()
    stack.destroy()
    assert project.said() == "foreign"
    assert project.secrets() == {}
    assert project.sql("select count(*) as n from a") == [{"n": 0}]
