"""How `make install` gets the Pulumi CLI: cache, the vendor's release, Go, and what is on PATH."""

from __future__ import annotations

import hashlib
import os
import platform
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from tools.installer import __main__ as installer
from tools.installer import checksums, environment, pulumi_cli, wrapper
from tools.installer.checksums import ADDRESSES
from tools.installer.checksums import FILE as CHECKSUMS
from tools.installer.download import archive_name
from tools.installer.errors import InstallError
from tools.installer.release import LANGUAGE_HOST, VERSION, PulumiCli
from tools.pulumi_checksums import pin

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
    (tmp_path / "modules" / CHECKSUMS).write_text("# none\n")
    return tmp_path / "modules"


def test_cli_on_path_is_found(tmp_path: Path) -> None:
    """A new enough CLI with its language host is one that could be used."""
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
        ("", True, "it does not report its version"),
        (f"v{VERSION}", False, "pulumi-language-python is not next to it"),
    ],
)
def test_unfit_cli_is_passed_over_aloud(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], version: str, host: bool, reason: str
) -> None:
    """A CLI that cannot be used is named with the reason, and the search goes on behind it."""
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


def built(folder: Path, version: str = VERSION) -> None:
    """What a build leaves in the cache."""
    executable(folder / f"{LANGUAGE_HOST}-exec", "exit 0")
    fake_pulumi(folder, version)


def test_cache_of_an_earlier_clone_is_used(tmp_path: Path, tools: Path, modules: Path) -> None:
    """What another clone built is found at once, also if it is of a time before the cache said how."""
    built(tmp_path / "cache" / f"v{VERSION}")
    cli = pulumi_cli.obtain(tmp_path / "cache", modules=modules, path=str(tools))
    assert cli.executable == tmp_path / "cache" / f"v{VERSION}" / "pulumi"


# curl as it is called: the last argument is the address, and -o names the file.
FAKE_CURL = """
for address; do :; done
echo "$address" >> "{folder}/asked"
case $address in
{cases}
*) echo 'curl: (22) The requested URL returned error: 404' >&2; exit 22 ;;
esac
while [ "$1" != -o ]; do shift; done
cp "$served" "$2"
"""
OFFLINE = "echo 'curl: (6) Could not resolve host: get.pulumi.com' >&2; exit 6"


def serve(tools: Path, files: dict[str, Path]) -> None:
    """Let curl find these files by their addresses, and nothing else; `asked` lists what it was asked for."""
    cases = "\n".join(f"'{address}') served='{file}' ;;" for address, file in files.items())
    executable(tools / "curl", FAKE_CURL.format(folder=tools.parent, cases=cases))


@pytest.fixture
def release(tmp_path: Path, tools: Path, modules: Path) -> Path:
    """The vendor's archive for this machine, served by curl; its checksum is pinned."""
    for name in ("pulumi", LANGUAGE_HOST, "pulumi-language-nodejs"):
        executable(tmp_path / "release" / "pulumi" / name, f"echo v{VERSION}")
    name = archive_name(platform.system(), platform.machine())
    archive = tmp_path / name
    with tarfile.open(archive, "w:gz") as content:
        content.add(tmp_path / "release" / "pulumi", "pulumi")
    serve(tools, {f"https://get.pulumi.com/releases/sdk/{name}": archive})
    checksum = hashlib.sha256(archive.read_bytes()).hexdigest()
    (modules / CHECKSUMS).write_text(f"{'0' * 64}  pulumi-v{VERSION}-plan9-x64.tar.gz\n{checksum}  {name}\n")
    return archive


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


def test_the_vendors_release_is_downloaded(tmp_path: Path, tools: Path, modules: Path, release: Path) -> None:
    """An archive with the pinned checksum is unpacked into the cache; only the result stays."""
    cache = tmp_path / "cache"
    cli = pulumi_cli.obtain(cache, modules=modules, path=str(tools))
    assert (cli.executable, cli.version) == (cache / f"v{VERSION}" / "pulumi", VERSION)
    assert [entry.name for entry in cache.iterdir()] == [f"v{VERSION}"]
    assert (cli.executable.parent / "pulumi-language-nodejs").exists()


def test_another_archive_than_the_pinned_one_is_not_unpacked(
    tmp_path: Path, tools: Path, modules: Path, release: Path
) -> None:
    """One byte more: nothing of it is installed, and both checksums are named."""
    pinned = hashlib.sha256(release.read_bytes()).hexdigest()
    release.write_bytes(release.read_bytes() + b"\0")
    served = hashlib.sha256(release.read_bytes()).hexdigest()

    with pytest.raises(InstallError, match=f"has SHA-256 {served}, pinned is {pinned}"):
        pulumi_cli.obtain(tmp_path / "cache", modules=modules, path=str(tools))
    assert list((tmp_path / "cache").iterdir()) == []


def publish(tools: Path, archive: Path, *lists: str | None) -> None:
    """Serve the archive, and these two lists of checksums; None where a list is missing."""
    files = {f"https://get.pulumi.com/releases/sdk/{archive.name}": archive}
    for number, (address, content) in enumerate(zip(ADDRESSES, lists, strict=True)):
        if content is not None:
            files[address] = tools.parent / f"list-{number}"
            files[address].write_text(content)
    serve(tools, files)


PUBLISHED = (
    "Verified by the checksums that Pulumi publishes at GitHub and get.pulumi.com, which agree; "
    "not pinned in this repository.\n"
)


def test_published_checksums_serve_a_person_where_none_is_pinned(
    tmp_path: Path, tools: Path, modules: Path, release: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without Go, on the first use: both lists agree, the archive matches, and it is said what verified it."""
    (modules / CHECKSUMS).write_text("# none\n")
    line = f"{hashlib.sha256(release.read_bytes()).hexdigest()}  {release.name}\n"
    publish(tools, release, line, f"{'0' * 64}  pulumi-v{VERSION}-plan9-x64.tar.gz\n{line}")

    cli = pulumi_cli.obtain(tmp_path / "cache", modules=modules, path=str(tools))

    assert cli.executable == tmp_path / "cache" / f"v{VERSION}" / "pulumi"
    assert cli.executable.with_name("verified.txt").read_text() == PUBLISHED
    assert PUBLISHED in capsys.readouterr().out


@pytest.mark.parametrize(
    ("lists", "reason"),
    [
        (("{right}", "{wrong}"), "do not agree"),
        (("{wrong}", "{wrong}"), "has SHA-256 .*, published is 9999"),
        (("{right}", None), rf"{ADDRESSES[1]} could not be read .*404"),
        ((None, "{right}"), rf"{ADDRESSES[0]} could not be read .*404"),
        (("<html>", "{right}"), rf"{ADDRESSES[0]} has no checksum of pulumi-v"),
    ],
)
def test_published_checksums_in_doubt_verify_nothing(
    tmp_path: Path, tools: Path, modules: Path, release: Path, lists: tuple[str | None, str | None], reason: str
) -> None:
    """Lists that differ, a list that is missing, another archive: nothing is installed, and it is said why."""
    (modules / CHECKSUMS).write_text("# none\n")
    lines = {
        "right": f"{hashlib.sha256(release.read_bytes()).hexdigest()}  {release.name}\n",
        "wrong": f"{'9' * 64}  {release.name}\n",
    }
    publish(tools, release, *(text and text.format(**lines) for text in lists))

    with pytest.raises(InstallError, match=reason):
        pulumi_cli.obtain(tmp_path / "cache", modules=modules, path=str(tools))
    assert list((tmp_path / "cache").iterdir()) == []


def test_published_checksums_do_not_replace_a_pinned_one(
    tmp_path: Path, tools: Path, modules: Path, release: Path
) -> None:
    """The vendor serves another archive than the pinned one, with checksums that match: it is not installed."""
    line = f"{hashlib.sha256(release.read_bytes()).hexdigest()}  {release.name}\n"
    (modules / CHECKSUMS).write_text(f"{'9' * 64}  {release.name}\n")
    publish(tools, release, line, line)

    with pytest.raises(InstallError, match="pinned is 9999"):
        pulumi_cli.obtain(tmp_path / "cache", modules=modules, path=str(tools))
    assert not set((tmp_path / "asked").read_text().split()) & set(ADDRESSES)


def test_a_job_takes_only_what_is_pinned(tmp_path: Path, tools: Path, modules: Path, release: Path) -> None:
    """In CI, with no checksum of this machine's archive: curl is not even called."""
    (modules / CHECKSUMS).write_text(f"{'0' * 64}  pulumi-v{VERSION}-plan9-x64.tar.gz\n")
    executable(tools / "curl", f"touch {tmp_path / 'called'}")

    with pytest.raises(InstallError, match=r"has no checksum of pulumi-v.*`make pulumi-checksums` fetches it"):
        pulumi_cli.obtain(tmp_path / "cache", modules=modules, path=str(tools), in_ci=True)
    assert not (tmp_path / "called").exists()


def test_a_job_replaces_what_only_published_checksums_verified(
    tmp_path: Path, tools: Path, modules: Path, release: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where a job shares a person's cache, the job fetches the pinned archive and replaces it."""
    root = tmp_path / "clone"
    (root / ".venv" / "bin").mkdir(parents=True)
    (root / "tools").mkdir()
    (root / "tools" / "pulumi").symlink_to(modules)
    monkeypatch.setattr(environment, "prepare", lambda _: None)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.delenv("PULUMI", raising=False)
    verified = tmp_path / "cache" / "voicehooks" / "pulumi" / f"v{VERSION}" / "verified.txt"
    line = f"{hashlib.sha256(release.read_bytes()).hexdigest()}  {release.name}\n"
    (modules / CHECKSUMS).write_text("# none\n")
    publish(tools, release, line, line)
    installer.install(root)
    assert verified.read_text() == PUBLISHED

    (modules / CHECKSUMS).write_text(line)
    (tmp_path / "asked").unlink()
    installer.install(root)
    assert not (tmp_path / "asked").exists()

    monkeypatch.setenv("CI", "true")
    installer.install(root)
    assert verified.read_text() == "Verified by the SHA-256 that is pinned in tools/pulumi/checksums.txt.\n"


def test_a_cache_that_nobody_verified_is_replaced(
    tmp_path: Path, tools: Path, modules: Path, release: Path
) -> None:
    """What the vendor's install script once brought into the cache makes room for what was verified."""
    folder = tmp_path / "cache" / f"v{VERSION}"
    built(folder)
    executable(folder / "pulumi-language-go", "exit 0")
    assert pulumi_cli.cached(tmp_path / "cache") is None

    cli = pulumi_cli.obtain(tmp_path / "cache", modules=modules, path=str(tools))
    assert cli.executable.parent == folder
    assert not (folder / "pulumi-language-go").exists()


def test_a_newer_cli_is_left_alone_with_a_notice(
    tmp_path: Path, tools: Path, modules: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The tested release is used although a newer one is installed, and says how to use that."""
    built(tmp_path / "cache" / f"v{VERSION}")
    newer = fake_pulumi(tmp_path / "bin", "v3.300.1")

    cli = pulumi_cli.obtain(tmp_path / "cache", modules=modules, path=f"{tools}:{tmp_path / 'bin'}")

    assert cli.version == VERSION
    said = capsys.readouterr().out
    assert f"Pulumi 3.300.1 ({newer}) is not used" in said
    assert f"make install PULUMI={newer}" in said


def test_a_cli_that_the_user_names_is_used_with_a_notice(
    tmp_path: Path, tools: Path, modules: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """`PULUMI=` names a newer release: it is used; an older one is refused in one sentence."""
    newer = fake_pulumi(tmp_path / "new", "v3.300.1")
    cli = pulumi_cli.obtain(tmp_path / "cache", modules=modules, path=str(tools), given=str(newer))
    assert (cli.executable, cli.version) == (newer, "3.300.1")
    assert "nothing here verified it" in capsys.readouterr().out

    older = fake_pulumi(tmp_path / "old", "v3.100.0")
    with pytest.raises(InstallError, match=f"PULUMI={older} cannot be used: it is 3.100.0"):
        pulumi_cli.obtain(tmp_path / "cache", modules=modules, path=str(tools), given=str(older))


def test_what_is_on_path_is_the_last_resort_and_never_in_ci(
    tmp_path: Path, tools: Path, modules: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Neither download nor build: a person gets the own CLI with the reasons; a job fails."""
    own = fake_pulumi(tmp_path / "bin", "v3.300.1")
    path = f"{tools}:{tmp_path / 'bin'}"
    assert pulumi_cli.obtain(tmp_path / "cache", modules=modules, path=path).executable == own
    said = capsys.readouterr().out
    assert "not verified here" in said
    assert "Go is not installed" in said

    with pytest.raises(InstallError, match="no Pulumi CLI"):
        pulumi_cli.obtain(tmp_path / "cache", modules=modules, path=path, in_ci=True)


@pytest.mark.parametrize(
    ("system", "machine", "part"),
    [
        ("Linux", "x86_64", "linux-x64"),
        ("Linux", "aarch64", "linux-arm64"),
        ("Darwin", "x86_64", "darwin-x64"),
        ("Darwin", "arm64", "darwin-arm64"),
    ],
)
def test_each_supported_machine_has_an_archive(system: str, machine: str, part: str) -> None:
    """The vendor's names, as its release pages have them."""
    assert archive_name(system, machine) == f"pulumi-v{VERSION}-{part}.tar.gz"


def test_a_machine_without_a_release_is_one_sentence() -> None:
    """Another system or processor."""
    with pytest.raises(InstallError, match="no release for Linux on riscv64"):
        archive_name("Linux", "riscv64")


NAMES = [
    f"pulumi-v{VERSION}-{part}.tar.gz" for part in ("darwin-arm64", "darwin-x64", "linux-arm64", "linux-x64")
]


def published(digits: str) -> str:
    """A vendor's list, with an archive that is not needed."""
    names = [*NAMES, f"pulumi-v{VERSION}-windows-x64.zip"]
    return "".join(f"{digit * 64}  {name}\n" for digit, name in zip(digits, names, strict=True))


def pinning(file: Path, tools: Path, *lists: str | None) -> str:
    """Pin from these two lists, in order; returns the file."""
    publish(tools, tools.parent / "none", *lists)
    pin(file)
    return file.read_text()


def test_checksums_are_pinned_if_both_places_agree(tmp_path: Path, tools: Path) -> None:
    """The four archives' sums replace earlier ones, remarks stay; the vendor's order does not matter."""
    file = tmp_path / CHECKSUMS
    file.write_text(f"# a remark\n{'9' * 64}  pulumi-v3.1.0-linux-x64.tar.gz\n")
    other_order = "".join(reversed(published("12345").splitlines(keepends=True)))

    assert pinning(file, tools, published("12345"), other_order).splitlines() == [
        "# a remark",
        *(f"{digit * 64}  {name}" for digit, name in zip("1234", NAMES, strict=True)),
    ]


@pytest.mark.parametrize(
    ("lists", "reason"),
    [
        ((published("12345"), published("12395")), "do not agree"),
        ((published("12345"), None), r"could not be read .*404"),
        ((published("12345").splitlines()[0], published("12345")), "has no checksum of pulumi-v"),
    ],
)
def test_checksums_that_are_in_doubt_are_not_pinned(
    tmp_path: Path, tools: Path, lists: tuple[str | None, ...], reason: str
) -> None:
    """Lists that differ, that are not there or that lack an archive leave the file as it is."""
    file = tmp_path / CHECKSUMS
    file.write_text("# a remark\n")

    with pytest.raises(InstallError, match=reason):
        pinning(file, tools, *lists)
    assert file.read_text() == "# a remark\n"


def test_pinned_checksums_are_of_this_release() -> None:
    """Whatever the project pins is of the release that it uses: all four archives or none."""
    pinned = checksums.parse((ROOT / "tools" / "pulumi" / CHECKSUMS).read_text())

    assert sorted(pinned) in ([], NAMES)


def test_without_a_connection_it_is_built(
    tmp_path: Path,
    tools: Path,
    modules: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Offline, Go builds CLI and language host; the user is told beforehand that it takes minutes."""
    executable(tools / "curl", OFFLINE)
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
        "verified.txt",
    ]
    assert "minutes" in capsys.readouterr().out
    assert [entry.name for entry in cache.iterdir()] == [f"v{VERSION}"]


def test_half_a_cache_entry_is_replaced(tmp_path: Path, tools: Path, modules: Path, release: Path) -> None:
    """A broken cache entry (no language host) does not stand in the way of a good one."""
    cache = tmp_path / "cache"
    fake_pulumi(cache / f"v{VERSION}", VERSION, host=False)
    assert pulumi_cli.obtain(cache, modules=modules, path=str(tools)).version == VERSION


def test_nothing_works_is_one_sentence(tmp_path: Path, tools: Path, modules: Path, release: Path) -> None:
    """No connection and no Go: the message says why and names both ways out, and nothing is left behind."""
    executable(tools / "curl", OFFLINE)
    with pytest.raises(InstallError) as caught:
        pulumi_cli.obtain(tmp_path / "cache", modules=modules, path=str(tools))
    message = str(caught.value)
    assert "curl: (6) Could not resolve host: get.pulumi.com" in message
    assert "Go is not installed" in message
    assert "Install Go (https://go.dev/dl/)" in message
    assert f"Pulumi {VERSION} or newer (https://www.pulumi.com/docs/install/)" in message
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
    assert answer.stderr.startswith(f"make install: {old} is not Python 3.11 or newer;")
    assert "make install PYTHON=" in answer.stderr
    assert answer.stderr.count("\n") == 1
    assert sys.version_info >= (3, 11)
