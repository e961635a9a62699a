"""The folders of a Postgres cluster, and the operating system user that may own them.

Postgres refuses to run as root, and a user who is root often works in a folder that nobody else may enter.
Then the data lives under `/var/lib/voicehooks-sandbox`, in a folder of its own; the mode of a folder that
is not ours is never changed, and no operating system user is added.
"""

from __future__ import annotations

import json
import os
import pwd
import shutil
import tempfile
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from voicehooks_sandbox.errors import SandboxError
from voicehooks_sandbox.files import write_atomically
from voicehooks_sandbox.state import StateFolder, reachable_by_others

ROOTS_FOLDER = Path("/var/lib/voicehooks-sandbox")
# A Unix socket's path is limited to 103 bytes on macOS (107 on Linux); ".s.PGSQL.5432" is part of it.
_LONGEST_SOCKET_FOLDER = 80


@dataclass(frozen=True)
class ServerUser:
    """The user that Postgres runs as."""

    uid: int
    gid: int

    def popen_arguments(self) -> dict[str, Any]:
        """Arguments for `subprocess` that make a child run as this user; none when we are this user."""
        if os.geteuid() != 0:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}


@dataclass(frozen=True)
class ClusterFolders:
    """Where one cluster's data and its sockets are."""

    data: Path
    sockets: Path
    user: ServerUser


def server_user() -> ServerUser:
    """The current user, or as root an existing unprivileged one (`postgres`, else `nobody`)."""
    if os.geteuid() != 0:
        return ServerUser(os.geteuid(), os.getegid())
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return ServerUser(entry.pw_uid, entry.pw_gid)
    msg = (
        "Postgres cannot run as root, and there is neither a user postgres nor nobody; "
        "run the sandbox as another user."
    )
    raise SandboxError(msg)


def prepare_folders(state: StateFolder) -> ClusterFolders:
    """Make, or find again, the folders of this state's cluster; the places are recorded in the state."""
    user = server_user()
    record = _read_record(state.postgres_file)
    data = Path(record["data"]) if "data" in record else _choose_data_folder(state)
    if not data.exists():
        data.mkdir(parents=True, mode=0o700)
        os.chown(data, user.uid, user.gid)
    sockets = _socket_folder(record.get("sockets"), user)
    write_atomically(state.postgres_file, json.dumps({"data": str(data), "sockets": str(sockets)}))
    return ClusterFolders(data, sockets, user)


def remove_folders(state: StateFolder) -> None:
    """Delete the data and the sockets of a stopped cluster, wherever they are."""
    record = _read_record(state.postgres_file)
    if "sockets" in record:
        shutil.rmtree(record["sockets"], ignore_errors=True)
    if "data" in record:
        data = Path(record["data"])
        shutil.rmtree(data.parent if data.parent.parent == ROOTS_FOLDER else data, ignore_errors=True)
    state.postgres_file.unlink(missing_ok=True)


def remove_abandoned() -> None:
    """Delete the data of sandboxes whose state folder is gone (root only: others' data is in the state)."""
    if os.geteuid() != 0 or not ROOTS_FOLDER.exists():
        return
    for owner in ROOTS_FOLDER.glob("*/state"):
        state_folder = Path(owner.read_text(encoding="utf-8"))
        if not state_folder.exists():
            shutil.rmtree(owner.parent, ignore_errors=True)


def readable_binaries(postgres_folder: Path) -> Path:
    """The folder of Postgres' programs, copied to where its user may read it if that is necessary."""
    if os.geteuid() != 0 or reachable_by_others(postgres_folder):
        return postgres_folder
    installation = postgres_folder.parent
    copy = _roots_folder() / f"programs-{installation.stat().st_mtime_ns:x}"
    if not copy.exists():
        staging = Path(tempfile.mkdtemp(dir=copy.parent, prefix="copy-"))
        shutil.copytree(installation, staging / "all", symlinks=True)
        _open_to_all(staging / "all")
        try:
            (staging / "all").rename(copy)
        except OSError:  # another sandbox has just made the same copy
            pass
        finally:
            shutil.rmtree(staging, ignore_errors=True)
    return copy / postgres_folder.name


def _choose_data_folder(state: StateFolder) -> Path:
    if os.geteuid() != 0 or reachable_by_others(state.path):
        return state.path / "postgres"
    folder = _roots_folder() / uuid.uuid4().hex[:12]
    folder.mkdir()
    folder.chmod(0o711)  # whatever the umask
    (folder / "state").write_text(str(state.path), encoding="utf-8")
    return folder / "data"


def _roots_folder() -> Path:
    if not ROOTS_FOLDER.exists():
        ROOTS_FOLDER.mkdir(parents=True, exist_ok=True)
        ROOTS_FOLDER.chmod(0o711)
    return ROOTS_FOLDER


def _open_to_all(root: Path) -> None:
    """Let everybody read our copy, and run what its owner may run."""
    for path in (root, *root.rglob("*")):
        if not path.is_symlink():
            mode = path.stat().st_mode
            path.chmod(mode | 0o555 if mode & 0o100 else mode | 0o444)


def _socket_folder(recorded: str | None, user: ServerUser) -> Path:
    """The recorded folder if it is (or can again be made) ours, else a new private one."""
    if recorded is not None:
        folder = Path(recorded)
        try:
            folder.mkdir(mode=0o700)
            os.chown(folder, user.uid, user.gid)
        except FileExistsError:
            status = folder.lstat()
            if status.st_uid == user.uid and status.st_mode & 0o777 == 0o700 and folder.is_dir():
                return folder
        except OSError:
            pass  # its parent is gone: make another one
        else:
            return folder
    base = Path(tempfile.gettempdir())
    if len(str(base)) > _LONGEST_SOCKET_FOLDER - 20 or (os.geteuid() == 0 and not reachable_by_others(base)):
        base = Path("/tmp")  # noqa: S108 - mkdtemp makes a private folder in it
    folder = Path(tempfile.mkdtemp(dir=base, prefix="voicehooks-"))
    os.chown(folder, user.uid, user.gid)
    return folder


def _read_record(file: Path) -> dict[str, str]:
    try:
        record: dict[str, str] = json.loads(file.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    return record
