"""Providers and sandbox as somebody else installs them: wheels in an empty environment, another program."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import venv
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
import yaml

from tests.support.waiting import PATIENCE
from tools.installer import pulumi_cli
from tools.installer.environment import LOCK
from tools.scan.lock import entries

pytestmark = pytest.mark.slow
ROOT = Path(__file__).resolve().parents[2]
DISTRIBUTIONS = (
    "providers/pulumi-provider-kit",
    "providers/pulumi-twilio",
    "providers/pulumi-supabase",
    "page",
    "sandbox",
)
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


def run(command: list[str | Path], folder: Path, variables: Mapping[str, str] | None = None) -> str:
    """Run a command that must succeed; returns what it printed."""
    foreign = ("PULUMI_", "TWILIO_", "SUPABASE_", "PYTHON", "VIRTUAL_ENV")
    kept = {k: v for k, v in os.environ.items() if not k.startswith(foreign)}
    done = subprocess.run(
        command,
        cwd=folder,
        env={**kept, "NO_COLOR": "1", **(variables or {})},
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
        stdin=subprocess.DEVNULL,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The `bin` of an empty environment into which only the wheels were installed, with what they depend on."""
    folder = tmp_path_factory.mktemp("w")
    wheels = folder / "wheels"
    # --no-build-isolation: the build backend that is pinned for this repository, no other one is fetched.
    build = ["wheel", "--quiet", "--no-deps", "--no-build-isolation", "--wheel-dir", str(wheels)]
    run([sys.executable, "-m", "pip", *build, *(str(ROOT / name) for name in DISTRIBUTIONS)], folder)
    built = sorted(wheels.glob("*.whl"))
    assert len(built) == len(DISTRIBUTIONS)
    venv.create(folder / "env", with_pip=True)
    pins = [str(entry.requirement) for entry in entries((ROOT / LOCK).read_text(encoding="utf-8"))]
    (folder / "constraints.txt").write_text("\n".join(pins), encoding="utf-8")
    install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-c", "constraints.txt"]
    run([folder / "env" / "bin" / "python", *install, *built], folder)
    return folder / "env" / "bin"


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


def test_another_program_uses_them(installed: Path, sandbox: dict[str, str], tmp_path: Path) -> None:
    """A program that knows nothing of this project sets a number and a schema in the installed sandbox."""
    cli = pulumi_cli.cached(pulumi_cli.cache_folder(os.environ)) or pulumi_cli.on_path(os.environ["PATH"])
    assert cli is not None, "make install has brought no Pulumi CLI"
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
        "PULUMI_SKIP_UPDATE_CHECK": "true",
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
