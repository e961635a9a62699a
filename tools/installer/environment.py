"""The virtual environment `.venv`: the verified packages of requirements.lock, and our own distributions."""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
from pathlib import Path

from tools.installer.errors import InstallError

REQUIREMENTS = ("requirements.txt", "requirements-dev.txt")
"""The files that people edit; `make lock` writes the lock from them."""
LOCK = "requirements.lock"
"""The lock: every installed version with the hashes of its files."""


def prepare(root: Path) -> None:
    """Create `.venv` if it is missing, and install what changed since the last time.

    Raises:
        InstallError: the virtual environment cannot be created, or pip failed.
    """
    venv = root / ".venv"
    stamp = venv / ".voicehooks-installed"
    wanted = _fingerprint(root)
    if stamp.is_file() and stamp.read_text() == wanted:
        return
    if not _is_usable(venv):
        print(f"Creating .venv with Python {sys.version.split()[0]}", flush=True)
        _create(venv)
    for pin in _not_locked(root):
        print(f"{pin} is not in {LOCK}, so it is not installed: run make lock", flush=True)
    print("Installing the locked requirements into .venv (about a minute the first time)", flush=True)
    pip = [str(venv / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    # Wheels only: no hash covers the code that builds a source distribution.
    _run_pip([*pip, "--require-hashes", "--only-binary", ":all:", "--requirement", LOCK], root)
    # pip cannot install a folder together with hashes. All dependencies are installed by now, the build backend
    # included, so nothing is downloaded.
    editable = [word for folder in own_distributions(root) for word in ("--editable", str(folder))]
    _run_pip([*pip, "--no-index", "--no-deps", "--no-build-isolation", *editable], root)
    stamp.write_text(wanted)


def own_distributions(root: Path) -> list[Path]:
    """Return the folders of this repository's distributions, in the order of requirements.txt."""
    lines = (root / REQUIREMENTS[0]).read_text(encoding="utf-8").splitlines()
    return [root / line.removeprefix("-e ").strip() for line in lines if line.startswith("-e ")]


def _not_locked(root: Path) -> list[str]:
    """Return the requirements that were added or changed since the lock was made."""
    wanted = [line for name in REQUIREMENTS for line in _pins((root / name).read_text(encoding="utf-8"))]
    locked = set(_pins((root / LOCK).read_text(encoding="utf-8")))
    return [pin for pin in wanted if pin not in locked]


def _pins(text: str) -> list[str]:
    # Without the library that reads requirements, because this Python has no packages installed.
    found = re.findall(r"^([\w.-]+)==([\w.+!-]+)", text, re.MULTILINE)
    return [f"{re.sub('[-_.]+', '-', name).lower()}=={version}" for name, version in found]


def _fingerprint(root: Path) -> str:
    """Return a digest of everything that requires a new installation: requirements, project files, path."""
    digest = hashlib.sha256()
    projects = [folder / "pyproject.toml" for folder in own_distributions(root)]
    for file in [root / REQUIREMENTS[0], root / LOCK, *projects]:
        digest.update(file.read_bytes() if file.is_file() else b"")
    return json.dumps({"root": str(root), "content": digest.hexdigest()})


def _is_usable(venv: Path) -> bool:
    """Whether `venv` was created at this path (its scripts contain the path) and its Python runs."""
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
    # The interpreter behind sys.executable, in case that is the very environment which has to be created again.
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
            "pip could not install the requirements (see its message above). If it says that a hash does not "
            "match, the package index serves another file than the one that was locked: do not install it. "
            "Otherwise check the connection to the package index and run make install again"
        )
