"""Where a sandbox keeps what must survive it: one folder, laid out here and nowhere else."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

from voicehooks_sandbox.errors import SandboxError
from voicehooks_sandbox.files import write_atomically
from voicehooks_sandbox.processes import ProcessIdentity

DEFAULT_STATE = Path(".voicehooks/sandbox")
PROGRAM = os.environ.get("VOICEHOOKS_SANDBOX_PROGRAM") or "voicehooks-sandbox"
"""The command as the user called it: `voicehooks sandbox` hands over to this program."""


@dataclass(frozen=True)
class RunningSandbox:
    """What a started sandbox says about itself once it is ready."""

    process: ProcessIdentity
    environment: dict[str, str]
    """The connection values, as `voicehooks-sandbox env --json` prints them."""
    ports: dict[str, int]


@dataclass(frozen=True)
class LastPorts:
    """The ports of a state's last sandbox, by name."""

    asked: dict[str, int]
    """Those that were chosen: 0 means any."""
    taken: dict[str, int]


class StateFolder:
    """The state folder of one sandbox."""

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()
        self.lock_file = self.path / "sandbox.lock"
        self.running_file = self.path / "running.json"
        self.children_file = self.path / "children.json"
        self.ports_file = self.path / "ports.json"
        self.postgres_file = self.path / "postgres.json"
        self.secrets_file = self.path / "secrets.json"
        self.auth_file = self.path / "auth.json"
        self.realtime_file = self.path / "realtime.json"
        self.logs = self.path / "logs"
        self.functions = self.path / "functions"
        self.twilio = self.path / "twilio"
        self.proxy = self.path / "proxy"

    def command(self, name: str) -> str:
        """Return a command for this folder, complete, as a message prints it."""
        default = self.path == DEFAULT_STATE.absolute()
        return f"{PROGRAM} {name}" + ("" if default else f" --state {self.path}")

    def create(self) -> None:
        """Make the folder and its fixed subfolders; existing ones keep their mode."""
        try:
            for folder in (self.path, self.logs, self.functions, self.twilio):
                folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            msg = f"The state folder {self.path} cannot be made: {error.strerror}; choose another with --state."
            raise SandboxError(msg) from error

    def forget(self) -> None:
        """Delete what a stopped sandbox has stored here; logs stay."""
        for folder in (self.functions, self.twilio, self.proxy):
            shutil.rmtree(folder, ignore_errors=True)
        for file in (self.secrets_file, self.auth_file, self.realtime_file, self.ports_file):
            file.unlink(missing_ok=True)

    def try_lock(self) -> IO[str] | None:
        """Take the lock that a sandbox holds for its whole life; None when another one has it."""
        file = self.lock_file.open("w", encoding="utf-8")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            return None
        return file

    def write_running(self, running: RunningSandbox, asked_ports: dict[str, int]) -> None:
        """Record a sandbox that is ready, and for the next start the ports chosen (0: any) and taken."""
        ports = {"asked": asked_ports, "taken": running.ports}
        write_atomically(self.ports_file, json.dumps(ports))
        write_atomically(self.running_file, json.dumps(asdict(running), indent=2))

    def read_running(self) -> RunningSandbox | None:
        """Find the sandbox that runs on this state right now, if any."""
        try:
            record = json.loads(self.running_file.read_text(encoding="utf-8"))
        except (FileNotFoundError, ValueError):
            return None
        running = RunningSandbox(ProcessIdentity(**record["process"]), record["environment"], record["ports"])
        return running if running.process.is_running() else None

    def last_ports(self) -> LastPorts:
        """The ports that the sandbox of this state had last; none on a first start."""
        try:
            record = json.loads(self.ports_file.read_text(encoding="utf-8"))
            return LastPorts(record["asked"], record["taken"])
        except (FileNotFoundError, ValueError, KeyError):
            return LastPorts({}, {})


def reachable_by_others(path: Path) -> bool:
    """Tell whether a user other than the owner may enter this folder and all above it."""
    return all(folder.stat().st_mode & 0o001 for folder in (path, *path.parents))
