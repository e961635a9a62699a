"""The real Pulumi engine in a folder of its own: a program, a stack, a file backend."""

from __future__ import annotations

import atexit
import functools
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tests.support.waiting import PATIENCE

__all__ = ["EngineFailed", "Outcome", "Project"]

BIN = Path(sys.executable).parent
PULUMI = BIN / "pulumi"


class EngineFailed(AssertionError):
    """A command failed; the text is all that it printed."""


@dataclass(frozen=True)
class Outcome:
    """What a command printed, standard output and error together."""

    text: str

    def __contains__(self, part: str) -> bool:
        return part in self.text


class Project:
    """A Pulumi project in a temporary folder.

    Args:
        folder: where everything of it is.
        config: the stack's configuration, key to value; nested values and ``Secret`` texts as YAML has them.
        refresh: whether previews and updates look at what is live first.
        definition: the content of Pulumi.yaml, in place of one for a program in the folder itself.
    """

    def __init__(
        self,
        folder: Path,
        config: Mapping[str, Any],
        *,
        refresh: bool = True,
        definition: Mapping[str, Any] | None = None,
    ) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self._write(
            "Pulumi.yaml",
            definition
            or {
                "name": "trial",
                "runtime": "python",
                "options": {"refresh": "always"} if refresh else {},
                "plugins": {
                    "providers": [{"name": n, "path": str(BIN)} for n in ("twilio", "supabase")],
                },
            },
        )
        name = yaml.safe_load((folder / "Pulumi.yaml").read_text(encoding="utf-8"))["name"]
        shutil.copytree(_new_stack(name), folder, dirs_exist_ok=True)
        self.configure(config)

    def configure(self, config: Mapping[str, Any]) -> None:
        """Write the stack's configuration, keeping the passphrase's salt."""
        path = self.folder / "Pulumi.test.yaml"
        known = yaml.safe_load(path.read_text(encoding="utf-8")) if path.exists() else {}
        self._write("Pulumi.test.yaml", {**known, "config": {**known.get("config", {}), **config}})

    def set_secret(self, key: str, value: str) -> None:
        """Set a secret as a user does; it is encrypted in the configuration."""
        self.set_secrets({key: value})

    def set_secrets(self, values: Mapping[str, str]) -> None:
        """Set several secrets in one process."""
        self.run(
            "config", "set-all", *(part for item in values.items() for part in ("--secret", "=".join(item)))
        )

    def program(self, text: str) -> None:
        """Set the program."""
        (self.folder / "__main__.py").write_text(text, encoding="utf-8")

    def preview(self, *options: str) -> Outcome:
        """Preview with the difference of every property."""
        return self.run("preview", "--diff", "--non-interactive", *options)

    def up(self, *options: str) -> Outcome:
        """Deploy."""
        return self.run("up", "--yes", "--skip-preview", "--non-interactive", *options)

    def destroy(self) -> Outcome:
        """Delete every resource."""
        return self.run("destroy", "--yes", "--skip-preview", "--non-interactive")

    def outputs(self) -> dict[str, Any]:
        """Return the stack's outputs, secrets opened."""
        text = self.run("stack", "output", "--json", "--show-secrets").text
        outputs: dict[str, Any] = json.loads(text)
        return outputs

    def state(self) -> str:
        """Return the state file's text as it lies on the disk."""
        return "".join(p.read_text(encoding="utf-8") for p in sorted((self.folder / "state").rglob("*.json")))

    def resources(self) -> list[dict[str, Any]]:
        """Return the resources of the state."""
        export = json.loads(self.run("stack", "export").text)
        found: list[dict[str, Any]] = export["deployment"].get("resources", [])
        return found

    def run(self, *arguments: str, ok: bool = True) -> Outcome:
        """Run a Pulumi command.

        Raises:
            EngineFailed: it failed and ``ok`` says that it should not.
        """
        result = subprocess.run(
            [PULUMI, *arguments],
            cwd=self.folder,
            env=self.environment(),
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE,
            stdin=subprocess.DEVNULL,
        )
        text = result.stdout + result.stderr
        if ok and result.returncode != 0:
            raise EngineFailed(f"pulumi {' '.join(arguments)} failed:\n{text}")
        if not ok and result.returncode == 0:
            raise EngineFailed(f"pulumi {' '.join(arguments)} should have failed:\n{text}")
        return Outcome(text if arguments[:1] in {("preview",), ("up",)} or not ok else result.stdout)

    def environment(self) -> dict[str, str]:
        """Return the environment that commands run in; without the user's own credentials and stacks."""
        return _environment(self.folder)

    def _write(self, name: str, content: Mapping[str, Any]) -> None:
        (self.folder / name).write_text(yaml.safe_dump(dict(content)), encoding="utf-8")


@functools.cache
def _new_stack(project: str) -> Path:
    """Return a folder with the state and the settings file of a new stack, which the engine makes once."""
    folder = Path(tempfile.mkdtemp(prefix="voicehooks-stack-"))
    atexit.register(shutil.rmtree, folder)
    (folder / "state").mkdir()
    definition = folder / "Pulumi.yaml"
    definition.write_text(yaml.safe_dump({"name": project, "runtime": "python"}), encoding="utf-8")
    subprocess.run(
        [PULUMI, "stack", "init", "test"],
        cwd=folder,
        env=_environment(folder),
        capture_output=True,
        check=True,
        timeout=PATIENCE,
        stdin=subprocess.DEVNULL,
    )
    definition.unlink()
    return folder


def _environment(folder: Path) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("PULUMI_", "TWILIO_", "SUPABASE_"))}
    return {
        **kept,
        "PULUMI_BACKEND_URL": f"file://{folder}/state",
        "PULUMI_CONFIG_PASSPHRASE": "test",
        "PULUMI_STACK": "test",
        "NO_COLOR": "1",
    }
