"""A stack of the real Pulumi engine in a folder of its own."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml  # type: ignore[import-untyped]

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["PulumiStack"]

_BIN = Path(sys.executable).parent
_ROOT = Path(__file__).resolve().parents[1]


class PulumiStack:
    """One program, one stack, a file backend; previews refresh.

    Args:
        folder: where everything of it is made.
        provider: the plugin's name.
        module: the Python module that serves it when run as a program, or None for an installed plugin.
        config: the stack's configuration.
        program: the Python program's text.
    """

    def __init__(
        self, folder: Path, *, provider: str, module: str | None, config: Mapping[str, Any], program: str
    ) -> None:
        self.folder = folder
        (folder / "state").mkdir(parents=True)
        plugin_folder = folder if module else _BIN
        if module:
            _write_plugin(folder / f"pulumi-resource-{provider}", module)
        self._write(
            "Pulumi.yaml",
            {
                "name": "bench",
                "runtime": "python",
                "options": {"refresh": "always"},
                "plugins": {"providers": [{"name": provider, "path": str(plugin_folder)}]},
            },
        )
        (folder / "__main__.py").write_text(program, encoding="utf-8")
        self._run("stack", "init", "bench")
        settings = folder / "Pulumi.bench.yaml"
        known = yaml.safe_load(settings.read_text(encoding="utf-8")) if settings.exists() else {}
        self._write("Pulumi.bench.yaml", {**known, "config": dict(config)})

    def up(self) -> float:
        """Deploy, writing the state once instead of after every resource; returns seconds."""
        once = {"PULUMI_EXPERIMENTAL": "true", "PULUMI_SKIP_CHECKPOINTS": "true"}
        return self._timed("up", "--yes", "--skip-preview", environment=once)

    def preview(self) -> float:
        """Preview, which must find nothing to do; returns seconds."""
        return self._timed("preview", "--expect-no-changes")

    def _timed(self, *arguments: str, environment: Mapping[str, str] | None = None) -> float:
        started = time.perf_counter()
        self._run(*arguments, environment=environment)
        return time.perf_counter() - started

    def _run(self, *arguments: str, environment: Mapping[str, str] | None = None) -> None:
        foreign = ("PULUMI_", "TWILIO_", "SUPABASE_")
        own = {
            "PULUMI_BACKEND_URL": f"file://{self.folder}/state",
            "PULUMI_CONFIG_PASSPHRASE": "bench",
            "PULUMI_STACK": "bench",
            "PULUMI_SKIP_UPDATE_CHECK": "true",
        }
        kept = {k: v for k, v in os.environ.items() if not k.startswith(foreign)}
        done = subprocess.run(
            [_BIN / "pulumi", *arguments, "--non-interactive"],
            cwd=self.folder,
            env={**kept, **own, **(environment or {})},
            capture_output=True,
            text=True,
            check=False,
            stdin=subprocess.DEVNULL,
        )
        if done.returncode != 0:
            raise RuntimeError(
                f"pulumi {' '.join(arguments)} failed:\n{done.stdout[-3000:]}{done.stderr[-1000:]}"
            )

    def _write(self, name: str, content: Mapping[str, Any]) -> None:
        (self.folder / name).write_text(yaml.safe_dump(dict(content)), encoding="utf-8")


def _write_plugin(path: Path, module: str) -> None:
    lines = (
        f"#!{sys.executable}",
        "import sys",
        f"sys.path.insert(0, {str(_ROOT)!r})",
        f"from {module} import main",
        "main()",
    )
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
