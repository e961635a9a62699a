"""The same program in each language, with the real engine, against the sandbox.

The Twilio plugin is the one of a release's archive, installed as the README of pulumi-twilio says, with nothing
of this clone on PATH. The SDKs of TypeScript and Go are written by Pulumi's own generators.
"""

from __future__ import annotations

import functools
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pulumi_supabase.provider
import pulumi_twilio.provider
import pytest
import yaml
from pulumi_provider_kit.example_go import in_go
from pulumi_provider_kit.example_typescript import in_typescript
from pulumi_provider_kit.example_yaml import in_yaml
from pulumi_provider_kit.schema import package_schema
from pulumi_provider_kit.table import ProviderTable
from voicehooks_sandbox.testing import running_sandbox

from tests.packaging.conftest import Release, run
from tests.support.go_tools import LANGUAGE_HOSTS, SDK_GENERATOR, YAML_HOST, folder_of, needs_go
from tests.support.npm_package import needs_npm, npm_package
from tests.support.waiting import PATIENCE
from tools.installer.release import PulumiCli

pytestmark = pytest.mark.slow
PROGRAMS = Path(__file__).parents[1] / "fixtures" / "languages"
BIN = Path(sys.executable).parent
TABLES = {"twilio": pulumi_twilio.provider.TABLE, "supabase": pulumi_supabase.provider.TABLE}
OURS = "https://crm.example.com/twilio/voice"
DRIFT = "https://drift.example.com/voice"
RUNTIMES = {"python": "python", "yaml": "yaml", "typescript": "nodejs", "go": "go"}


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """A sandbox for all languages; each gives back what it took."""
    with running_sandbox(tmp_path_factory.mktemp("s")) as environment:
        yield environment


@pytest.fixture(scope="module")
def pulumi_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Pulumi home without plugins, for the whole module: an installed plugin's environment takes a while."""
    return tmp_path_factory.mktemp("home")


class Program:
    """A project with the program of one language.

    Args:
        language: the folder in tests/fixtures/languages.
        folder: where the project is made.
        cli: the Pulumi CLI.
        path: folders that come first on PATH.
        home: Pulumi's home, with the installed plugins.
        sandbox: what it is deployed to.
    """

    def __init__(
        self,
        language: str,
        folder: Path,
        cli: PulumiCli,
        path: list[Path],
        home: Path,
        sandbox: dict[str, str],
    ) -> None:
        self.folder = folder
        self._cli = cli
        shutil.copytree(PROGRAMS / language, folder)
        (folder / "state").mkdir()
        supabase = {"providers": [{"name": "supabase", "path": str(BIN)}]}
        definition = {"name": "phone", "runtime": RUNTIMES[language], "plugins": supabase}
        (folder / "Pulumi.yaml").write_text(yaml.safe_dump(definition), encoding="utf-8")
        ours = [str(BIN)] if language == "python" else []
        others = [p for p in os.environ["PATH"].split(os.pathsep) if Path(p) != BIN]
        self.variables = {
            "PATH": os.pathsep.join([*ours, *map(str, [*path, *cli.folders]), *others]),
            "PULUMI_HOME": str(home),
            "PULUMI_BACKEND_URL": f"file://{folder}/state",
            "PULUMI_CONFIG_PASSPHRASE": "phone",
            "GOFLAGS": "-mod=mod",
        }
        self.pulumi("stack", "init", "dev")
        settings = yaml.safe_load((folder / "Pulumi.dev.yaml").read_text(encoding="utf-8")) or {}
        settings["config"] = {
            "phone:project": sandbox["supabase_project_ref"],
            "twilio:accountSid": sandbox["twilio_account_sid"],
            "twilio:authToken": sandbox["twilio_auth_token"],
            "twilio:baseUrl": sandbox["twilio_base_url"],
            "supabase:accessToken": sandbox["supabase_access_token"],
            "supabase:apiUrl": sandbox["supabase_api_url"],
        }
        (folder / "Pulumi.dev.yaml").write_text(yaml.safe_dump(settings), encoding="utf-8")

    def pulumi(self, *arguments: str) -> str:
        """Run a command that must succeed."""
        return run([self._cli.executable, *arguments, "--non-interactive"], self.folder, self.variables)

    def write_examples(self, write: Callable[[ProviderTable, str], str], pattern: str) -> None:
        """Write the example of each resource and function of the reference pages, in one language."""
        for name, table in TABLES.items():
            for entry in (*table.resources, *table.functions):
                path = self.folder / pattern.format(f"{name}-{entry.name}".lower())
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(write(table, entry.example), encoding="utf-8")

    def write_sdks(self, language: str) -> None:
        """Write the SDKs of both providers into `sdks`, as `pulumi package add` does."""
        for name, table in TABLES.items():
            schema = self.folder / f"{name}.json"
            schema.write_text(json.dumps(package_schema(table)), encoding="utf-8")
            generator = folder_of(SDK_GENERATOR) / "sdk-generator"
            run([generator, language, schema, self.folder / "sdks" / name], self.folder)


def number(sandbox: dict[str, str]) -> dict[str, Any]:
    """Return the number as Twilio's API answers it now."""
    auth = (sandbox["twilio_account_sid"], sandbox["twilio_auth_token"])
    path = f"/2010-04-01/Accounts/{auth[0]}/IncomingPhoneNumbers.json"
    page = httpx.get(sandbox["twilio_base_url"] + path, auth=auth, timeout=PATIENCE).json()
    return next(n for n in page["incoming_phone_numbers"] if n["phone_number"] == "+15551234567")


def secrets(sandbox: dict[str, str]) -> set[str]:
    """Return the names of the project's secrets."""
    path = f"/v1/projects/{sandbox['supabase_project_ref']}/secrets"
    token = {"Authorization": f"Bearer {sandbox['supabase_access_token']}"}
    page = httpx.get(sandbox["supabase_api_url"] + path, headers=token, timeout=PATIENCE).json()
    return {secret["name"] for secret in page}


def check(program: Program, sandbox: dict[str, str]) -> None:
    """Deploy, change nothing, repair what was changed in the console, and give everything back."""
    before = number(sandbox)
    program.pulumi("up", "--yes", "--skip-preview")
    assert number(sandbox)["voice_url"] == f"{OURS}#rc=3&rp=ct,5xx"
    assert "GREETING" in secrets(sandbox)
    outputs = json.loads(program.pulumi("stack", "output", "--json"))
    assert outputs == {"sid": before["sid"], "name": before["friendly_name"]}
    program.pulumi("preview", "--refresh", "--expect-no-changes")

    auth = (sandbox["twilio_account_sid"], sandbox["twilio_auth_token"])
    path = f"/2010-04-01/Accounts/{auth[0]}/IncomingPhoneNumbers/{before['sid']}.json"
    changed = httpx.post(
        sandbox["twilio_base_url"] + path, auth=auth, data={"VoiceUrl": DRIFT}, timeout=PATIENCE
    )
    changed.raise_for_status()
    assert f'~ voiceUrl: "{DRIFT}" => "{OURS}"' in program.pulumi("preview", "--refresh", "--diff")
    program.pulumi("up", "--yes", "--skip-preview", "--refresh")
    assert number(sandbox)["voice_url"].startswith(OURS)

    program.pulumi("destroy", "--yes", "--skip-preview")
    assert not number(sandbox)["voice_url"], "it had none"
    assert "GREETING" not in secrets(sandbox)


@pytest.fixture
def plugin(cli: PulumiCli, language_python: Path, pulumi_home: Path, release: Release) -> list[Path]:
    """Install the plugin from the release's archive, once; return what its start needs on PATH."""
    if not (pulumi_home / "plugins" / "resource-twilio-v0.1.0").exists():
        path = os.pathsep.join([str(language_python), *map(str, cli.folders), os.environ["PATH"]])
        variables = {"PATH": path, "PULUMI_HOME": str(pulumi_home)}
        command = ("plugin", "install", "resource", "twilio", "v0.1.0", "--server", release.url)
        run([cli.executable, *command], pulumi_home, variables)
    return [language_python]


def test_python(cli: PulumiCli, tmp_path: Path, pulumi_home: Path, sandbox: dict[str, str]) -> None:
    """The classes of the installed distributions."""
    check(Program("python", tmp_path / "p", cli, [], pulumi_home, sandbox), sandbox)


@needs_go
def test_yaml(
    cli: PulumiCli, tmp_path: Path, pulumi_home: Path, plugin: list[Path], sandbox: dict[str, str]
) -> None:
    """A program that knows the providers by their schemas alone."""
    path = [*plugin, folder_of(YAML_HOST)]
    program = Program("yaml", tmp_path / "p", cli, path, pulumi_home, sandbox)
    check(program, sandbox)
    # The examples of the reference pages with a part of a map, a lookup and a secret.
    program.write_examples(in_yaml, "examples/{}.yaml")
    for name in ("twilio-voiceoriginals", "supabase-edgefunctionsecrets", "supabase-getapikeys"):
        shutil.copy(program.folder / "examples" / f"{name}.yaml", program.folder / "Main.yaml")
        program.pulumi("preview")


@needs_go
@needs_npm
def test_typescript(
    cli: PulumiCli, tmp_path: Path, pulumi_home: Path, plugin: list[Path], sandbox: dict[str, str]
) -> None:
    """The SDKs compile, and so does the program, which names a wrong property as an error."""
    path = [*plugin, folder_of(LANGUAGE_HOSTS)]
    program = Program("typescript", tmp_path / "p", cli, path, pulumi_home, sandbox)
    program.write_sdks("nodejs")
    packages = json.loads((program.folder / "package.json").read_text(encoding="utf-8"))["dependencies"]
    others = [f"{name}@{version}" for name, version in packages.items() if name != "@pulumi/pulumi"]
    shared = npm_package("@pulumi/pulumi", packages["@pulumi/pulumi"], *others)
    shutil.copytree(shared, program.folder / "node_modules", symlinks=True, copy_function=os.link)
    tsc = program.folder / "node_modules" / ".bin" / "tsc"
    (program.folder / "node_modules" / "@voicehooks").mkdir()
    for name in TABLES:
        # What `npm install` runs for a local SDK: it compiles it.
        run(
            ["node", "scripts/postinstall.js"],
            program.folder / "sdks" / name,
            {"PATH": f"{tsc.parent}{os.pathsep}{os.environ['PATH']}"},
        )
        (program.folder / "node_modules" / "@voicehooks" / name).symlink_to(program.folder / "sdks" / name)
    program.write_examples(in_typescript, "examples/{}.ts")
    settings = json.loads((program.folder / "tsconfig.json").read_text(encoding="utf-8"))
    settings["include"] = ["examples/*.ts"]
    (program.folder / "tsconfig.json").write_text(json.dumps(settings), encoding="utf-8")
    run([tsc, "--noEmit"], program.folder)
    misspelled = (program.folder / "index.ts").read_text(encoding="utf-8").replace("voiceUrl:", "voiceURL:")
    (program.folder / "wrong.ts").write_text(misspelled, encoding="utf-8")
    wrong = subprocess.run(
        [tsc, "--noEmit", "--target", "es2020", "--moduleResolution", "node", "wrong.ts"],
        cwd=program.folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )
    assert "'voiceURL' does not exist" in wrong.stdout
    check(program, sandbox)


@needs_go
def test_go(
    cli: PulumiCli, tmp_path: Path, pulumi_home: Path, plugin: list[Path], sandbox: dict[str, str]
) -> None:
    """The SDKs are complete Go modules, and the program compiles with them."""
    path = [*plugin, folder_of(LANGUAGE_HOSTS)]
    program = Program("go", tmp_path / "p", cli, path, pulumi_home, sandbox)
    program.write_sdks("go")
    program.write_examples(functools.partial(in_go, home="example.com"), "examples/{}/main.go")
    run(["go", "vet", "./..."], program.folder, {"GOFLAGS": "-mod=mod", "GOWORK": "off"})
    check(program, sandbox)
