"""The files of a release, and what a release refuses."""

from __future__ import annotations

import hashlib
import tarfile
from pathlib import Path

import pytest

from tests.packaging.conftest import ROOT, Release
from tools.release import __main__ as release_command
from tools.release import archives
from tools.scan.lock import entries


def test_a_release_has_wheels_archives_and_checksums(release: Release) -> None:
    """One archive for each platform under the name that the engine asks for; each file is in SHA256SUMS."""
    names = {path.name for path in release.folder.iterdir()}
    wheels = {f"{name}-0.1.0-py3-none-any.whl" for name in ("pulumi_twilio", "pulumi_supabase")}
    platforms = ("linux-amd64", "linux-arm64", "darwin-amd64", "darwin-arm64")
    packed = {f"pulumi-resource-{n}-v0.1.0-{p}.tar.gz" for n in ("twilio", "supabase") for p in platforms}
    assert names == {"SHA256SUMS", "provider_kit_for_pulumi-0.1.0-py3-none-any.whl"} | wheels | packed
    sums = dict(reversed(line.split("  ")) for line in (release.folder / "SHA256SUMS").read_text().splitlines())
    assert sums == {
        name: hashlib.sha256((release.folder / name).read_bytes()).hexdigest()
        for name in names - {"SHA256SUMS"}
    }


@pytest.mark.parametrize("name", ["twilio", "supabase"])
def test_an_archive_pins_everything_by_hash(release: Release, name: str) -> None:
    """It has its own wheels, and its requirements name one version and hashes for each other package."""
    with tarfile.open(release.folder / f"pulumi-resource-{name}-v0.1.0-linux-amd64.tar.gz") as archive:
        files = set(archive.getnames())
        requirements = archive.extractfile("requirements.txt")
        assert requirements is not None
        text = requirements.read().decode()
    wheels = {f"wheels/pulumi_{name}-0.1.0-py3-none-any.whl"}
    wheels.add("wheels/provider_kit_for_pulumi-0.1.0-py3-none-any.whl")
    assert files == {"PulumiPlugin.yaml", "__main__.py", "LICENSE", "README.md", "requirements.txt"} | wheels
    own = [line for line in text.splitlines() if line.startswith("./")]
    assert {line.partition(" --hash=")[0].removeprefix("./") for line in own} == wheels
    others = text.replace("\n".join(own), "")
    assert all(entry.pin[1] and entry.hashes for entry in entries(others))
    assert {"pulumi", "httpx", "grpcio"} <= {entry.pin[0] for entry in entries(others)}


def test_the_same_files_make_the_same_archive(release: Release, tmp_path: Path) -> None:
    """Anyone can build an archive again and compare the checksum."""
    for path in release.folder.glob("*.whl"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    archives.build(ROOT, tmp_path, "twilio", version="0.1.0")
    for path in tmp_path.glob("*.tar.gz"):
        assert path.read_bytes() == (release.folder / path.name).read_bytes()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--tag", "v9.9.9", "--repository", "owner/name"], "has version 0.1.0"),
        (["--tag", "v0.1.0", "--repository", "https://github.com/owner/name"], "write OWNER/NAME"),
    ],
)
def test_a_wrong_tag_or_repository_is_refused(
    arguments: list[str], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing is built."""
    assert release_command.main([*arguments, "--output", str(tmp_path / "dist")]) == 1
    assert said in capsys.readouterr().err
    assert not (tmp_path / "dist").exists()


def test_a_folder_with_other_files_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An older file would be published with the release."""
    (tmp_path / "old.whl").touch()
    arguments = ["--tag", "v0.1.0", "--repository", "owner/name", "--output", str(tmp_path)]
    assert release_command.main(arguments) == 1
    assert "is not empty" in capsys.readouterr().err
