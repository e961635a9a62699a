"""Install what is missing, in order: the virtual environment, the Pulumi CLI, the wrapper around it."""

from __future__ import annotations

import fcntl
import os
import sys
from pathlib import Path

from tools.installer import environment, pulumi_cli, wrapper
from tools.installer.errors import InstallError

ROOT = Path(__file__).resolve().parents[2]


def install(root: Path) -> None:
    """Install or update everything for the clone at `root`; quick and silent if nothing changed.

    A `.venv` that is a link belongs to another checkout (a git worktree links it) and is not changed.

    Raises:
        InstallError: this machine lacks something; the message says what to do.
    """
    if (root / ".venv").is_symlink():
        return
    state = root / ".voicehooks"
    state.mkdir(exist_ok=True)
    with (state / "install.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two terminals may run `make` at the same time
        environment.prepare(root)
        cache = pulumi_cli.cache_folder(os.environ)
        given = os.environ.get("PULUMI", "")
        in_ci = os.environ.get("CI", "") not in {"", "false", "0"}
        allowed = bool(given) or pulumi_cli.was_verified(cache, pinned_only=in_ci)
        if allowed and wrapper.is_current(root, cache=cache, given=given):
            return
        cli = pulumi_cli.obtain(
            cache,
            modules=root / "tools" / "pulumi",
            path=os.environ["PATH"],
            given=given,
            in_ci=in_ci,
        )
        wrapper.write(root, cli)
        print(f"Pulumi {cli.version} ({cli.executable}), called by .venv/bin/pulumi", flush=True)


def main() -> int:
    """Run the installation; exit code 0 or 1."""
    try:
        install(ROOT)
    except InstallError as error:
        print(f"make install: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("make install: interrupted; run it again to resume", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
