"""When `make install` creates `.venv` again, when it installs, and when it changes nothing."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tools.installer import environment
from tools.installer.__main__ import install
from tools.installer.errors import InstallError

FAKE_PYTHON = """#!/bin/sh
case "$*" in
    *"-m pip"*) echo "$*" >> "{root}/pip.log"; exit {pip_exit} ;;
    *) echo "{root}/.venv" ;;
esac
"""

# `python -m venv --clear FOLDER`, of which only the environment's own Python and pip matter here.
FAKE_BASE = """#!/bin/sh
echo "$*" >> "{root}/venv.log"
[ {venv_exit} = 0 ] || {{ echo "ensurepip is not available"; exit {venv_exit}; }}
mkdir -p "$4/bin"
cp "{root}/python" "$4/bin/python"
echo "#!$4/bin/python" > "$4/bin/pip"
"""


class Clone:
    """A folder with requirements, and stand-ins for Python and pip that write down their calls."""

    def __init__(self, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.root = root
        self.venv = root / ".venv"
        for name in ("requirements-dev.txt", "requirements.lock", "pyproject.toml"):
            (root / name).write_text("1")
        (root / "requirements.txt").write_text("-e .\n")
        self.set_exit_codes()
        monkeypatch.setattr(sys, "_base_executable", str(root / "base"))

    def set_exit_codes(self, *, venv: int = 0, pip: int = 0) -> None:
        """Let the stand-ins fail or not."""
        for name, text in (("python", FAKE_PYTHON), ("base", FAKE_BASE)):
            (self.root / name).write_text(text.format(root=self.root, venv_exit=venv, pip_exit=pip))
            (self.root / name).chmod(0o755)

    def calls(self, name: str) -> int:
        """How often `venv` or `pip` was called since the last time this was asked."""
        log = self.root / f"{name}.log"
        count = len(log.read_text().splitlines()) if log.exists() else 0
        log.unlink(missing_ok=True)
        return count

    def prepare(self) -> tuple[int, int]:
        """Prepare, and tell how often environments were made and pip was run."""
        environment.prepare(self.root)
        return self.calls("venv"), self.calls("pip")


@pytest.fixture
def clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Clone:
    """A clone before the first installation."""
    return Clone(tmp_path, monkeypatch)


def test_second_time_does_nothing(clone: Clone) -> None:
    """The first time makes the environment and installs; the second time finds nothing to do."""
    assert clone.prepare() == (1, 2)
    assert clone.prepare() == (0, 0)


@pytest.mark.parametrize("name", ["requirements.txt", "requirements.lock", "pyproject.toml"])
def test_changed_requirements_are_installed(clone: Clone, name: str) -> None:
    """A changed lock, project file or list of our own is installed into the environment that is there."""
    clone.prepare()
    (clone.root / name).write_text("-e .\n-e .\n")
    assert clone.prepare() == (0, 2)


def test_only_the_lock_is_installed_and_verified(clone: Clone) -> None:
    """First wheels that the lock has hashes of, then our own distributions, for which nothing is fetched."""
    environment.prepare(clone.root)

    first, second = (clone.root / "pip.log").read_text().splitlines()
    assert "--require-hashes --only-binary :all: --requirement requirements.lock" in first
    assert f"--no-index --no-deps --no-build-isolation --editable {clone.root}" in second


def test_what_the_lock_lacks_is_named(clone: Clone, capsys: pytest.CaptureFixture[str]) -> None:
    """A requirement that was added without `make lock` is not installed, and that is said."""
    (clone.root / "requirements.lock").write_text("some-thing==1.0 \\\n    --hash=sha256:00\n")
    (clone.root / "requirements-dev.txt").write_text("Some_Thing==1.0\nother==2.0 ; python_version > '3'\n")
    environment.prepare(clone.root)

    said = [line for line in capsys.readouterr().out.splitlines() if "make lock" in line]
    assert said == ["other==2.0 is not in requirements.lock, so it is not installed: run make lock"]


def test_moved_clone_gets_a_new_environment(clone: Clone) -> None:
    """Scripts of an environment carry its path: one made elsewhere is created again."""
    clone.prepare()
    (clone.venv / "bin" / "pip").write_text("#!/elsewhere/.venv/bin/python\n")
    (clone.venv / ".voicehooks-installed").write_text("{}")
    assert clone.prepare() == (1, 2)


def test_broken_environment_is_made_anew(clone: Clone) -> None:
    """An environment whose Python is gone (a system upgrade) is created again."""
    clone.prepare()
    (clone.venv / "bin" / "python").unlink()
    (clone.venv / ".voicehooks-installed").unlink()
    assert clone.prepare() == (1, 2)


def test_linked_environment_is_left_alone(clone: Clone) -> None:
    """A git worktree links another checkout's environment: neither packages nor a wrapper go there."""
    clone.prepare()
    worktree = clone.root / "worktree"
    worktree.mkdir()
    (worktree / ".venv").symlink_to(clone.venv)
    install(worktree)
    assert not (clone.venv / "bin" / "pulumi").exists()
    assert (clone.calls("venv"), clone.calls("pip")) == (0, 0)


def test_failed_installation_is_tried_again(clone: Clone) -> None:
    """Pip failed: one sentence, and the next run does not take the environment for complete."""
    clone.set_exit_codes(pip=1)
    with pytest.raises(InstallError, match="pip could not install the requirements"):
        clone.prepare()
    clone.set_exit_codes()
    (clone.venv / "bin" / "python").write_bytes((clone.root / "python").read_bytes())
    clone.calls("venv")
    clone.calls("pip")
    assert clone.prepare() == (0, 2)


def test_python_without_venv_is_one_sentence(clone: Clone) -> None:
    """Debian's Python lacks venv's parts: the message says what Python said and which package has them."""
    clone.set_exit_codes(venv=1)
    with pytest.raises(InstallError) as caught:
        clone.prepare()
    assert "ensurepip is not available" in str(caught.value)
    assert "apt install python3-venv" in str(caught.value)
    assert "\n" not in str(caught.value)
