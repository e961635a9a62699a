"""A program in YAML, which knows the provider by its schema alone."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.providers.twilio.conftest import ACCOUNT, NUMBER, TOKEN, Twin
from tests.support.engine import Project

MODULE = Path(__file__).parents[3] / "tools" / "pulumi" / "yaml-host"
PACKAGE = "github.com/pulumi/pulumi-yaml/cmd/pulumi-language-yaml"
VERSION = "v1.30.0"
OURS = "https://crm.example.com/functions/v1/twilio-webhook"
PROGRAM = {
    "resources": {
        "main": {
            "type": "twilio:VoiceConfiguration",
            "properties": {
                "phoneNumber": NUMBER,
                "voiceUrl": OURS,
                "delivery": {"retries": 3, "retryOn": ["connect", "5xx"]},
            },
        },
    },
    "variables": {
        "found": {
            "fn::invoke": {"function": "twilio:getPhoneNumber", "arguments": {"phoneNumber": NUMBER}},
        },
    },
    "outputs": {"sid": "${main.phoneNumberSid}", "name": "${found.friendlyName}"},
}


class YamlProject(Project):
    """A project whose program is in its Pulumi.yaml, and whose PATH has the YAML host."""

    def __init__(self, folder: Path, config: Mapping[str, Any], host: Path) -> None:
        self.host = host
        super().__init__(folder, config)

    def program_in_yaml(self) -> None:
        """Set the program."""
        path = self.folder / "Pulumi.yaml"
        project = path.read_text(encoding="utf-8").replace("runtime: python", "runtime: yaml")
        # JSON is YAML.
        parts = [f"{key}: {json.dumps(value)}\n" for key, value in PROGRAM.items()]
        path.write_text("".join([project, *parts]), encoding="utf-8")

    def environment(self) -> dict[str, str]:
        """Return the environment with the host on its PATH."""
        environment = super().environment()
        return {**environment, "PATH": f"{self.host}{os.pathsep}{environment['PATH']}"}


@pytest.fixture(scope="session")
def yaml_host() -> Path:
    """Return the folder of the YAML language host, built once on a machine."""
    base = os.environ.get("XDG_CACHE_HOME", "")
    cache = (Path(base) if Path(base).is_absolute() else Path.home() / ".cache") / "voicehooks" / "pulumi-yaml"
    target = cache / VERSION
    if (target / "pulumi-language-yaml").exists():
        return target
    go = shutil.which("go")
    if go is None:
        pytest.skip("Go is not installed, and the YAML host has to be built with it")
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".new-", dir=cache) as scratch:
        built = Path(scratch) / "bin"
        built.mkdir()
        result = subprocess.run(
            [go, "build", "-buildvcs=false", "-ldflags", "-s -w", "-o", str(built), PACKAGE],
            cwd=MODULE,
            env={**os.environ, "GOWORK": "off", "GOFLAGS": "-mod=readonly"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert result.returncode == 0, result.stderr
        built.rename(target)
    return target


@pytest.mark.slow
def test_a_program_in_yaml(twin: Twin, tmp_path: Path, yaml_host: Path) -> None:
    """It adopts a number with its delivery, has nothing to do the next time, and gives the number back."""
    config = {"twilio:accountSid": ACCOUNT, "twilio:authToken": TOKEN, "twilio:baseUrl": twin.url}
    project = YamlProject(tmp_path, config, yaml_host)
    project.program_in_yaml()
    assert "exists, nothing is bought" in project.up()
    assert twin.number()["voice_url"].startswith(f"{OURS}#")
    outputs = project.outputs()
    assert outputs == {"sid": twin.number()["sid"], "name": twin.number()["friendly_name"]}
    project.preview("--expect-no-changes")
    project.destroy()
    assert not twin.number()["voice_url"]
