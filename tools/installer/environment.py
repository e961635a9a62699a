"""The virtual environment `.venv` with the pinned requirements and this repository's distributions."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from pathlib import Path

from tools.installer.errors import InstallError

REQUIREMENTS = ("requirements.txt", "requirements-dev.txt")


def prepare(root: Path) -> None:
    """Create `.venv` where it is missing and install what changed since the last time.

    Raises:
        InstallError: no virtual environment can be made, or pip failed.
    """
    venv = root / ".venv"
    stamp = venv / ".voicehooks-installed"
    wanted = _fingerprint(root)
    if stamp.is_file() and stamp.read_text() == wanted:
        return
    if not _is_usable(venv):
        print(f"Creating .venv with Python {sys.version.split()[0]}", flush=True)
        _create(venv)
    print("Installing the pinned requirements into .venv (about a minute the first time)", flush=True)
    pip = [str(venv / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    _run_pip([*pip, "-r", "requirements-dev.txt"], root)
    # The build backend is installed by now, so none has to be fetched for each of our own distributions.
    _run_pip([*pip, "--no-build-isolation", "-r", "requirements.txt"], root)
    stamp.write_text(wanted)


def _fingerprint(root: Path) -> str:
    """Everything that makes a new installation necessary: requirements, project files, the place."""
    digest = hashlib.sha256()
    projects = [root / "pyproject.toml", root / "sandbox" / "pyproject.toml"]
    projects += sorted((root / "providers").glob("*/pyproject.toml"))
    for file in [root / name for name in REQUIREMENTS] + projects:
        digest.update(file.read_bytes() if file.is_file() else b"")
    return json.dumps({"root": str(root), "content": digest.hexdigest()})


def _is_usable(venv: Path) -> bool:
    """Whether `venv` was made at this very place (its scripts carry its path) and its Python runs."""
    python = venv / "bin" / "python"
    check = "import sys, pip; print(sys.prefix); sys.exit(sys.version_info < (3, 11))"
    try:
        answer = subprocess.run([str(python), "-c", check], capture_output=True, text=True, check=False)
    except OSError:
        return False
    pip = venv / "bin" / "pip"
    made_here = pip.is_file() and str(venv) in pip.read_text()[:500]
    return answer.returncode == 0 and Path(answer.stdout.strip()) == venv and made_here


def _create(venv: Path) -> None:
    # The interpreter behind sys.executable, in case that is the very environment which has to be made anew.
    base = getattr(sys, "_base_executable", sys.executable)
    command = [base, "-m", "venv", "--clear", str(venv)]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    if answer.returncode != 0:
        detail = " ".join((answer.stdout + answer.stderr).split())
        raise InstallError(
            f"{base} could not create a virtual environment ({detail[:300]}); install Python's venv and "
            "ensurepip (on Debian and Ubuntu: apt install python3-venv), or name another Python: "
            "make install PYTHON=/path/to/python3"
        )


def _run_pip(command: list[str], root: Path) -> None:
    answer = subprocess.run(command, cwd=root, stdin=subprocess.DEVNULL, check=False)
    if answer.returncode != 0:
        raise InstallError(
            "pip could not install the requirements (its own message stands above); "
            "check the connection to the package index and run make install again"
        )
