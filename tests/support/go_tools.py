"""Pulumi's programs that are built from Go modules for the tests, once on a machine.

The language hosts of Node.js and Go come from the last release in which they are part of the SDK module, as
`make install` builds the one of Python. The host of YAML is a module of its own. The generator of SDKs is the
CLI's own code, called directly, since those hosts do not have it.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

import pytest

__all__ = ["LANGUAGE_HOSTS", "SDK_GENERATOR", "YAML_HOST", "GoTool", "folder_of", "needs_go"]

MODULES = Path(__file__).parents[2] / "tools" / "pulumi"
needs_go = pytest.mark.skipif(
    shutil.which("go") is None, reason="Go is not installed, and Pulumi's language hosts are built with it"
)


@dataclass(frozen=True)
class GoTool:
    """Executables that are built together.

    Attributes:
        module: the folder of the Go module, in ``tools/pulumi``.
        packages: the packages to build.
    """

    module: str
    packages: tuple[str, ...]


_SDK = "github.com/pulumi/pulumi/sdk/v3"
YAML_HOST = GoTool("yaml-host", ("github.com/pulumi/pulumi-yaml/cmd/pulumi-language-yaml",))
LANGUAGE_HOSTS = GoTool(
    "language-hosts",
    (f"{_SDK}/nodejs/cmd/pulumi-language-nodejs", f"{_SDK}/go/pulumi-language-go"),
)
SDK_GENERATOR = GoTool("cli", ("./sdk-generator",))


def folder_of(tool: GoTool) -> Path:
    """Return the folder with the executables; build them if no earlier test on this machine did."""
    module = MODULES / tool.module
    base = os.environ.get("XDG_CACHE_HOME", "")
    cache = (Path(base) if Path(base).is_absolute() else Path.home() / ".cache") / "voicehooks" / "go-tools"
    sources = [module / "go.sum", *sorted(module.rglob("*.go"))]
    version = hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()[:16]
    target = cache / f"{tool.module}-{version}"
    if target.exists():
        return target
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".new-", dir=cache) as scratch:
        built = Path(scratch) / "bin"
        built.mkdir()
        result = subprocess.run(
            ["go", "build", "-buildvcs=false", "-ldflags", "-s -w", "-o", str(built), *tool.packages],
            cwd=module,
            env={**os.environ, "GOWORK": "off", "GOFLAGS": "-mod=readonly"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert result.returncode == 0, result.stderr
        try:
            built.rename(target)
        except OSError:
            assert target.exists(), f"{target} cannot be written"  # another process was first
    return target
