"""A release of the providers, built as the release workflow builds it, and the Pulumi CLI."""

from __future__ import annotations

import functools
import http.server
import os
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.waiting import PATIENCE
from tools.installer import pulumi_cli
from tools.installer.release import LANGUAGE_HOST, PulumiCli

ROOT = Path(__file__).resolve().parents[2]
REPOSITORY = "owner/name"


@dataclass(frozen=True)
class Release:
    """The files of a release, and the address at which they can be downloaded."""

    folder: Path
    url: str


def run(command: list[str | Path], folder: Path, variables: Mapping[str, str] | None = None) -> str:
    """Run a command that must succeed; returns what it printed."""
    foreign = ("PULUMI_", "TWILIO_", "SUPABASE_", "PYTHON", "VIRTUAL_ENV")
    kept = {k: v for k, v in os.environ.items() if not k.startswith(foreign)}
    done = subprocess.run(
        command,
        cwd=folder,
        env={**kept, "NO_COLOR": "1", "PULUMI_SKIP_UPDATE_CHECK": "true", **(variables or {})},
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
        stdin=subprocess.DEVNULL,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="session")
def release(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Release]:
    """Build a release and serve its files as a web server does."""
    folder = tmp_path_factory.mktemp("release")
    made = [sys.executable, "-m", "tools.release", "--tag", "v0.1.0", "--repository", REPOSITORY]
    run([*made, "--output", folder], ROOT)
    handler = functools.partial(_Quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield Release(folder, f"http://127.0.0.1:{server.server_port}")
        server.shutdown()


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *arguments: object) -> None:
        """Print nothing."""


@pytest.fixture(scope="session")
def cli() -> PulumiCli:
    """Return the Pulumi CLI that `make install` brought."""
    found = pulumi_cli.cached(pulumi_cli.cache_folder(os.environ)) or pulumi_cli.on_path(os.environ["PATH"])
    assert found is not None, "make install has brought no Pulumi CLI"
    return found


@pytest.fixture
def language_python(cli: PulumiCli, tmp_path: Path) -> Path:
    """Return a folder with Pulumi's Python language host, which runs in the virtual environment `venv`.

    The release that can be built from Go modules knows the option of Pulumi.yaml and PulumiPlugin.yaml only as
    a flag, and takes a plugin's folder for the working directory. This script does what later releases do.
    """
    folder = tmp_path / "language-python"
    folder.mkdir()
    host = folder / LANGUAGE_HOST
    real = cli.language_host
    help_text = subprocess.run([real, "-h"], capture_output=True, text=True, check=False).stderr
    if "-virtualenv" not in help_text:
        host.symlink_to(real)
        return folder
    plugin = '"$PULUMI_HOME"/plugins/resource-twilio-v0.1.0'
    start = folder / "start"
    start.mkdir()
    (start / "python3").write_text(f'#!/bin/sh\nshift\nexec {plugin}/venv/bin/python {plugin} "$@"\n')
    (start / "python3").chmod(0o755)
    host.write_text(
        "#!/bin/sh\n"
        "if [ -f PulumiPlugin.yaml ] || [ -d venv ]; then\n"
        f'  exec {real} -root "$PWD" -virtualenv venv "$@"\n'
        "fi\n"
        f'PATH="{start}:$PATH" exec {real} "$@"\n'
    )
    host.chmod(0o755)
    return folder
