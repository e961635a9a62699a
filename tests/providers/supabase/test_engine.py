"""The Supabase provider under the real engine, against the sandbox."""

from __future__ import annotations

import json
import subprocess

import httpx
import pulumi_supabase.provider
import pytest

from tests.providers.supabase.conftest import REF, TOKEN, Project
from tests.support.engine import PULUMI
from tests.support.engine import Project as Stack
from tests.support.killed_update import kill_family
from tests.support.waiting import PATIENCE, wait_for

VALUE = "a-value-that-nobody-must-see"
PROGRAM = """\
import pulumi
import pulumi_supabase as supabase

schema = supabase.Migrations("schema", project_ref={ref!r}, directory="sql")
secrets = supabase.EdgeFunctionSecrets(
    "secrets", project_ref={ref!r}, values={{"ONE": pulumi.Output.secret({value!r}), "TWO": "2"}}
)
answer = supabase.EdgeFunction(
    "answer",
    project_ref={ref!r},
    slug="answer",
    directory="functions/answer",
    verify_jwt={verify_jwt!r},
    files={{"settings.json": {settings!r}}},
    revision_file="revision.json",
    triggers=secrets.fingerprints,
    project_url={url!r},
    checks=pulumi.Output.secret([
        {{
            "name": "revision",
            "method": "GET",
            "headers": {{"X-Signature": "a-signature-that-nobody-must-see"}},
            "expect": {{"status": 200, "json": {{"revision": "{{revision}}"}}}},
        }}
    ]),
    check_timeout_seconds={patience},
    opts=pulumi.ResourceOptions(depends_on=[schema]),
)
pulumi.export("url", answer.url)
pulumi.export("revision", answer.revision)
pulumi.export("latest", schema.latest)
"""


def write_program(project: Project, stack: Stack, **given: object) -> None:
    """Write the program with some values changed."""
    values = {
        "ref": REF,
        "value": VALUE,
        "verify_jwt": False,
        "settings": "{}\n",
        "url": project.url,
        "patience": 10,
        **given,
    }
    stack.program(PROGRAM.format(**values))


@pytest.fixture
def stack(project: Project) -> Stack:
    """Return a stack in the project's folder, signed in at the sandbox."""
    stack = Stack(project.folder, {"supabase:apiUrl": project.api_url})
    stack.run("config", "set", "--secret", "supabase:accessToken", TOKEN)
    project.write("sql/20260101000000_a.sql", "create table a (x int);")
    write_program(project, stack)
    return stack


@pytest.mark.slow
def test_the_whole_life(project: Project, stack: Stack) -> None:
    """Deployed, unchanged, changes shown by name, drift put right, destroyed; no secret in the state."""
    preview = stack.preview()
    assert "would run 20260101000000_a.sql" in preview
    assert project.functions() == {}
    stack.up()
    assert project.ask().json()["revision"] == stack.outputs()["revision"]
    assert stack.outputs()["url"] == f"{project.url}/functions/v1/answer"
    stack.preview("--expect-no-changes")

    project.write(
        "functions/_shared/text.ts", "export const text = (word: string): string => `tells ${word}`;\n"
    )
    project.write("sql/20260102000000_b.sql", "create table b (x int);")
    write_program(project, stack, settings='{"a": 1}\n')
    shown = stack.preview().text
    assert '~ _shared/text.ts: "' in shown
    assert "+ 20260102000000_b.sql" in shown
    assert "settings.json" in shown
    assert "+ a: 1" in shown
    assert "answer/index.ts" not in "".join(line for line in shown.splitlines() if "=>" in line)
    stack.up()
    assert project.said() == "tells hello"
    assert stack.outputs()["latest"] == "20260102000000"

    project.deploy_elsewhere()
    project.api.post("/secrets", json=[{"name": "ONE", "value": "changed"}]).raise_for_status()
    shown = stack.preview().text
    assert '~ deployment: "version 3, from elsewhere" => "of this program"' in shown
    assert "~ ONE" in shown
    stack.up()
    assert project.said() == "tells hello"
    stack.preview("--expect-no-changes")

    write_program(project, stack, value="another-value-that-nobody-must-see", settings='{"a": 1}\n')
    shown = stack.preview().text
    assert "~ ONE" in shown
    assert "~ triggers" in shown, "a changed secret deploys the function again"
    assert "nobody-must-see" not in shown
    stack.up()

    state = stack.state()
    for hidden in ("nobody-must-see", TOKEN):
        assert hidden not in state
    destroyed = stack.destroy()
    assert "the tables and their data stay" in destroyed
    assert (project.functions(), project.secrets()) == ({}, {})
    assert project.sql("select count(*)::int as n from voicehooks.schema_migrations") == [{"n": 2}]


@pytest.mark.slow
def test_a_failed_update_is_shown_and_repaired(project: Project, stack: Stack) -> None:
    """A function that fails its checks leaves the earlier one, and the diff stays until it is repaired."""
    stack.up()
    good = project.write(
        "functions/answer/index.ts", (project.folder / "functions/answer/index.ts").read_text()
    )
    text = good.read_text(encoding="utf-8")
    # Right as candidate, wrong under its slug.
    good.write_text(
        text.replace("revision.revision", 'request.url.includes("candidate") ? revision.revision : "none"'),
        encoding="utf-8",
    )
    failed = stack.run("up", "--yes", "--skip-preview", "--non-interactive", ok=False)
    assert "the previous files of answer are back, as version 3" in failed
    assert "pulumi_provider_kit" not in failed.text, "no traceback of the plugin's"
    assert "nobody-must-see" not in failed.text
    assert project.said() == "says hello"
    shown = stack.preview().text
    assert "~ answer/index.ts" in shown
    assert "from elsewhere" not in shown
    good.write_text(text.replace("hello", "bye"), encoding="utf-8")
    stack.up()
    assert project.said() == "says bye"
    stack.preview("--expect-no-changes")


def test_every_wrong_input_is_shown(project: Project, stack: Stack) -> None:
    """A missing import names file and line, a bad migration its file; nothing is half done."""
    project.write("functions/answer/index.ts", 'import "./gone.ts";')
    project.write("sql/bad.sql", "")
    text = stack.run("up", "--yes", "--skip-preview", "--non-interactive", ok=False)
    assert "answer/index.ts line 1 imports ./gone.ts" in text or "bad.sql is not named" in text
    assert "pulumi_provider_kit" not in text.text, "no traceback of the plugin's"
    assert project.functions() == {}
    assert not any("deploy" in r for r in project.requests())


@pytest.mark.slow
def test_imports_are_followed_by_an_empty_preview(project: Project, stack: Stack) -> None:
    """What was deployed by hand is taken into a program that says the same."""
    stack.up()
    (project.folder / "state").rename(project.folder / "old-state")
    (project.folder / "state").mkdir()
    # An import knows nothing of the program: it looks for the files where the vendor's own CLI keeps them.
    (project.folder / "sql").rename(project.folder / "migrations")
    stack.run("stack", "init", "test")
    project.write("functions/answer/settings.json", "{}\n")
    project.write(
        "functions/answer/revision.json", json.dumps({"revision": project.ask().json()["revision"]}) + "\n"
    )
    program = f"""\
import pulumi_supabase as supabase

supabase.Migrations("schema", project_ref={REF!r}, directory="migrations")
supabase.EdgeFunction(
    "answer", project_ref={REF!r}, slug="answer", directory="functions/answer", verify_jwt=False,
    static_patterns=["settings.json"],
)
"""
    stack.program(program)
    for kind, name, key in (("EdgeFunction", "answer", f"{REF}/answer"), ("Migrations", "schema", REF)):
        stack.run(
            "import", f"supabase:index:{kind}", name, key, "--yes", "--protect=false", "--generate-code=false"
        )
    shown = stack.preview().text
    assert "fileHashes" not in shown, shown
    assert "files" not in shown, shown
    stack.up()
    stack.preview("--expect-no-changes")


@pytest.mark.slow
@pytest.mark.parametrize("table", [r.table for r in pulumi_supabase.provider.RESOURCES], ids=lambda t: t.name)
def test_the_examples_of_the_reference(project: Project, stack: Stack, table: object) -> None:
    """A resource's example runs as it stands, but for the address that the checks of a sandbox need."""
    source = (project.folder / "functions/answer/index.ts").read_text(encoding="utf-8")
    project.write("functions/hello/index.ts", source)
    project.write("functions/hello/revision.json", "{}")
    project.write("migrations/20260101000000_a.sql", "create table a (x int);")
    example = table.example  # type: ignore[attr-defined]
    stack.program(example.replace('slug="hello",', f'slug="hello",\n    project_url={project.url!r},'))
    stack.up()
    stack.preview("--expect-no-changes")


@pytest.mark.slow
@pytest.mark.parametrize("table", [f.table for f in pulumi_supabase.provider.FUNCTIONS], ids=lambda t: t.name)
def test_the_examples_of_the_functions(stack: Stack, table: object) -> None:
    """A function's example runs as it stands."""
    stack.program(table.example)  # type: ignore[attr-defined]
    stack.up()
    assert all(stack.outputs().values())


@pytest.mark.slow
@pytest.mark.parametrize("moment", ["answer-candidate", "POST /functions/deploy", "DELETE"])
def test_an_engine_killed_in_the_middle(project: Project, stack: Stack, moment: str) -> None:
    """Kill -9 of engine and plugin during a deploy: one whole revision, and the next run repairs."""
    stack.up()
    project.write_function("bye")
    project.fault(spread={"seconds": 3.0})
    before = len(project.requests())
    process = subprocess.Popen(
        [PULUMI, "up", "--yes", "--skip-preview", "--non-interactive"],
        cwd=stack.folder,
        env=stack.environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    asked = lambda: any(moment in request for request in project.requests()[before:])  # noqa: E731
    wait_for(lambda: asked() or process.poll() is not None, moment)
    assert process.poll() is None, "the update ended before it could be killed"
    kill_family(process.pid)
    process.wait()
    project.fault(clear=True)
    httpx.get(f"{project.url}/functions/v1/answer", timeout=PATIENCE)
    assert project.said() in {"says hello", "says bye"}
    stack.run("cancel", "--yes")
    stack.up()
    assert project.said() == "says bye"
    assert set(project.functions()) == {"answer"}
    stack.preview("--expect-no-changes")
