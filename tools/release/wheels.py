"""The wheels of a release: the two providers and the kit that both need."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

from tools.release.errors import ReleaseError

__all__ = ["KIT", "PROVIDERS", "build", "wheel"]

KIT = "pulumi-provider-kit"
PROVIDERS = ("twilio", "supabase")


def build(root: Path, output: Path, *, tag: str, repository: str) -> None:
    """Build the wheels.

    Each names the repository in its metadata, which the clone does not know. The plugin's schema takes its
    homepage, its download address and Go's import path from there.

    Args:
        root: this repository.
        output: an empty or new folder for the wheels.
        tag: the release's tag, for example v0.1.0.
        repository: the repository on GitHub, OWNER/NAME.

    Raises:
        ReleaseError: a distribution's version is not the tag's, the folder is not empty, or a build failed.
    """
    if not re.fullmatch(r"[\w.-]+/[\w.-]+", repository):
        raise ReleaseError(f"{repository!r} is not a repository; write OWNER/NAME, as in its address")
    if output.exists() and any(output.iterdir()):
        raise ReleaseError(f"{output} is not empty; name another folder with --output")
    folders = [root / "providers" / name for name in (KIT, *(f"pulumi-{name}" for name in PROVIDERS))]
    for folder in folders:
        project = tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8"))["project"]
        if tag != f"v{project['version']}":
            raise ReleaseError(
                f"the tag is {tag}, but {project['name']} has version {project['version']}; set the version in "
                f"{folder.relative_to(root)}/pyproject.toml first, or tag v{project['version']}"
            )
    with tempfile.TemporaryDirectory() as scratch:
        sources = [_stamped(folder, Path(scratch), repository) for folder in folders]
        # --no-build-isolation: the build backend of requirements.lock, no other one is downloaded.
        options = ["--quiet", "--disable-pip-version-check", "--no-deps", "--no-index", "--no-build-isolation"]
        command = [
            sys.executable,
            "-m",
            "pip",
            "wheel",
            *options,
            "--wheel-dir",
            str(output),
            *map(str, sources),
        ]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise ReleaseError(f"the wheels could not be built:\n{done.stdout}{done.stderr}")


def wheel(output: Path, distribution: str) -> Path:
    """Return the wheel of a distribution."""
    found = list(output.glob(f"{distribution.replace('-', '_')}-*.whl"))
    if len(found) != 1:
        raise ReleaseError(f"{output} has {len(found)} wheels of {distribution}; it should have one")
    return found[0]


def _stamped(folder: Path, scratch: Path, repository: str) -> Path:
    """Copy a distribution's source and name the repository in it."""
    copy = scratch / folder.name
    shutil.copytree(
        folder, copy, ignore=shutil.ignore_patterns("venv", "build", "dist", "__pycache__", "*.egg-info")
    )
    with (copy / "pyproject.toml").open("a", encoding="utf-8") as file:
        file.write(f'\n[project.urls]\nRepository = "https://github.com/{repository}"\n')
    return copy
