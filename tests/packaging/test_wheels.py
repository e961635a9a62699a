"""Providers and sandbox as somebody else installs them: wheels in an empty environment, another program."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import yaml

from tests.packaging.conftest import ROOT, Release, run
from tests.support.waiting import PATIENCE
from tools.installer.environment import LOCK
from tools.installer.release import PulumiCli
from tools.scan.lock import entries

pytestmark = pytest.mark.slow
README = (ROOT / "providers" / "pulumi-twilio" / "README.md").read_text(encoding="utf-8")
DOWNLOADS = "https://github.com/OWNER/REPO/releases/download/v0.1.0"
PROGRAM = """
import pulumi
import pulumi_supabase as supabase
import pulumi_twilio as twilio

project = pulumi.Config().require("project")
tables = supabase.Migrations("tables", project_ref=project, directory="sql")
number = twilio.VoiceConfiguration(
    "front-desk",
    phone_number="+15551234567",
    voice_url="https://calls.example.com/voice",
    opts=pulumi.ResourceOptions(depends_on=[tables]),
)
pulumi.export("voiceUrl", number.voice_url)
"""


@pytest.fixture(scope="module")
def steps() -> dict[str, list[str]]:
    """The code blocks of the section for Python in the README of pulumi-twilio, by language."""
    section = README.partition("\n## Python\n")[2].partition("\n## ")[0]
    found: dict[str, list[str]] = {}
    for language, block in re.findall(r"```(\w+)\n(.*?)```", section, re.DOTALL):
        found.setdefault(language, []).append(block)
    return found


@pytest.fixture(scope="module")
def project(steps: dict[str, list[str]], release: Release, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which the README's commands for Python were run, and the files written that it shows."""
    folder = tmp_path_factory.mktemp("p")
    install = steps["sh"][0].replace(DOWNLOADS, release.url)
    assert release.url in install
    # The packages' own dependencies have the versions that this repository is tested with.
    pins = [str(entry.requirement) for entry in entries((ROOT / LOCK).read_text(encoding="utf-8"))]
    (folder / "constraints.txt").write_text("\n".join(pins), encoding="utf-8")
    run(["sh", "-euc", install], folder, {"PIP_CONSTRAINT": str(folder / "constraints.txt")})
    (folder / "Pulumi.yaml").write_text(steps["yaml"][0], encoding="utf-8")
    (folder / "__main__.py").write_text(steps["python"][0], encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def installed(project: Path, release: Release) -> Path:
    """The `bin` of that environment, into which the other wheels were installed as well."""
    wheels = project / "wheels"
    # --no-build-isolation: the build backend that is pinned for this repository, no other one is fetched.
    build = ["wheel", "--quiet", "--no-deps", "--no-build-isolation", "--wheel-dir", str(wheels)]
    run([sys.executable, "-m", "pip", *build, *(str(ROOT / name) for name in ("page", "sandbox"))], project)
    built = [*wheels.glob("*.whl"), *release.folder.glob("pulumi_supabase-*.whl")]
    assert len(built) == 3
    install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-c", "constraints.txt"]
    run([project / "venv" / "bin" / "python", *install, *built], project)
    return project / "venv" / "bin"


@pytest.fixture(scope="module")
def sandbox(installed: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """The installed sandbox, running."""
    state = tmp_path_factory.mktemp("s")
    names = ("twilio", "supabase-api", "supabase", "database")
    ports = [word for name in names for word in (f"--{name}-port", "0")]
    program: list[str | Path] = [installed / "voicehooks-sandbox", "--state", state]
    run([*program, "up", *ports], state)
    try:
        yield json.loads(run([*program, "env", "--json"], state))
    finally:
        run([*program, "down"], state)


def test_wheels_bring_nothing_of_this_repository(installed: Path, tmp_path: Path) -> None:
    """Everything is imported from the environment itself, and none of our modules is missing."""
    program = (
        "import json, pulumi_twilio, pulumi_supabase, pulumi_provider_kit, voicehooks_sandbox as s;"
        "print(json.dumps([m.__file__ for m in (pulumi_twilio, pulumi_supabase, pulumi_provider_kit, s)]))"
    )
    places = json.loads(run([installed / "python", "-c", program], tmp_path))

    assert all(place.startswith(str(installed.parent)) for place in places)
    names = {"pulumi-resource-twilio", "pulumi-resource-supabase", "voicehooks-sandbox"}
    assert names <= {path.name for path in installed.iterdir()}


def test_the_readme_gets_there(
    cli: PulumiCli,
    steps: dict[str, list[str]],
    project: Path,
    sandbox: dict[str, str],
    language_python: Path,
    tmp_path: Path,
) -> None:
    """With nothing of this clone on PATH, the README's commands and its program configure a number."""
    ours = str(Path(sys.executable).parent)
    path = [p for p in os.environ["PATH"].split(os.pathsep) if p != ours]
    (tmp_path / "state").mkdir()
    variables = {
        "PATH": os.pathsep.join([str(language_python), *map(str, cli.folders), *path]),
        "PULUMI_HOME": str(tmp_path / "home"),
        "PULUMI_BACKEND_URL": f"file://{tmp_path}/state",
        "PULUMI_CONFIG_PASSPHRASE": "readme",
        "TWILIO_BASE_URL": sandbox["twilio_base_url"],
    }
    commands = steps["sh"][1].replace("AC" + 32 * "X", sandbox["twilio_account_sid"])
    typed = f"printf %s {sandbox['twilio_auth_token']} | pulumi config set --secret twilio:authToken"
    commands = commands.replace("pulumi config set --secret twilio:authToken", typed)
    commands = commands.replace("pulumi up", "pulumi up --yes --skip-preview")
    assert "printf" in commands
    assert "--yes" in commands
    run(["sh", "-euc", commands], project, variables)

    assert json.loads(run([cli.executable, "stack", "output", "--json"], project, variables))["sid"][:2] == "PN"
    run([cli.executable, "preview", "--refresh", "--expect-no-changes"], project, variables)
    run([cli.executable, "destroy", "--yes", "--skip-preview"], project, variables)


def test_the_schema_of_a_release_says_where_it_is(installed: Path, cli: PulumiCli, tmp_path: Path) -> None:
    """Generated SDKs download the plugin from the release, and Go's import path is in the repository."""
    got = run([cli.executable, "package", "get-schema", installed / "pulumi-resource-twilio"], tmp_path)
    schema = json.loads(got)
    assert schema["pluginDownloadURL"] == "github://api.github.com/owner/name"
    assert schema["repository"] == "https://github.com/owner/name"
    folder = "github.com/owner/name/providers/pulumi-twilio"
    assert schema["language"]["go"]["importBasePath"] == f"{folder}/sdk/go/twilio"


def test_the_installed_sandbox_has_its_page(sandbox: dict[str, str]) -> None:
    """The page's files are in its wheel, also those in folders."""
    for file in ("", "main.js", "views/call.js", "libraries/preact.js", "styles/theme.css"):
        assert httpx.get(f"{sandbox['page_url']}{file}", timeout=PATIENCE).status_code == 200, file


def test_another_program_uses_them(
    cli: PulumiCli, installed: Path, sandbox: dict[str, str], tmp_path: Path
) -> None:
    """A program that knows nothing of this project sets a number and a schema in the installed sandbox."""
    project = tmp_path / "p"
    (project / "sql").mkdir(parents=True)
    (project / "state").mkdir()
    (project / "sql" / "20260101000000_lead.sql").write_text("create table public.lead (id int);")
    (project / "__main__.py").write_text(PROGRAM)
    providers = [{"name": name, "path": str(installed)} for name in ("twilio", "supabase")]
    definition = {"name": "other", "runtime": "python", "plugins": {"providers": providers}}
    (project / "Pulumi.yaml").write_text(yaml.safe_dump(definition))
    config = {
        "other:project": sandbox["supabase_project_ref"],
        "twilio:accountSid": sandbox["twilio_account_sid"],
        "twilio:authToken": sandbox["twilio_auth_token"],
        "twilio:baseUrl": sandbox["twilio_base_url"],
        "supabase:accessToken": sandbox["supabase_access_token"],
        "supabase:apiUrl": sandbox["supabase_api_url"],
    }
    variables = {
        "PATH": os.pathsep.join([str(installed), *map(str, cli.folders), os.environ["PATH"]]),
        "PULUMI_BACKEND_URL": f"file://{project}/state",
        "PULUMI_CONFIG_PASSPHRASE": "other",
    }

    def pulumi(*arguments: str) -> str:
        return run([cli.executable, *arguments, "--stack", "dev", "--non-interactive"], project, variables)

    pulumi("stack", "init")
    content = yaml.safe_load((project / "Pulumi.dev.yaml").read_text()) or {}
    (project / "Pulumi.dev.yaml").write_text(yaml.safe_dump({**content, "config": config}))
    pulumi("up", "--yes", "--skip-preview")

    assert json.loads(pulumi("stack", "output", "--json")) == {"voiceUrl": "https://calls.example.com/voice"}
    pulumi("preview", "--refresh", "--expect-no-changes")
    pulumi("destroy", "--yes", "--skip-preview")
