"""The lock: made by the real uv, installed by the real pip, from a folder of wheels instead of an index."""

from __future__ import annotations

import base64
import hashlib
import subprocess
import zipfile
from pathlib import Path

import pytest

from tools import lock
from tools.installer import environment
from tools.installer.environment import LOCK, own_distributions
from tools.installer.errors import InstallError
from tools.scan import lock as scan_lock

ROOT = Path(__file__).resolve().parents[3]


def wheel(folder: Path, name: str, version: str, *, needs: str = "", tag: str = "py3-none-any") -> Path:
    """Write a wheel with one module."""
    folder.mkdir(exist_ok=True)
    info = f"{name}-{version}.dist-info"
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
    content = {
        f"{name}.py": f"version = {version!r}\n",
        f"{info}/METADATA": metadata + (f"Requires-Dist: {needs}\n" if needs else ""),
        f"{info}/WHEEL": f"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: {tag}\n",
    }
    record = [
        f"{path},sha256={base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).decode().rstrip('=')},"
        for path, text in content.items()
    ]
    file = folder / f"{name}-{version}-{tag}.whl"
    with zipfile.ZipFile(file, "w") as archive:
        for path, text in content.items():
            archive.writestr(path, text)
        archive.writestr(f"{info}/RECORD", "\n".join([*record, f"{info}/RECORD,,", ""]))
    return file


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with one distribution of its own, whose requirements are wheels in a folder."""
    wheels = tmp_path / "wheels"
    wheel(wheels, "above", "1.0", needs="below>=1")
    wheel(wheels, "below", "1.0")
    for program in ("UV", "PIP"):
        monkeypatch.setenv(f"{program}_NO_INDEX", "1")
        monkeypatch.setenv(f"{program}_FIND_LINKS", str(wheels))
    monkeypatch.setenv("UV_NO_CACHE", "1")
    monkeypatch.setattr(lock, "PYTHONS", lock.PYTHONS[:1])
    monkeypatch.setattr(lock, "PLATFORMS", (lock.PLATFORMS[0], lock.PLATFORMS[-1]))
    root = tmp_path / "repository"
    (root / "own").mkdir(parents=True)
    (root / "own" / "pyproject.toml").write_text(
        "[project]\nname = 'of-us'\nversion = '1'\ndependencies = ['above']\n"
    )
    (root / "requirements.txt").write_text("above==1.0\n-e ./own\n")
    (root / "requirements-dev.txt").write_text("# nothing\n")
    return root


def pins(root: Path) -> list[tuple[str, str]]:
    """What the lock names."""
    return [entry.pin for entry in scan_lock.entries((root / LOCK).read_text())]


def problems(root: Path) -> list[str]:
    """What `make check` says of the lock, leaving out what this very environment has installed."""
    text = (root / LOCK).read_text()
    return [str(finding) for finding in (*scan_lock.verified(text), *scan_lock.agrees(root, text))]


def test_the_lock_has_what_the_requirements_need_in_turn(repository: Path) -> None:
    """Requirements, and what these need, with the hash of each file; our own distribution is no part of it."""
    lock.write(repository)

    assert pins(repository) == [("above", "1.0"), ("below", "1.0")]
    text = (repository / LOCK).read_text()
    for file in (repository.parent / "wheels").iterdir():
        assert f"--hash=sha256:{hashlib.sha256(file.read_bytes()).hexdigest()}" in text
    assert problems(repository) == []


def test_versions_stay_until_an_upgrade_is_asked_for(repository: Path) -> None:
    """A newer version of what nothing pins by name is taken with --upgrade alone."""
    lock.write(repository)
    wheel(repository.parent / "wheels", "below", "1.1")

    lock.write(repository)
    assert pins(repository) == [("above", "1.0"), ("below", "1.0")]
    lock.write(repository, upgrade=True)
    assert pins(repository) == [("above", "1.0"), ("below", "1.1")]


def test_a_platform_without_a_wheel_is_refused(repository: Path) -> None:
    """Where a supported platform has no wheel, the lock stays as it was and the platform is named."""
    lock.write(repository)
    before = (repository / LOCK).read_text()
    (repository.parent / "wheels" / "below-1.0-py3-none-any.whl").unlink()
    wheel(repository.parent / "wheels", "below", "1.2", tag="py3-none-manylinux_2_17_x86_64")

    with pytest.raises(lock.LockError, match=r"(?s)aarch64-apple-darwin, Python 3\.11: .*below==1\.2"):
        lock.write(repository)

    assert (repository / LOCK).read_text() == before


@pytest.mark.parametrize(
    ("file", "before", "after", "said"),
    [
        ("requirements.txt", "above==1.0", "above==1.1", "requirements.txt:1: above==1.1 is not in"),
        ("requirements-dev.txt", "# nothing", "below==2.0", "requirements-dev.txt:1: below==2.0 is not in"),
        ("requirements.txt", "above==1.0\n", "", "requirements.lock:0: it was made from other requirements"),
        ("own/pyproject.toml", "'above'", "'above', 'more'", "requirements.lock:0: it was made from other"),
        (LOCK, "above==1.0", "above>=1.0", "above has no exact version"),
    ],
)
def test_a_lock_of_other_requirements_is_found(
    repository: Path, file: str, before: str, after: str, said: str
) -> None:
    """A changed version, a new or removed requirement and a changed declaration make the lock out of date."""
    lock.write(repository)
    text = (repository / file).read_text()
    assert before in text
    (repository / file).write_text(text.replace(before, after))

    found = problems(repository)
    assert any(said in line for line in found), found
    assert all("run make lock" in line for line in found)


def test_an_entry_without_a_hash_is_found() -> None:
    """A line that somebody added to the lock without hashes."""
    (finding,) = scan_lock.verified("a==1 \\\n    --hash=sha256:" + "0" * 64 + "\n    # via b\nb==2\n")

    assert (finding.line, finding.what) == (4, "b has no hash")


def test_what_is_installed_is_compared() -> None:
    """Another version than the locked one, and one that is missing, are found; another system's are not."""
    text = "pytest==0.0.1\nno-such-distribution==1.0\nother==1 ; sys_platform == 'win32'\n"
    found = list(scan_lock.installed(text))

    assert [f.line for f in found] == [1, 2]
    assert found[1].what.endswith("but nothing is installed")


def test_this_repositorys_lock_covers_its_build_backend() -> None:
    """What builds our own distributions is locked too, as pip fetches nothing for them."""
    text = (ROOT / LOCK).read_text()

    assert {"hatchling", "editables", "pip"} <= {entry.pin[0] for entry in scan_lock.entries(text)}
    assert len(own_distributions(ROOT)) == 6
    assert problems(ROOT) == []


def test_another_file_than_the_locked_one_is_not_installed(repository: Path) -> None:
    """The index serves a file with the same name and version but other content: pip refuses it."""
    lock.write(repository)
    (repository / "requirements.txt").write_text("above==1.0\n")  # our own needs a build backend
    wheels = repository.parent / "wheels"
    original = (wheels / "below-1.0-py3-none-any.whl").read_bytes()
    with zipfile.ZipFile(wheels / "below-1.0-py3-none-any.whl", "a") as archive:
        archive.writestr("stowaway.py", "print('hello')")

    with pytest.raises(InstallError, match="hash does not match"):
        environment.prepare(repository)
    python = repository / ".venv" / "bin" / "python"
    assert subprocess.run([python, "-c", "import above"], capture_output=True, check=False).returncode != 0

    (wheels / "below-1.0-py3-none-any.whl").write_bytes(original)
    install = [python, "-m", "pip", "install", "--quiet", "--require-hashes", "--only-binary", ":all:"]
    subprocess.run([*install, "--requirement", repository / LOCK], check=True, capture_output=True)
    subprocess.run([python, "-c", "import above, below"], check=True)
