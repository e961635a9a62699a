"""How `make install` comes by the Pulumi CLI: PATH, cache, the vendor's script, Go."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tools.installer import pulumi_cli, wrapper
from tools.installer.errors import InstallError
from tools.installer.release import LANGUAGE_HOST, VERSION, PulumiCli

ROOT = Path(__file__).resolve().parents[3]


def executable(file: Path, body: str) -> Path:
    """A small script on disk."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"#!/bin/sh\n{body}\n")
    file.chmod(0o755)
    return file


def fake_pulumi(folder: Path, version: str, *, host: bool = True) -> Path:
    """A `pulumi` that knows its version, with or without a language host beside it."""
    if host:
        executable(folder / LANGUAGE_HOST, "exit 0")
    return executable(folder / "pulumi", f"echo {version}")


@pytest.fixture
def tools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is the whole PATH but for the system's own small programs."""
    folder = tmp_path / "tools"
    folder.mkdir()
    for name in ("sh", "mkdir", "cp", "chmod", "cat", "dirname", "echo"):
        real = next(Path(place) / name for place in ("/bin", "/usr/bin") if (Path(place) / name).exists())
        (folder / name).symlink_to(real)
    monkeypatch.setenv("PATH", str(folder))
    return folder


@pytest.fixture
def modules(tmp_path: Path) -> Path:
    """Stands for tools/pulumi."""
    for name in ("cli", "python-host"):
        (tmp_path / "modules" / name).mkdir(parents=True)
    return tmp_path / "modules"


def test_cli_on_path_is_used(tmp_path: Path) -> None:
    """A new enough CLI with its language host is taken, and nothing is fetched."""
    found = fake_pulumi(tmp_path / "bin", "v3.300.1")
    assert pulumi_cli.on_path(f"/nowhere:{tmp_path / 'bin'}") == PulumiCli(
        found, tmp_path / "bin" / LANGUAGE_HOST, "3.300.1"
    )


def test_language_host_may_be_elsewhere_on_path(tmp_path: Path) -> None:
    """CLI and language host in different folders: the wrapper puts both on PATH."""
    fake_pulumi(tmp_path / "a", VERSION, host=False)
    executable(tmp_path / "b" / LANGUAGE_HOST, "exit 0")
    found = pulumi_cli.on_path(f"{tmp_path / 'a'}:{tmp_path / 'b'}")
    assert found is not None
    assert found.folders == [tmp_path / "a", tmp_path / "b"]


@pytest.mark.parametrize(
    ("version", "host", "reason"),
    [
        ("v3.258.9", True, f"it is 3.258.9, this project needs {VERSION} or newer (before 4)"),
        ("v4.0.0", True, f"it is 4.0.0, this project needs {VERSION} or newer (before 4)"),
        ("", True, "it does not say its version"),
        (f"v{VERSION}", False, "pulumi-language-python is not beside it"),
    ],
)
def test_unfit_cli_is_passed_over_aloud(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], version: str, host: bool, reason: str
) -> None:
    """A CLI that will not do is named with the reason, and the search goes on behind it."""
    unfit = fake_pulumi(tmp_path / "old", version, host=host)
    fit = fake_pulumi(tmp_path / "new", f"v{VERSION}")
    path = str(tmp_path / "old")
    assert pulumi_cli.on_path(path) is None
    assert capsys.readouterr().out == f"Not using {unfit}: {reason}\n"
    if host:
        assert pulumi_cli.on_path(f"{path}:{tmp_path / 'new'}") == PulumiCli(
            fit, tmp_path / "new" / LANGUAGE_HOST, VERSION
        )


def test_our_own_wrapper_is_not_a_cli(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The wrapper of this or another clone (an activated .venv) is passed over without a word."""
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    wrapper.write(tmp_path, PulumiCli(fake_pulumi(tmp_path / "bin", VERSION), tmp_path / "bin", VERSION))
    assert pulumi_cli.on_path(str(tmp_path / ".venv" / "bin")) is None
    assert capsys.readouterr().out == ""


def test_cache_of_an_earlier_clone_is_used(tmp_path: Path, tools: Path, modules: Path) -> None:
    """What another clone fetched or built is found at once."""
    fake_pulumi(tmp_path / "cache" / f"v{VERSION}", VERSION)
    cli = pulumi_cli.obtain(tmp_path / "cache", modules=modules, path=str(tools))
    assert cli.executable == tmp_path / "cache" / f"v{VERSION}" / "pulumi"


VENDOR_SCRIPT = f"""
[ "$1 $2 $3 $5" = "--version {VERSION} --install-root --no-edit-path" ] || exit 1
mkdir -p "$4/bin"
printf '#!/bin/sh\\necho v{VERSION}\\n' > "$4/bin/pulumi"
cp "$4/bin/pulumi" "$4/bin/{LANGUAGE_HOST}"
chmod +x "$4/bin/pulumi" "$4/bin/{LANGUAGE_HOST}"
"""

FAKE_CURL = """
while [ "$1" != -o ]; do shift; done
cat > "$2" <<'END'
%s
END
"""

FAKE_GO = f"""
if [ "$1" = build ]; then
    while [ "$1" != -o ]; do shift; done
    mkdir -p "$(dirname "$2")"
    printf '#!/bin/sh\\necho v{VERSION}\\n' > "$2"
    chmod +x "$2"
else
    echo "$SDK_SOURCES"
fi
"""


def test_vendors_script_installs_into_the_cache(tmp_path: Path, tools: Path, modules: Path) -> None:
    """With a connection the vendor's script is run for the pinned version; only the result stays."""
    executable(tools / "curl", FAKE_CURL % VENDOR_SCRIPT)
    cache = tmp_path / "cache"
    cli = pulumi_cli.obtain(cache, modules=modules, path=str(tools))
    assert (cli.executable, cli.version) == (cache / f"v{VERSION}" / "pulumi", VERSION)
    assert [entry.name for entry in cache.iterdir()] == [f"v{VERSION}"]


def test_without_a_connection_it_is_built(
    tmp_path: Path,
    tools: Path,
    modules: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Offline, Go builds CLI and language host; the user is told beforehand that it takes minutes."""
    executable(tools / "curl", "echo 'curl: (6) Could not resolve host: get.pulumi.com' >&2; exit 6")
    executable(tools / "go", FAKE_GO)
    sources = tmp_path / "sdk"
    executable(sources / "python" / "cmd" / f"{LANGUAGE_HOST}-exec", "exit 0")
    monkeypatch.setenv("SDK_SOURCES", str(sources))
    cache = tmp_path / "cache"
    cli = pulumi_cli.obtain(cache, modules=modules, path=str(tools))
    assert sorted(entry.name for entry in cli.executable.parent.iterdir()) == [
        "pulumi",
        "pulumi-language-python",
        "pulumi-language-python-exec",
    ]
    assert "minutes" in capsys.readouterr().out
    assert [entry.name for entry in cache.iterdir()] == [f"v{VERSION}"]


def test_half_a_cache_entry_is_replaced(tmp_path: Path, tools: Path, modules: Path) -> None:
    """A broken cache entry (no language host) does not stand in the way of a good one."""
    cache = tmp_path / "cache"
    fake_pulumi(cache / f"v{VERSION}", VERSION, host=False)
    executable(tools / "curl", FAKE_CURL % VENDOR_SCRIPT)
    assert pulumi_cli.obtain(cache, modules=modules, path=str(tools)).version == VERSION


def test_nothing_works_is_one_sentence(tmp_path: Path, tools: Path, modules: Path) -> None:
    """No connection and no Go: the message says why and names both ways out, and nothing is left behind."""
    executable(tools / "curl", "echo 'curl: (6) Could not resolve host: get.pulumi.com' >&2; exit 6")
    with pytest.raises(InstallError) as caught:
        pulumi_cli.obtain(tmp_path / "cache", modules=modules, path=str(tools))
    message = str(caught.value)
    assert "curl: (6) Could not resolve host: get.pulumi.com" in message
    assert "Go is not installed" in message
    assert f"Install Pulumi {VERSION} or newer (https://www.pulumi.com/docs/install/) or Go" in message
    assert "\n" not in message
    assert list((tmp_path / "cache").iterdir()) == []


def test_failed_build_says_what_go_said(tmp_path: Path, tools: Path, modules: Path) -> None:
    """The last line of a failing build is part of the message."""
    executable(tools / "go", "echo 'go: go.mod requires go >= 1.25 (running go 1.20)' >&2; exit 1")
    with pytest.raises(InstallError, match=r"go\.mod requires go >= 1\.25"):
        pulumi_cli.obtain(tmp_path / "cache", modules=modules, path=str(tools))


def test_cache_folder_honours_xdg() -> None:
    """XDG_CACHE_HOME where it is absolute (as its specification says), else ~/.cache."""
    assert pulumi_cli.cache_folder({"XDG_CACHE_HOME": "/c"}) == Path("/c/voicehooks/pulumi")
    assert pulumi_cli.cache_folder({"XDG_CACHE_HOME": "c"}) == Path.home() / ".cache/voicehooks/pulumi"
    assert pulumi_cli.cache_folder({}) == Path.home() / ".cache/voicehooks/pulumi"


def test_version_is_that_of_the_python_package() -> None:
    """CLI and SDK are pinned to the same release."""
    assert f"\npulumi=={VERSION}\n" in (ROOT / "requirements.txt").read_text()


def test_old_python_is_one_sentence(tmp_path: Path) -> None:
    """A Python that is too old gives one sentence with both remedies, and nothing is installed."""
    old = executable(tmp_path / "python3", "exit 1")
    answer = subprocess.run(
        [str(ROOT / "tools" / "install")],
        env={"PATH": os.environ["PATH"], "PYTHON": str(old)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 1
    assert answer.stderr.startswith(f"make install: {old} is not a Python 3.11 or newer;")
    assert "make install PYTHON=" in answer.stderr
    assert answer.stderr.count("\n") == 1
    assert sys.version_info >= (3, 11)
