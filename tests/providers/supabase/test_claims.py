"""A function and a secret outlive their resources: renamed, replaced, or left half done."""

from __future__ import annotations

import copy
import json
from pathlib import Path

import pytest

from tests.providers.supabase.conftest import REF, TOKEN, Project
from tests.support.engine import Project as Stack

KINDS = ("EdgeFunction", "EdgeFunctionSecrets")
PROGRAM = """\
import pulumi
import pulumi_supabase as supabase

secrets = supabase.EdgeFunctionSecrets(
    "{prefix}secrets", project_ref={ref!r}, values={{"ONE": pulumi.Output.secret("1")}}
)
supabase.EdgeFunction(
    "{prefix}answer",
    project_ref={ref!r},
    slug="answer",
    directory="functions/answer",
    verify_jwt=False,
    adopt=True,
    revision_file="revision.json",
    triggers=secrets.fingerprints,
    project_url={url!r},
    checks=[{{"name": "up", "method": "GET", "expect": {{"json": {{"revision": "{{revision}}"}}}}}}],
    check_timeout_seconds=60,
    consecutive_checks=1,
)
"""


def program(project: Project, prefix: str = "") -> str:
    """Return a program with an adopted function and a secret."""
    return PROGRAM.format(prefix=prefix, ref=REF, url=project.url)


@pytest.fixture
def stack(project: Project, tmp_path: Path) -> Stack:
    """Return a stack that is signed in at the sandbox."""
    stack = Stack(tmp_path, {"supabase:apiUrl": project.api_url})
    stack.set_secret("supabase:accessToken", TOKEN)
    return stack


def urns(stack: Stack) -> list[str]:
    """Return the URNs of the function and the secrets."""
    return [r["urn"] for r in stack.resources() if r["type"].rpartition(":")[2] in KINDS]


def leave_copies(stack: Stack) -> None:
    """Put into the state what a replacement leaves there that was killed before its deletion."""
    state = json.loads(stack.run("stack", "export").text)
    resources = state["deployment"]["resources"]
    copies = [copy.deepcopy(r) for r in resources if r["type"].rpartition(":")[2] in KINDS]
    state["deployment"]["resources"] = resources + [{**c, "delete": True} for c in copies]
    path = stack.folder / "edited.json"
    path.write_text(json.dumps(state), encoding="utf-8")
    stack.run("stack", "import", "--file", str(path))


@pytest.mark.slow
@pytest.mark.parametrize("how", ["renamed", "replaced", "interrupted, then up", "interrupted, then destroy"])
def test_function_and_secret_stay_and_destroy_restores(project: Project, stack: Stack, how: str) -> None:
    """The function answers with checked code throughout; destroy puts back the adopted one."""
    project.deploy_elsewhere(word="foreign")
    stack.program(program(project))
    stack.up()
    assert project.said() == "says hello"
    version = project.functions()["answer"]["version"]

    if how == "renamed":
        stack.program(program(project, "new-"))
        assert "add an alias" in stack.preview()
        stack.up()
    elif how == "replaced":
        stack.up(*(f"--replace={urn}" for urn in urns(stack)))
    else:
        leave_copies(stack)
    if how == "interrupted, then up":
        stack.up()
    assert project.said() == "says hello"
    assert project.functions()["answer"]["version"] == version, "deployed again for nothing"
    assert set(project.secrets()) == {"ONE"}
    if how != "interrupted, then destroy":
        assert len(urns(stack)) == len(KINDS)

    stack.destroy()
    assert project.ask().json()["text"] == "foreign"
    assert project.secrets() == {}


@pytest.mark.slow
def test_two_resources_for_one_object_are_refused_in_the_preview(project: Project, stack: Stack) -> None:
    """A slug and a secret's name exist once in a project."""
    stack.program(
        "import pulumi_supabase as supabase\n"
        f'supabase.EdgeFunctionSecrets("a", project_ref={REF!r}, values={{"DUP": "1"}})\n'
        f'supabase.EdgeFunctionSecrets("b", project_ref={REF!r}, values={{"DUP": "2"}})\n'
    )
    assert "the secret DUP is managed twice, also by the resource" in stack.run("preview", ok=False)
    given = f'project_ref={REF!r}, slug="answer", directory="functions/answer", verify_jwt=False'
    stack.program(
        "import pulumi_supabase as supabase\n"
        f'supabase.EdgeFunction("a", {given})\nsupabase.EdgeFunction("b", {given})\n'
    )
    assert "the function answer is managed twice, also by the resource" in stack.run("preview", ok=False)
