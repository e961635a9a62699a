"""Find the Pulumi CLI (on PATH, in our cache) or get it (by the vendor's install script, by building it)."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from tools.installer import go_build, process
from tools.installer.errors import InstallError
from tools.installer.release import CLI, LANGUAGE_HOST, VERSION, PulumiCli, is_new_enough, version_of
from tools.installer.wrapper import is_wrapper

if TYPE_CHECKING:
    from collections.abc import Mapping

INSTALL_SCRIPT = "https://get.pulumi.com/install.sh"


def obtain(cache: Path, *, modules: Path, path: str) -> PulumiCli:
    """The CLI to use; what is fetched or built goes into `cache`, where other clones find it.

    Args:
        cache: our folder for CLIs, one sub-folder a version.
        modules: the folder with the Go modules `cli` and `python-host`.
        path: the value of PATH to search.

    Raises:
        InstallError: nothing of it worked; says why and what to install.
    """
    found = on_path(path) or cached(cache)
    if found:
        return found
    cache.mkdir(parents=True, exist_ok=True)
    reasons = []
    for get in (download, go_build.build):
        with tempfile.TemporaryDirectory(prefix=".new-", dir=cache) as scratch:
            try:
                folder = get(Path(scratch), modules)
            except InstallError as error:
                reasons.append(str(error))
                continue
            _publish(folder, cache)
        fresh = cached(cache)
        if fresh:
            return fresh
        reasons.append(f"what {get.__name__} brought into {cache} does not run")
    raise InstallError(
        f"no Pulumi CLI: {'; '.join(reasons)}. Install Pulumi {VERSION} or newer "
        "(https://www.pulumi.com/docs/install/) or Go (https://go.dev/dl/), then run make install again"
    )


def cache_folder(environment: Mapping[str, str]) -> Path:
    """`$XDG_CACHE_HOME/voicehooks/pulumi`, by default below `~/.cache`."""
    base = environment.get("XDG_CACHE_HOME", "")
    return (Path(base) if Path(base).is_absolute() else Path.home() / ".cache") / "voicehooks" / "pulumi"


def on_path(path: str) -> PulumiCli | None:
    """The first CLI on PATH that has a language host, is new enough and is not one of our wrappers."""
    for entry in path.split(os.pathsep):
        executable = Path(entry or ".").absolute() / CLI
        if not os.access(executable, os.X_OK) or is_wrapper(executable):
            continue
        cli = _complete(executable, f"{executable.parent}{os.pathsep}{path}")
        if isinstance(cli, PulumiCli):
            return cli
        print(f"Not using {executable}: {cli}", flush=True)
    return None


def cached(cache: Path) -> PulumiCli | None:
    """The CLI of our version that an earlier installation left in the cache."""
    folder = cache / f"v{VERSION}"
    cli = _complete(folder / CLI, str(folder))
    return cli if isinstance(cli, PulumiCli) else None


def download(scratch: Path, _modules: Path) -> Path:
    """Run the vendor's install script for our version; returns the folder with the executables.

    Raises:
        InstallError: no curl, no connection, or the script failed.
    """
    curl = shutil.which("curl")
    if curl is None:
        raise InstallError("it could not be downloaded (there is no curl)")
    script, target = scratch / "install.sh", scratch / "pulumi"
    failed = "it could not be downloaded"
    fetch = [curl, "-fsSL", "--connect-timeout", "5", "--max-time", "30", "-o", str(script), INSTALL_SCRIPT]
    process.run(fetch, doing="connecting", failed=failed, log=scratch / "curl.log", cwd=scratch)
    print(f"Installing Pulumi {VERSION} with the vendor's script", flush=True)
    process.run(
        ["sh", str(script), "--version", VERSION, "--install-root", str(target), "--no-edit-path"],
        doing="downloading Pulumi",
        failed=failed,
        log=scratch / "install.log",
        cwd=scratch,
        # HOME is ours, so that nothing is written to the user's profile or ~/.pulumi.
        env={**os.environ, "HOME": str(scratch)},
    )
    return target / "bin"


def _complete(executable: Path, path: str) -> PulumiCli | str:
    """The CLI with its language host, or why it does not do."""
    host = shutil.which(LANGUAGE_HOST, path=path)
    if host is None:
        return f"{LANGUAGE_HOST} is not beside it"
    version = version_of(executable)
    if version is None:
        return "it does not say its version"
    if not is_new_enough(version):
        return f"it is {version}, this project needs {VERSION} or newer (before 4)"
    return PulumiCli(executable, Path(host), version)


def _publish(folder: Path, cache: Path) -> None:
    """Move a finished folder to its place in one step; whoever came first there wins."""
    target = cache / f"v{VERSION}"
    if target.exists() and cached(cache) is None:
        shutil.rmtree(target)  # half of something: an older, interrupted copy
    try:
        folder.rename(target)
    except OSError:
        if cached(cache) is None:
            raise
