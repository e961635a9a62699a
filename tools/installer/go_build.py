"""Builds the Pulumi CLI and its Python language host with Go, for machines that cannot reach the vendor.

They are two Go modules because they need two versions of Pulumi's SDK module: the last release whose language
host is part of that module is older than the CLI. The engine works with it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from tools.installer import process
from tools.installer.errors import InstallError
from tools.installer.release import CLI, LANGUAGE_HOST, VERSION

SDK = "github.com/pulumi/pulumi/sdk/v3"
PACKAGES = {
    "cli": (CLI, "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"),
    "python-host": (LANGUAGE_HOST, f"{SDK}/python/cmd/pulumi-language-python"),
}
# Without it the executable reports an empty version.
LINKER_FLAGS = f"-s -w -X {SDK}/go/common/version.Version=v{VERSION}"


def build(scratch: Path, modules: Path) -> Path:
    """Build both into a folder of `scratch`; return that folder.

    Raises:
        InstallError: Go is missing or too old, or the build failed.
    """
    go = shutil.which("go")
    if go is None:
        raise InstallError("it could not be built (Go is not installed)")
    print(
        f"Building Pulumi {VERSION} with Go: once on this machine, about five minutes on two cores",
        flush=True,
    )
    target = scratch / "bin"
    for module, (name, package) in PACKAGES.items():
        flags = ["-buildvcs=false", "-ldflags", LINKER_FLAGS, "-o", str(target / name)]
        process.run(
            [go, "build", *flags, package],
            doing=f"building {name}",
            failed="it could not be built",
            log=scratch / f"{name}.log",
            cwd=modules / module,
            env=_environment(),
        )
    shutil.copy(_sdk_folder(go, modules / "python-host") / "python" / "cmd" / f"{LANGUAGE_HOST}-exec", target)
    (target / f"{LANGUAGE_HOST}-exec").chmod(0o755)
    return target


def _sdk_folder(go: str, module: Path) -> Path:
    """Return the folder with the sources of the SDK module from which the language host is built."""
    answer = subprocess.run(
        [go, "list", "-m", "-f", "{{.Dir}}", SDK],
        cwd=module,
        env=_environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    if answer.returncode != 0:
        raise InstallError(f"it could not be built ({answer.stderr.strip()})")
    return Path(answer.stdout.strip())


def _environment() -> dict[str, str]:
    # The user's own workspace or vendoring must not change which versions are built.
    return {**os.environ, "GOWORK": "off", "GOFLAGS": "-mod=readonly"}
