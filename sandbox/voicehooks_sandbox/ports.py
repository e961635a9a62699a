"""Loopback ports: taking them, and saying who has one that is taken."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import sys
from pathlib import Path

from voicehooks_sandbox.errors import SandboxError

LOOPBACK = "127.0.0.1"
_LINUX = sys.platform.startswith("linux")


def listen(port: int, *, purpose: str, option: str, preferred: int | None = None) -> socket.socket:
    """Open a listening socket on the loopback interface.

    Args:
        port: The port; 0 takes a free one.
        purpose: What the port serves, for the error message.
        option: The command line option that sets it, for the error message.
        preferred: With port 0: a port to try first, so that a restart keeps its addresses.

    Raises:
        SandboxError: The port is taken; names the port, its holder and the option.
    """
    if port == 0 and preferred:
        with contextlib.suppress(OSError):
            return _bind(preferred)
    try:
        return _bind(port)
    except OSError as error:
        msg = (
            f"Port {port} ({purpose}) is taken{_holder(port)}; "
            f"stop that, or choose another port with {option} (0 takes a free one)."
        )
        raise SandboxError(msg) from error


def _bind(port: int) -> socket.socket:
    # With the protocol named, asyncio switches Nagle's delay off on accepted connections.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((LOOPBACK, port))
        listener.listen(512)
        listener.setblocking(False)
    except BaseException:
        listener.close()
        raise
    return listener


def _holder(port: int) -> str:
    """Describe the process that listens on a port, as far as this user may know."""
    with contextlib.suppress(OSError, subprocess.SubprocessError):
        pid = _listening_pid_linux(port) if _LINUX else _listening_pid_lsof(port)
        if pid is not None:
            name = subprocess.run(
                ["/bin/ps", "-o", "args=", "-p", str(pid)], capture_output=True, text=True, check=False
            )
            return f" by process {pid} ({name.stdout.strip()[:200] or 'unknown'})"
    return ""


def _listening_pid_linux(port: int) -> int | None:
    inodes = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        with contextlib.suppress(FileNotFoundError):
            for line in Path(table).read_text(encoding="ascii").splitlines()[1:]:
                fields = line.split()
                if fields[3] == "0A" and int(fields[1].rpartition(":")[2], 16) == port:
                    inodes.add(f"socket:[{fields[9]}]")
    for process in Path("/proc").glob("[0-9]*/fd"):
        with contextlib.suppress(OSError):
            if any(str(entry.readlink()) in inodes for entry in process.iterdir()):
                return int(process.parent.name)
    return None


def _listening_pid_lsof(port: int) -> int | None:
    found = subprocess.run(
        ["/usr/sbin/lsof", "-nP", "-t", f"-iTCP:{port}", "-sTCP:LISTEN"],
        capture_output=True,
        text=True,
        check=False,
    )
    return int(found.stdout.split()[0]) if found.stdout.strip() else None
