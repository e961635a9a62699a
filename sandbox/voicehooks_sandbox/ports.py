"""Loopback ports: taking them, and saying who has one that is taken."""

from __future__ import annotations

import contextlib
import socket

import psutil

from voicehooks_sandbox.errors import SandboxError

LOOPBACK = "127.0.0.1"


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
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if any(
                connection.status == psutil.CONN_LISTEN and connection.laddr.port == port
                for connection in process.net_connections("tcp")
            ):
                return f" by process {process.pid} ({' '.join(process.cmdline())[:200] or process.name()})"
    return ""
