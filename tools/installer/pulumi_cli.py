"""Provides the Pulumi CLI that this project is tested with, verified: from our cache, downloaded, or built.

The download comes before the build, because it takes seconds, and the build takes Go and five minutes. If
this repository pins no checksum, a person's download is verified with the checksums that the vendor publishes
in two places. That needs less trust than the vendor's own installer, because both places would have to be
changed, and more than a build, whose sources are pinned by `go.sum`. So `make install` and `verified.txt` say
which one it was. A continuous integration job (`CI` is set) accepts only pinned checksums, and so does
`CI=true make install`.

A CLI on PATH was not verified here and may be any release. It is used if the user says so, or, on a person's
machine, if nothing else is available, with a notice.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from tools.installer import go_build
from tools.installer.download import PUBLISHED, download
from tools.installer.errors import InstallError
from tools.installer.release import CLI, LANGUAGE_HOST, VERSION, PulumiCli, is_new_enough, version_of
from tools.installer.wrapper import is_wrapper

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

_VERIFIED = "verified.txt"
_GO_SUM = "go.sum"


def obtain(cache: Path, *, modules: Path, path: str, given: str = "", in_ci: bool = False) -> PulumiCli:
    """Return the CLI to use. A downloaded or built CLI is stored in `cache`, where other clones find it.

    Args:
        cache: our folder for CLIs, one sub-folder per version.
        modules: the folder with the pinned checksums and the Go modules `cli` and `python-host`.
        path: the value of PATH to search.
        given: the executable that the user wants to use instead, or an empty string.
        in_ci: whether this is a continuous integration job, which accepts only pinned checksums.

    Raises:
        InstallError: no CLI is available; the message says why and what to install.
    """
    if given:
        return _given(Path(given), path)
    found = cached(cache, pinned_only=in_ci)
    if found is None:
        reasons = _fetch(cache, modules, pinned_only=in_ci)
        found = cached(cache, pinned_only=in_ci)
    if found is not None:
        _notice(found, path)
        return found
    own = None if in_ci else on_path(path)
    if own is not None:
        print(
            f"Using Pulumi {own.version} ({own.executable}), not verified here: {'; '.join(reasons)}",
            flush=True,
        )
        return own
    raise InstallError(
        f"no Pulumi CLI: {'; '.join(reasons)}. Install Go (https://go.dev/dl/), or Pulumi {VERSION} or newer "
        "(https://www.pulumi.com/docs/install/) and name it, make install PULUMI=/path/to/pulumi"
    )


def _fetch(cache: Path, modules: Path, *, pinned_only: bool) -> list[str]:
    """Try each way until one of them fills the cache; return why the others did not."""
    cache.mkdir(parents=True, exist_ok=True)
    ways: list[Callable[[Path], tuple[Path, str]]] = [
        lambda scratch: download(scratch, modules, pinned_only=pinned_only),
        lambda scratch: (go_build.build(scratch, modules), _GO_SUM),
    ]
    reasons = []
    for get in ways:
        with tempfile.TemporaryDirectory(prefix=".new-", dir=cache) as scratch:
            try:
                folder, proof = get(Path(scratch))
            except InstallError as error:
                reasons.append(str(error))
                continue
            (folder / _VERIFIED).write_text(_verified_by(proof), encoding="utf-8")
            _publish(folder, cache, pinned_only=pinned_only)
        if cached(cache, pinned_only=pinned_only) is not None:
            print(_verified_by(proof), end="", flush=True)
            break
        reasons.append(f"what was verified by {proof} does not run")
    return reasons


def _given(executable: Path, path: str) -> PulumiCli:
    cli = _complete(executable.absolute(), f"{executable.absolute().parent}{os.pathsep}{path}")
    if isinstance(cli, str):
        raise InstallError(f"PULUMI={executable} cannot be used: {cli}")
    print(f"Pulumi {cli.version} ({cli.executable}) is used as you asked; nothing here verified it", flush=True)
    return cli


def _notice(used: PulumiCli, path: str) -> None:
    """Print that another release is installed, and how to use it."""
    other = next((cli for cli in _on_path(path) if isinstance(cli, PulumiCli)), None)
    if other is not None and other.version != used.version:
        print(
            f"Pulumi {other.version} ({other.executable}) is not used: this project's tests run with "
            f"{used.version}, so make uses that. To use yours: make install PULUMI={other.executable}",
            flush=True,
        )


def cache_folder(environment: Mapping[str, str]) -> Path:
    """`$XDG_CACHE_HOME/voicehooks/pulumi`, by default below `~/.cache`."""
    base = environment.get("XDG_CACHE_HOME", "")
    return (Path(base) if Path(base).is_absolute() else Path.home() / ".cache") / "voicehooks" / "pulumi"


def on_path(path: str) -> PulumiCli | None:
    """Return the first CLI on PATH that has a language host, is new enough and is not one of our wrappers."""
    for cli in _on_path(path):
        if isinstance(cli, PulumiCli):
            return cli
        print(f"Not using {cli}", flush=True)
    return None


def _on_path(path: str) -> Iterator[PulumiCli | str]:
    """Yield each CLI on PATH, or why it cannot be used."""
    for entry in path.split(os.pathsep):
        executable = Path(entry or ".").absolute() / CLI
        if os.access(executable, os.X_OK) and not is_wrapper(executable):
            cli = _complete(executable, f"{executable.parent}{os.pathsep}{path}")
            yield cli if isinstance(cli, PulumiCli) else f"{executable}: {cli}"


def cached(cache: Path, *, pinned_only: bool = False) -> PulumiCli | None:
    """Return the verified CLI of our version that an earlier installation stored in the cache.

    Args:
        cache: our folder for CLIs.
        pinned_only: whether to ignore a CLI that was only verified with the vendor's published checksums.
    """
    if not was_verified(cache, pinned_only=pinned_only):
        return None
    folder = cache / f"v{VERSION}"
    cli = _complete(folder / CLI, str(folder))
    return cli if isinstance(cli, PulumiCli) and cli.version == VERSION else None


def _verified_by(proof: str) -> str:
    return f"Verified by {proof}.\n"


def was_verified(cache: Path, *, pinned_only: bool) -> bool:
    """Whether the cached CLI of our version was verified; see `cached`. Starts no process."""
    folder = cache / f"v{VERSION}"
    if (folder / _VERIFIED).is_file():
        proof = (folder / _VERIFIED).read_text(encoding="utf-8")
        return not (pinned_only and proof == _verified_by(PUBLISHED))
    # Before 0.2 a cache could also contain the result of the vendor's install script, which has more files than
    # the three that Go builds.
    built = {CLI, LANGUAGE_HOST, f"{LANGUAGE_HOST}-exec"}
    return folder.is_dir() and {entry.name for entry in folder.iterdir()} == built


def _complete(executable: Path, path: str) -> PulumiCli | str:
    """Return the CLI with its language host, or why it cannot be used."""
    host = shutil.which(LANGUAGE_HOST, path=path)
    if host is None:
        return f"{LANGUAGE_HOST} is not next to it"
    version = version_of(executable)
    if version is None:
        return "it does not report its version"
    if not is_new_enough(version):
        return f"it is {version}, this project needs {VERSION} or newer (before 4)"
    return PulumiCli(executable, Path(host), version)


def _publish(folder: Path, cache: Path, *, pinned_only: bool) -> None:
    """Move a finished folder to its place in one step; the first process wins."""
    target = cache / f"v{VERSION}"
    if target.exists() and cached(cache, pinned_only=pinned_only) is None:
        shutil.rmtree(target)  # incomplete, or not verified
    try:
        folder.rename(target)
    except OSError:
        if cached(cache, pinned_only=pinned_only) is None:
            raise
